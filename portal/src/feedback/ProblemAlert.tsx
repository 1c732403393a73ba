import failed from "@ant-design/icons-svg/es/asn/CloseCircleOutlined";
import { ProblemError } from "../api/problem";
import type { Schemas } from "../api/types";
import { Button } from "../controls/Button";
import { Icon } from "../controls/Icon";
import { useWords } from "../i18n/words";

type Cause = Schemas["OperationProblem"];

function Candidates({ list }: { list: NonNullable<Cause["candidates"]> }) {
  const { t } = useWords();
  return (
    <table style={{ borderCollapse: "collapse", textAlign: "left" }}>
      <caption style={{ textAlign: "left", fontWeight: 600, paddingBottom: 4 }}>{t("problem.candidates")}</caption>
      <thead>
        <tr>
          {[t("problem.candidate"), t("problem.reason"), t("problem.detail")].map((h) => (
            <th key={h} style={{ padding: "2px 16px 2px 0" }}>
              {h}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {list.map((c) => (
          <tr key={`${c.name} ${c.reason}`}>
            <td style={{ padding: "2px 16px 2px 0" }}>{c.name}</td>
            <td style={{ padding: "2px 16px 2px 0" }}>{c.reason}</td>
            <td style={{ padding: "2px 0" }}>{c.detail}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Detail, hint, fields and candidates of a problem, wherever it came from. */
export function ProblemBody({ problem }: { problem: Cause }) {
  const { t } = useWords();
  const hint = problem.reason === "Unreachable" ? t("problem.unreachableHint") : problem.hint;
  return (
    <div className="stack" style={{ gap: 6 }}>
      {problem.detail && <div>{problem.detail}</div>}
      {problem.fields && problem.fields.length > 0 && (
        <ul style={{ margin: 0, paddingInlineStart: 18 }}>
          {problem.fields.map((f) => (
            <li key={f.path}>
              <span className="mono">{f.path}</span>: {f.message}
            </li>
          ))}
        </ul>
      )}
      {problem.candidates && problem.candidates.length > 0 && <Candidates list={problem.candidates} />}
      {hint && <div>{t("problem.hint", { hint })}</div>}
    </div>
  );
}

/** Says why something was refused or failed, and what helps. */
export function ProblemAlert({ error, retry, title }: { error: unknown; retry?: () => void; title?: string }) {
  const { t, reason } = useWords();
  if (!error) return null;
  const problem: Cause = error instanceof ProblemError ? error.problem : { reason: "Internal", detail: error instanceof Error ? error.message : String(error) };
  const heading = title ?? (problem.reason === "Unreachable" ? t("problem.Unreachable") : reason(problem.reason));
  return (
    <div role="alert" className="alert">
      <Icon of={failed} />
      <div>
        <div className="alert-title">
          <strong>{heading}</strong>
        </div>
        <ProblemBody problem={problem} />
      </div>
      {retry && <Button onClick={retry}>{t("problem.retry")}</Button>}
    </div>
  );
}
