import { ShoppingCartOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Card } from "antd";
import { queries } from "../api/queries";
import { BlueprintCard } from "../bundles/Catalogue";
import { ButtonLink } from "../feedback/ButtonLink";
import { EmptyState } from "../feedback/EmptyState";
import { PageHead } from "../feedback/PageHead";
import { ToneTag } from "../feedback/PhaseTag";
import { ProblemAlert } from "../feedback/ProblemAlert";
import { useWords } from "../i18n/words";
import { type KindInfo, kindNamed } from "../kinds/catalogue";
import { useCan } from "../session/permissions";
import { useProject } from "../session/project";
import { type Left, leftOf, offers } from "./offers";

const simple = "server";

function QuotaLine({ left: l }: { left?: Left }) {
  const { t, language } = useWords();
  if (!l || (l.limit < 0 && l.used === 0)) return null;
  const number = (n: number) => n.toLocaleString(language);
  if (l.limit < 0) return <span className="muted">{t("orders.used", { used: number(l.used) })}</span>;
  return l.left === 0 ? <ToneTag tone="warn">{t("orders.full")}</ToneTag> : <span className="muted">{t("orders.quota", { left: number(l.left), limit: number(l.limit) })}</span>;
}

function Offer({ kind: k, left }: { kind: KindInfo; left?: Left }) {
  const { t, shelf, kind, doc } = useWords();
  return (
    <Card size="small" title={<h3 style={{ fontSize: 15, margin: 0 }}>{kind(k.name)}</h3>} data-offer={k.name}>
      <div className="stack" style={{ gap: 10 }}>
        <div>{shelf("orders.texts")[k.name] ?? doc(k.name, k.doc)}</div>
        <QuotaLine left={left} />
        <div><ButtonLink to="/$plural/new" params={{ plural: k.plural }} aria-label={`${t("orders.order")}: ${kind(k.name)}`}>{t("orders.order")}</ButtonLink></div>
      </div>
    </Card>
  );
}

/** The simple case stands first: a server with all that belongs to it, as one order. */
function Simple() {
  const { t } = useWords();
  return (
    <Card>
      <div className="row" style={{ gap: 16 }}>
        <div style={{ flex: "1 1 420px" }}>
          <h2 style={{ fontSize: 17, margin: "0 0 4px" }}>{t("orders.simple")}</h2>
          <div>{t("orders.simpleText")}</div>
        </div>
        <ButtonLink look="solid" large icon={<ShoppingCartOutlined />} to="/bundles/order/$blueprint" params={{ blueprint: simple }} aria-label={`${t("orders.order")}: ${t("orders.simple")}`}>{t("orders.order")}</ButtonLink>
      </div>
    </Card>
  );
}

/** All that a tenant can order, with what the project's quota leaves of it. */
export function Orders() {
  const { t } = useWords();
  const can = useCan();
  const project = useProject();
  const blueprints = useQuery({ ...queries.blueprints, enabled: can("create", "bundle", project?.id) });
  const quota = useQuery({ ...queries.quota(project?.id ?? ""), enabled: !!project }).data?.items ?? [];
  const kinds = offers.flatMap((o) => {
    const kind = kindNamed(o.kind);
    return kind && can("create", o.kind, project?.id) ? [{ kind, metric: o.metric }] : [];
  });
  const ready = blueprints.data?.items ?? [];
  return (
    <div className="page">
      <PageHead title={t("orders.title")} />
      <div className="stack">
        <div>{t("orders.lead")} {!project && kinds.length > 0 && <span className="muted">{t("orders.noProject")}</span>}</div>
        <ProblemAlert error={blueprints.error} />
        {kinds.length === 0 && ready.length === 0 && !blueprints.isFetching && <EmptyState title={t("orders.nothing")} />}
        {ready.some((b) => b.name === simple) && <Simple />}
        {kinds.length > 0 && (
          <section aria-label={t("orders.single")} className="stack">
            <h2 style={{ fontSize: 17, margin: 0 }}>{t("orders.single")}</h2>
            <div style={{ display: "grid", gridTemplateColumns: "repeat(auto-fill, minmax(min(240px, 100%), 1fr))", gap: 16 }}>
              {kinds.map((o) => <Offer key={o.kind.name} kind={o.kind} left={leftOf(quota, o.metric)} />)}
            </div>
          </section>
        )}
        {ready.some((b) => b.name !== simple) && (
          <section aria-label={t("orders.ready")} className="stack">
            <h2 style={{ fontSize: 17, margin: 0 }}>{t("orders.ready")}</h2>
            <div className="cards">{ready.filter((b) => b.name !== simple).map((b) => <BlueprintCard key={b.name} blueprint={b} />)}</div>
          </section>
        )}
      </div>
    </div>
  );
}
