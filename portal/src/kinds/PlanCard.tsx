import { useQuery } from "@tanstack/react-query";
import { Card } from "antd";
import { ProblemError } from "../api/problem";
import { queries } from "../api/queries";
import type { Applied, KindObject } from "../api/types";
import { ToneTag } from "../feedback/PhaseTag";
import { ProblemAlert } from "../feedback/ProblemAlert";
import { changes } from "../history/changes";
import { useWords } from "../i18n/words";
import { useCan } from "../session/permissions";
import { type QuotaLine, quotaLines } from "./plan";

const right = { textAlign: "right", padding: "3px 0 3px 20px" } as const;
const left = { textAlign: "left", padding: "3px 0" } as const;

function Quota({ lines }: { lines: QuotaLine[] }) {
  const { t, metric, language } = useWords();
  const known = lines.some((l) => l.before !== undefined);
  const number = (n?: number) => n?.toLocaleString(language);
  return (
    <table style={{ borderCollapse: "collapse" }}>
      <caption style={{ textAlign: "left", fontWeight: 600, paddingBottom: 4 }}>{t("plan.takes")}</caption>
      <thead>
        <tr>
          <th style={left}>{t("bundles.metric")}</th>
          <th style={right}>{t("plan.takesNow")}</th>
          {known && <th style={right}>{t("bundles.before")}</th>}
          {known && <th style={right}>{t("bundles.after")}</th>}
          {known && <th style={right}>{t("bundles.limit")}</th>}
          <th>
            <span className="visually-hidden">{t("history.note")}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {lines.map((l) => (
          <tr key={l.metric} data-metric={l.metric}>
            <td style={left}>{metric(l.metric)}</td>
            <td style={right}>{number(l.takes)}</td>
            {known && <td style={right}>{number(l.before)}</td>}
            {known && <td style={right}>{number(l.after)}</td>}
            {known && <td style={right}>{l.limit === -1 ? t("bundles.unlimited") : number(l.limit)}</td>}
            <td style={right}>{l.note && <ToneTag tone={l.note === "hard" ? "bad" : "warn"}>{t(`plan.${l.note}`)}</ToneTag>}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** What an edit changes, line by line. */
function Differences({ before, after }: { before: KindObject; after: KindObject }) {
  const { t } = useWords();
  const list = changes({ ...before.spec, labels: before.labels ?? {} }, { ...after.spec, labels: after.labels ?? {} });
  if (list.length === 0) return <div>{t("plan.nothing")}</div>;
  return (
    <div>
      <strong>{t("plan.changes")}</strong>
      <ul style={{ margin: "4px 0 0", paddingInlineStart: 18 }}>
        {list.map((c) => (
          <li key={c.path} className="mono">
            {c.path}: {c.before ?? "∅"} → {c.after ?? "∅"}
          </li>
        ))}
      </ul>
    </div>
  );
}

interface Props {
  kind: string;
  object?: KindObject;
  project?: string;
  /** The dry run's answer, or why there is none. */
  planned?: Applied;
  error: unknown;
  busy: boolean;
}

/** What would happen, as a dry run tells: it stands before the button that makes it happen. */
export function PlanCard({ kind, object, project, planned, error, busy }: Props) {
  const { t } = useWords();
  const can = useCan();
  const takes = Object.values(planned?.charges ?? {}).some((n) => n !== 0);
  const quota = useQuery({ ...queries.quota(project ?? ""), enabled: !object && takes && !!project && can("get", "quota", project) });
  const invalid = error instanceof ProblemError && error.problem.reason === "Invalid";
  return (
    <Card size="small" title={t("plan.title")} data-plan={busy ? "busy" : error ? "refused" : planned ? "ready" : "none"} aria-busy={busy} styles={{ body: { minHeight: 44 } }}>
      <div className="stack" style={{ gap: 10 }} aria-live="polite">
        {!planned && !error && <span>{t(busy ? "plan.busy" : "plan.incomplete")}</span>}
        {error && invalid ? <ul style={{ margin: 0, paddingInlineStart: 18 }}>{(error.problem.fields ?? []).map((f) => <li key={f.path}><span className="mono">{f.path}</span>: {f.message}</li>)}</ul> : null}
        {error && !invalid ? <ProblemAlert error={error} title={t("plan.refused", { kind })} /> : null}
        {planned && !error && object && <Differences before={object} after={planned.object} />}
        {planned && !error && !object && <span>{t("form.checked")} {!takes && t("form.takesNothing")}</span>}
        {planned && !error && !object && takes && <Quota lines={quotaLines(planned.charges ?? {}, quota.data?.items)} />}
      </div>
    </Card>
  );
}
