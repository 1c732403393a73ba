import { Link } from "@tanstack/react-router";
import { Card, Descriptions } from "antd";
import { Moment } from "../feedback/Moment";
import { ToneTag, type Tone } from "../feedback/PhaseTag";
import { useWords } from "../i18n/words";
import { Facts } from "../kinds/Facts";
import { ObjectLink } from "../operations/ObjectLink";
import { useMe } from "../session/permissions";
import { useProjectName } from "../session/project";
import { Decision } from "./Decision";
import type { Request } from "./decide";

const tones: Record<string, Tone> = { open: "wait", running: "busy", done: "good", failed: "bad", refused: "bad", withdrawn: "off", expired: "off" };

export function StateTag({ request: r }: { request: Request }) {
  const { shelf } = useWords();
  const state = r.status.state ?? "open";
  return <ToneTag tone={tones[state] ?? "wait"}>{shelf("requests.states")[state] ?? state}</ToneTag>;
}

function Lacks({ request: r }: { request: Request }) {
  const { t, metric } = useWords();
  const { nodes } = useMe();
  const name = (id: string) => nodes.find((n) => n.id === id)?.fullName || t("tenants.root");
  const { needs } = r.spec;
  return (
    <ul style={{ margin: 0, paddingInlineStart: 18 }}>
      {needs?.permission && <li>{t("requests.permission")}</li>}
      {needs?.limits?.map((l) => <li key={`${l.node} ${l.metric}`}>{t("requests.limit", { missing: l.missing, metric: metric(l.metric), node: name(l.node) })}</li>)}
    </ul>
  );
}

function Comments({ request: r }: { request: Request }) {
  return (
    <ul className="stack" style={{ listStyle: "none", margin: 0, padding: 0, gap: 6 }}>
      {r.spec.comments?.map((c) => (
        <li key={`${c.at} ${c.by}`}>
          <strong>{c.by}</strong> <span className="muted"><Moment at={c.at} /></span>
          <div style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>{c.text}</div>
        </li>
      ))}
    </ul>
  );
}

/** What is asked for and why, as a sentence. */
export function Sentence({ request: r }: { request: Request }) {
  const { t, verb, kind, language } = useWords();
  const word = verb(r.spec.verb ?? "");
  return <>{t("requests.asks", { who: r.spec.by?.name ?? "", verb: language === "en" ? word.toLowerCase() : word, kind: language === "en" ? kind(r.spec.kind ?? "").toLowerCase() : kind(r.spec.kind ?? ""), name: r.spec.object ?? "" })}</>;
}

/** All that whoever decides wants to know, and the buttons to do it. */
export function RequestBody({ request: r, brief }: { request: Request; brief?: boolean }) {
  const { t, metric } = useWords();
  const { decision } = r.spec;
  const charges = Object.entries(r.spec.charges ?? {});
  return (
    <div className="stack" style={{ gap: 12 }}>
      <Descriptions
        column={1}
        size="small"
        styles={{ label: { width: 170 } }}
        items={[
          { key: "why", label: t("requests.why"), children: <span style={{ whiteSpace: "pre-wrap" }}>{r.spec.comment}</span> },
          { key: "lacks", label: t("requests.lacks"), children: <Lacks request={r} /> },
          ...(charges.length > 0 ? [{ key: "takes", label: t("requests.takes"), children: charges.map(([m, n]) => `${metric(m)} ${n}`).join(", ") }] : []),
          ...(r.spec.needs?.refusal ? [{ key: "refusal", label: t("requests.refusal"), children: r.spec.needs.refusal }] : []),
          ...(r.spec.comments?.length ? [{ key: "comments", label: t("requests.comments"), children: <Comments request={r} /> }] : []),
          ...(decision ? [{ key: "decision", label: t(`requests.${decision.verdict}`), children: <span>{t("requests.decidedBy", { verdict: t(`requests.${decision.verdict}`), who: decision.by.name })} · <Moment at={decision.at} />{decision.note ? ` · ${decision.note}` : ""}</span> }] : []),
          ...(r.status.object ? [{ key: "result", label: t("requests.result"), children: <ObjectLink kind={r.status.object.kind} id={r.status.object.id} name={r.status.object.name ?? r.status.object.id} /> }] : []),
          ...(r.status.message ? [{ key: "message", label: t("history.note"), children: r.status.message }] : []),
        ]}
      />
      {!brief && r.spec.wanted !== undefined && <Facts title={t("requests.wanted")} of={r.spec.wanted as Record<string, unknown>} />}
      <Decision request={r} />
    </div>
  );
}

export function RequestCard({ request: r }: { request: Request }) {
  const { t } = useWords();
  const projectName = useProjectName();
  return (
    <Card
      data-request={r.name}
      title={<h2 style={{ fontSize: 15, margin: 0, whiteSpace: "normal" }}><Link to="/requests/$id" params={{ id: r.id }}><Sentence request={r} /></Link></h2>}
      extra={<StateTag request={r} />}
    >
      <div className="row muted" style={{ marginBottom: 10 }}>
        <span>{t("requests.in", { project: projectName(r.project) })}</span>
        <Moment at={r.createdAt} />
      </div>
      <RequestBody request={r} brief />
    </Card>
  );
}
