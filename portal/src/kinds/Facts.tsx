import { Card, Descriptions } from "antd";
import { Link } from "@tanstack/react-router";
import type { Condition, KindObject } from "../api/types";
import { EmptyState } from "../feedback/EmptyState";
import { Moment } from "../feedback/Moment";
import { ToneTag, type Tone } from "../feedback/PhaseTag";
import { useWords } from "../i18n/words";
import { useProjectName } from "../session/project";
import { type KindInfo, pluralOf } from "./catalogue";
import { Lists, splitLists } from "./Lists";
import { schemaOf } from "./schemas";
import { Content } from "./Value";

/** True is good for conditions that say something works, and bad for those that name a fault. */
const faults = new Set(["Drift", "Upgrade", "Stalled"]);
export function conditionTone(c: Condition): Tone {
  if (c.status === "Unknown") return "wait";
  const good = faults.has(c.type) ? c.status === "False" : c.status === "True";
  return good ? "good" : c.type === "Upgrade" ? "busy" : "warn";
}

export function Conditions({ list }: { list?: Condition[] }) {
  const { t } = useWords();
  if (!list?.length) return <EmptyState title={t("detail.noConditions")} />;
  return (
    <ul style={{ listStyle: "none", margin: 0, padding: 0 }} className="stack">
      {list.map((c) => (
        <li key={c.type} data-condition={c.type} data-status={c.status}>
          <div className="row">
            <ToneTag tone={conditionTone(c)}>{c.type}</ToneTag>
            <strong>{c.reason}</strong>
            <span className="muted">
              <Moment at={c.since} />
            </span>
          </div>
          {c.message && <div style={{ marginTop: 2 }}>{c.message}</div>}
        </li>
      ))}
    </ul>
  );
}

/** Fields of what is wanted or was seen, as the kind's schema and the object have them. */
export function Facts({ title, of, secrets }: { title: string; of: Record<string, unknown>; secrets?: string[] }) {
  const { t, field } = useWords();
  const entries = Object.entries(of).filter(([, v]) => v !== null && v !== "");
  const hidden = (secrets ?? []).filter((s) => !(s in of));
  return (
    <Card title={title} size="small">
      {entries.length === 0 && hidden.length === 0 ? (
        t("detail.nothing")
      ) : (
        <Descriptions
          column={1}
          size="small"
          styles={{ label: { width: 170 } }}
          items={[
            ...entries.map(([k, v]) => ({ key: k, label: field(k), children: <Content name={k} of={v} /> })),
            ...hidden.map((s) => ({ key: s, label: field(s), children: <span className="muted">{t("detail.secret")}</span> })),
          ]}
        />
      )}
    </Card>
  );
}

/** What every object has: where it belongs, who made it, when, labels. */
export function Belonging({ object: o }: { object: KindObject }) {
  const { t, kind } = useWords();
  const projectName = useProjectName();
  const owner = o.owner && pluralOf(o.owner.kind);
  return (
    <Card title={t("detail.facts")} size="small">
      <Descriptions
        column={1}
        size="small"
        styles={{ label: { width: 170 } }}
        items={[
          { key: "id", label: "ID", children: <span className="mono">{o.id}</span> },
          ...(o.project ? [{ key: "project", label: t("list.project"), children: projectName(o.project) }] : []),
          ...(o.owner && owner ? [{ key: "owner", label: t("detail.owner"), children: <>{kind(o.owner.kind)}&nbsp;<Link to="/$plural/$id" params={{ plural: owner, id: o.owner.id }} style={{ textDecoration: "underline" }}>{o.owner.name}</Link></> }] : []),
          { key: "created", label: t("list.created"), children: <Moment at={o.createdAt} /> },
          { key: "updated", label: t("list.updated"), children: <Moment at={o.updatedAt} /> },
          ...(Object.keys(o.labels ?? {}).length > 0 ? [{ key: "labels", label: t("detail.labels"), children: <Content name="labels" of={o.labels} /> }] : []),
        ]}
      />
    </Card>
  );
}

/** Conditions, what is wanted, what was seen: the first page of any object. */
export function Overview({ kind, object }: { kind: KindInfo; object: KindObject }) {
  const { t } = useWords();
  const secrets = (kind.secrets ?? []).filter((s) => s in (schemaOf(kind.schema).properties ?? {}));
  const [spec, wanted] = splitLists(object.spec);
  const [status, observed] = splitLists(object.status);
  return (
    <div className="stack">
      <div className="columns">
        <div className="stack">
          <Card title={t("detail.conditions")} size="small">
            <Conditions list={object.conditions} />
          </Card>
          {Object.keys(status).length > 0 && <Facts title={t("detail.observed")} of={status} />}
        </div>
        <div className="stack">
          {(Object.keys(spec).length > 0 || secrets.length > 0) && <Facts title={t("detail.wanted")} of={spec} secrets={secrets} />}
          <Belonging object={object} />
        </div>
      </div>
      <Lists of={wanted} note={t("detail.wanted")} />
      <Lists of={observed} note={t("detail.observed")} />
    </div>
  );
}
