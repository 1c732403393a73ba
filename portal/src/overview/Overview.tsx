import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { queries } from "../api/queries";
import type { Pool } from "../api/types";
import { ButtonLink } from "../feedback/ButtonLink";
import { EmptyState } from "../feedback/EmptyState";
import { Loading } from "../feedback/Loading";
import { Moment } from "../feedback/Moment";
import { PageHead } from "../feedback/PageHead";
import { Panel } from "../feedback/Panel";
import { StateTag } from "../feedback/PhaseTag";
import { ProblemAlert } from "../feedback/ProblemAlert";
import { useWords } from "../i18n/words";
import { ObjectLink } from "../operations/ObjectLink";
import { PoolCard } from "../pools/PoolCard";
import { useCan, useMe } from "../session/permissions";
import { Alarms } from "./Alarms";
import { Begin } from "./Begin";
import { BundleHealth } from "./BundleHealth";
import { Consumers } from "./Consumers";
import { Figures } from "./Figures";
import { Trends } from "./Trends";

function Capacity({ places }: { places: Pool[] }) {
  const { t } = useWords();
  return (
    <section aria-label={t("overview.capacity")} className="cards">
      {places.map((p) => (
        <PoolCard key={p.id} pool={p} />
      ))}
    </section>
  );
}

// A plain list: the table's code is more than the rest of this page together.
function Recent() {
  const { t, verb, kind } = useWords();
  const { data } = useQuery(queries.operations);
  const items = data?.items.slice(0, 8) ?? [];
  return (
    <Panel title={t("overview.recent")} extra={<Link to="/operations">{t("operations.all")}</Link>}>
      {items.length === 0 && <EmptyState title={t("operations.none")} hint={t("operations.noneHint")} />}
      <ul className="stack" style={{ listStyle: "none", margin: 0, padding: 0, gap: 10 }}>
        {items.map((o) => (
          <li key={o.id} className="row">
            <StateTag state={o.state} />
            <span>
              {verb(o.verb)} · {kind(o.kind)} <ObjectLink kind={o.kind} id={o.objectId} name={o.objectName} />
            </span>
            <span style={{ flex: 1 }} />
            <span className="muted">
              <Moment at={o.createdAt} />
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

/** What there is, how full it is, what is wrong, what runs and whether it is well. */
export function Overview() {
  const { t } = useWords();
  const me = useMe();
  const can = useCan();
  const operator = can("list", "host");
  const { data, error, isPending } = useQuery({ ...queries.overview, enabled: operator });
  const begin = me.nodes.every((n) => n.type !== "project") || data?.items.length === 0;
  return (
    <div className="page">
      <PageHead title={t("overview.title")} extra={!begin && can("create", "bundle") && <ButtonLink look="solid" to="/bundles/catalogue">{t("overview.deploy")}</ButtonLink>} />
      <div className="stack">
        {operator && isPending ? <Loading what={t("overview.capacity")} /> : <Figures of={data} />}
        <ProblemAlert error={error} />
        {begin && <Begin />}
        {data && (
          <div className="columns">
            <Alarms alarms={data.alarms} more={data.more} />
            <Trends trends={data.trends} />
          </div>
        )}
        {data && <Capacity places={data.items} />}
        <div className="columns">
          {data && <Consumers lists={data.consumers} total={data.total} />}
          {can("list", "bundle") && <BundleHealth />}
          <Recent />
        </div>
      </div>
    </div>
  );
}
