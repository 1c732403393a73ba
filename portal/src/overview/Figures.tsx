import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Card, Statistic } from "antd";
import type { ReactNode } from "react";
import { queries } from "../api/queries";
import type { Pool } from "../api/types";
import { useWords } from "../i18n/words";
import { useCan } from "../session/permissions";
import { useProject } from "../session/project";

function Figure({ title, value, to }: { title: string; value?: number | string; to: ReactNode }) {
  return (
    <Card size="small">
      <Statistic title={to ?? title} value={value ?? "…"} />
    </Card>
  );
}

function Count({ plural }: { plural: string }) {
  const words = useWords();
  const project = useProject();
  const { data } = useQuery(queries.list(plural, { limit: 1000, project: project?.id }));
  const title = words.plural(plural);
  return <Figure title={title} value={data && `${data.items.length}${data.next ? "+" : ""}`} to={<Link to="/$plural" params={{ plural }}>{title}</Link>} />;
}

/** The numbers one looks at first. */
export function Figures({ pools }: { pools?: Pool[] }) {
  const { t } = useWords();
  const can = useCan();
  const operations = useQuery(queries.operations).data?.items;
  const running = operations?.filter((o) => !o.endedAt).length;
  const failed = operations?.filter((o) => o.state === "failed").length;
  const sum = (of: (p: Pool) => number) => pools?.reduce((n, p) => n + of(p), 0) ?? 0;
  return (
    <section aria-label={t("overview.counts")} className="figures">
      {pools && <Figure title={t("overview.hostsAlive")} value={`${sum((p) => p.alive)} / ${sum((p) => p.hosts)}`} to={<Link to="/pools">{t("overview.hostsAlive")}</Link>} />}
      {can("list", "server") && <Count plural="servers" />}
      {can("list", "bundle") && <Count plural="bundles" />}
      <Figure title={t("overview.running")} value={running} to={<Link to="/operations">{t("overview.running")}</Link>} />
      <Figure title={t("overview.failed")} value={failed} to={<Link to="/operations">{t("overview.failed")}</Link>} />
    </section>
  );
}
