import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { queries } from "../api/queries";
import type { Bundle } from "../api/types";
import { ButtonLink } from "../feedback/ButtonLink";
import { EmptyState } from "../feedback/EmptyState";
import { Loading } from "../feedback/Loading";
import { Panel } from "../feedback/Panel";
import { PhaseTag, ToneTag } from "../feedback/PhaseTag";
import { ProblemAlert } from "../feedback/ProblemAlert";
import { useWords } from "../i18n/words";
import { Value } from "../kinds/Value";
import { useCan } from "../session/permissions";
import { useProject } from "../session/project";

function Line({ bundle: b }: { bundle: Bundle }) {
  const { t } = useWords();
  const h = b.status.health;
  return (
    <li className="stack" style={{ gap: 4 }}>
      <div className="row">
        <Link to="/bundles/$id" params={{ id: b.id }}>
          <strong>{b.name}</strong>
        </Link>
        <span className="muted">
          {b.spec.blueprint} {b.spec.size}
        </span>
        <span style={{ flex: 1 }} />
        <PhaseTag phase={b.phase} />
        {h && <ToneTag tone={h.ok ? "good" : "warn"}>{h.ok ? t("overview.healthy") : t("overview.unhealthy")}</ToneTag>}
      </div>
      {b.status.outputs?.entry !== undefined && <Value values={[b.status.outputs.entry]} />}
      {h && !h.ok && h.message && <div>{h.message}</div>}
    </li>
  );
}

/** What is deployed, and what the workloads answer. */
export function BundleHealth() {
  const { t } = useWords();
  const can = useCan();
  const project = useProject();
  const { data, error, isPending } = useQuery(queries.most("bundles", project?.id));
  const bundles = (data?.items ?? []) as unknown as Bundle[];
  return (
    <Panel title={t("overview.health")}>
      {isPending && <Loading what={t("overview.health")} />}
      <ProblemAlert error={error} />
      {data && bundles.length === 0 && (
        <EmptyState title={t("overview.noBundles")}>
          {can("create", "bundle", project?.id) && <ButtonLink to="/bundles/catalogue">{t("overview.deploy")}</ButtonLink>}
        </EmptyState>
      )}
      <ul className="stack" style={{ listStyle: "none", margin: 0, padding: 0 }}>
        {bundles.slice(0, 10).map((b) => (
          <Line key={b.id} bundle={b} />
        ))}
      </ul>
    </Panel>
  );
}
