import { Table } from "antd";
import type { Operation } from "../api/types";
import { Moment } from "../feedback/Moment";
import { StateTag } from "../feedback/PhaseTag";
import { ProblemBody } from "../feedback/ProblemAlert";
import { span } from "../i18n/time";
import { useWords } from "../i18n/words";
import { ObjectLink } from "./ObjectLink";

/** Operations newest first; those that failed unfold into their cause. */
export function OperationTable({ items }: { items: Operation[] }) {
  const { t, verb, kind } = useWords();
  return (
    <Table<Operation>
      rowKey="id"
      size="middle"
      dataSource={items}
      pagination={false}
      scroll={{ x: "max-content" }}
      expandable={{ rowExpandable: (o) => !!o.problem && o.state !== "succeeded", expandedRowRender: (o) => (o.problem ? <ProblemBody problem={o.problem} /> : null) }}
      columns={[
        { title: t("history.verb"), render: (_, o) => verb(o.verb) },
        { title: t("history.object"), render: (_, o) => <>{kind(o.kind)} <ObjectLink kind={o.kind} id={o.objectId} name={o.objectName} /></> },
        { title: t("list.phase"), render: (_, o) => <span className="row" style={{ flexWrap: "nowrap" }}><StateTag state={o.state} />{!o.endedAt && <span>{o.progress} %</span>}</span> },
        { title: t("history.at"), render: (_, o) => <Moment at={o.createdAt} /> },
        { title: t("history.actor"), render: (_, o) => o.actor },
        { title: t("history.note"), render: (_, o) => (o.endedAt ? t("operations.took", { time: span(o.createdAt, o.endedAt) }) : o.message) },
      ]}
    />
  );
}
