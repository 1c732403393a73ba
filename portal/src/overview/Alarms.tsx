import { Link } from "@tanstack/react-router";
import type { Schemas } from "../api/types";
import { EmptyState } from "../feedback/EmptyState";
import { Moment } from "../feedback/Moment";
import { Panel } from "../feedback/Panel";
import { ToneTag } from "../feedback/PhaseTag";
import { useWords } from "../i18n/words";
import { ObjectLink } from "../operations/ObjectLink";
import { useProjectName } from "../session/project";

type Alarm = Schemas["Alarm"];

/** What is counted rather than named leads to where all of it is. */
const boards: Record<string, string> = { drift: "/drifts", quota: "/quotas" };

function What({ alarm: a }: { alarm: Alarm }) {
  const { shelf, kind } = useWords();
  const reason = shelf("alarms.reasons")[a.reason] ?? a.reason;
  const board = boards[a.kind];
  if (a.count && board) return <Link to={board} style={{ textDecoration: "underline" }}>{`${a.count} ${reason}`}</Link>;
  return (
    <span>
      {shelf("alarms.kinds")[a.kind] ?? kind(a.kind)} <ObjectLink kind={a.kind} id={a.id ?? ""} name={a.name ?? ""} /> {reason}
    </span>
  );
}

/** What is wrong now, the worst first. */
export function Alarms({ alarms, more }: { alarms: Alarm[]; more: boolean }) {
  const { t } = useWords();
  const projectName = useProjectName();
  return (
    <Panel title={t("alarms.title")} extra={alarms.length > 0 && <span className="muted">{t("alarms.count", { count: alarms.length })}</span>}>
      {alarms.length === 0 && <EmptyState title={t("alarms.none")} />}
      <ul className="stack" style={{ listStyle: "none", margin: 0, padding: 0, gap: 10, maxHeight: 420, overflow: "auto" }} tabIndex={alarms.length > 6 ? 0 : undefined}>
        {alarms.map((a) => (
          <li key={`${a.reason} ${a.kind} ${a.id} ${a.name} ${a.detail}`} data-alarm={a.reason}>
            <div className="row">
              <ToneTag tone={a.severity === "critical" ? "bad" : "warn"}>{t(`alarms.${a.severity}`)}</ToneTag>
              <What alarm={a} />
              {a.project && <span className="muted">{projectName(a.project)}</span>}
              <span style={{ flex: 1 }} />
              {a.since && <span className="muted"><Moment at={a.since} /></span>}
            </div>
            {a.detail && <div className="muted" style={{ overflowWrap: "anywhere" }}>{a.detail}</div>}
          </li>
        ))}
      </ul>
      {more && <div className="muted">{t("alarms.more")}</div>}
    </Panel>
  );
}
