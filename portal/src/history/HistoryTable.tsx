import { Table } from "antd";
import type { Audit } from "../api/types";
import { Moment } from "../feedback/Moment";
import { useWords } from "../i18n/words";
import { ObjectLink } from "../operations/OperationCard";
import { changes } from "./changes";

function Changes({ row }: { row: Audit }) {
  const { t } = useWords();
  const list = changes(row.before, row.after);
  if (list.length === 0) return <>{row.note ?? t("detail.none")}</>;
  return (
    <ul style={{ margin: 0, paddingInlineStart: 18 }}>
      {list.slice(0, 12).map((c) => (
        <li key={c.path} className="mono">
          {c.path}: {c.before ?? "∅"} → {c.after ?? "∅"}
        </li>
      ))}
      {list.length > 12 && <li>… {list.length - 12}</li>}
    </ul>
  );
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
      columns={[
        { title: t("history.at"), render: (_, a) => <Moment at={a.at} /> },
        { title: t("history.actor"), render: (_, a) => a.actor },
        { title: t("history.verb"), render: (_, a) => verb(a.verb) },
        ...(withObject ? [{ title: t("history.object"), render: (_: unknown, a: Audit) => <>{kind(a.kind)} <ObjectLink kind={a.kind} id={a.objectId} name={a.objectName} /></> }] : []),
        { title: t("history.change"), render: (_, a) => <Changes row={a} /> },
        { title: t("history.from"), render: (_, a) => a.remote ?? t("detail.none") },
      ]}
    />
  );
}
