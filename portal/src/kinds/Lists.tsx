import { Card, Table } from "antd";
import { useWords } from "../i18n/words";
import { Content } from "./Value";

type Row = Record<string, unknown>;

const isRow = (v: unknown): v is Row => typeof v === "object" && v !== null && !Array.isArray(v);
const most = 20;

/** Parts an object's fields into those that hold one thing each, and lists of things that have fields of their own. */
export function splitLists(of: Row): [Row, Record<string, Row[]>] {
  const one: Row = {};
  const lists: Record<string, Row[]> = {};
  for (const [k, v] of Object.entries(of)) {
    if (Array.isArray(v) && v.length > 0 && v.every(isRow)) lists[k] = v;
    else one[k] = v;
  }
  return [one, lists];
}

/** A table for each list, over the whole width; note tells whether it is what is wanted or what was seen. */
export function Lists({ of, note }: { of: Record<string, Row[]>; note: string }) {
  const { field } = useWords();
  return Object.entries(of).map(([name, rows]) => (
    <Card key={name} size="small" title={field(name)} extra={<span className="muted">{note}</span>}>
      <Table<Row>
        size="small"
        rowKey={(r) => JSON.stringify(r)}
        dataSource={rows}
        pagination={rows.length > most ? { pageSize: most, size: "small" } : false}
        scroll={{ x: "max-content" }}
        columns={[...new Set(rows.flatMap((r) => Object.keys(r)))].map((key) => ({ key, title: field(key), render: (_: unknown, r: Row) => <div style={{ maxWidth: 420, overflowWrap: "anywhere" }}><Content name={key} of={r[key]} /></div> }))}
      />
    </Card>
  ));
}
