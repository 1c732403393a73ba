import { Table } from "antd";
import type { Audit } from "../api/types";
import { Moment } from "../feedback/Moment";
import { useWords } from "../i18n/words";
import { ObjectLink } from "../operations/ObjectLink";
import { type Change, changes } from "./changes";

const shown = 4;

function Changes({ list }: { list: Change[] }) {
  return (
    <ul style={{ margin: 0, paddingInlineStart: 18 }}>
      {list.map((c) => (
        <li key={c.path} className="mono">
          {c.path}: {c.before ?? "∅"} → {c.after ?? "∅"}
        </li>
      ))}
    </ul>
  );
}

/** The names of what changed; the values unfold. */
function summary(row: Audit): string {
  const names = changes(row.before, row.after).map((c) => c.path);
  return names.slice(0, shown).join(", ") + (names.length > shown ? ` +${names.length - shown}` : "");
}

/** Who did what, when, from where, with what changed. */
export function HistoryTable({ items, withObject }: { items: Audit[]; withObject?: boolean }) {
  const { t, verb, kind } = useWords();
  return (
    <Table<Audit>
      rowKey="id"
      size="middle"
      dataSource={items}
      pagination={false}
      scroll={{ x: "max-content" }}
      locale={{ emptyText: t("history.none") }}
      expandable={{ rowExpandable: (a) => summary(a) !== "", expandedRowRender: (a) => <Changes list={changes(a.before, a.after)} /> }}
      columns={[
        { title: t("history.at"), render: (_, a) => <Moment at={a.at} /> },
        { title: t("history.actor"), render: (_, a) => a.actor },
        { title: t("history.verb"), render: (_, a) => verb(a.verb) },
        ...(withObject ? [{ title: t("history.object"), render: (_: unknown, a: Audit) => <>{kind(a.kind)} <ObjectLink kind={a.kind} id={a.objectId} name={a.objectName} /></> }] : []),
        { title: t("history.change"), render: (_, a) => <div style={{ maxWidth: 300, overflowWrap: "anywhere" }}>{a.note || summary(a) || t("detail.none")}</div> },
        { title: t("history.from"), render: (_, a) => a.remote ?? t("detail.none") },
      ]}
    />
  );
}
