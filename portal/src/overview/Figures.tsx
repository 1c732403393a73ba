import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { queries } from "../api/queries";
import type { Schemas } from "../api/types";
import { Panel } from "../feedback/Panel";
import { useWords } from "../i18n/words";
import { useCan } from "../session/permissions";
import { useProject } from "../session/project";

/** As both languages write it. The first page does without Intl, which a slow machine takes 50 ms to begin with. */
export const grouped = (n: number) => String(n).replaceAll(/\B(?=(\d{3})+$)/g, ",");

function Figure({ value, to }: { value?: number | string; to: ReactNode }) {
  return (
    <Panel>
      <div className="muted">{to}</div>
      <div className="figure">{typeof value === "number" ? grouped(value) : (value ?? "…")}</div>
    </Panel>
  );
}

function Count({ plural }: { plural: string }) {
  const words = useWords();
  const project = useProject();
  const { data } = useQuery(queries.most(plural, project?.id));
  return <Figure value={data && `${data.items.length}${data.next ? "+" : ""}`} to={<Link to="/$plural" params={{ plural }}>{words.plural(plural)}</Link>} />;
}

/** The numbers one looks at first: of the whole cloud for those who run it, else of what one has. */
export function Figures({ of }: { of?: Schemas["Overview"] }) {
  const { t, plural } = useWords();
  const can = useCan();
  const operations = useQuery(queries.operations).data?.items;
  const running = operations?.filter((o) => !o.endedAt).length;
  const failed = operations?.filter((o) => o.state === "failed").length;
  return (
    <section aria-label={t("overview.counts")} className="figures">
      {of && <Figure value={`${of.total.alive} / ${of.total.hosts}`} to={<Link to="/pools">{t("overview.hostsAlive")}</Link>} />}
      {of ? <Figure value={of.total.servers} to={<Link to="/$plural" params={{ plural: "servers" }}>{plural("servers")}</Link>} /> : can("list", "server") && <Count plural="servers" />}
      {can("list", "bundle") && <Count plural="bundles" />}
      <Figure value={running} to={<Link to="/operations">{t("overview.running")}</Link>} />
      <Figure value={failed} to={<Link to="/operations">{t("overview.failed")}</Link>} />
    </section>
  );
}
