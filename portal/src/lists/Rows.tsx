import down from "@ant-design/icons-svg/es/asn/CaretDownOutlined";
import up from "@ant-design/icons-svg/es/asn/CaretUpOutlined";
import { memo, type UIEvent } from "react";
import type { KindObject } from "../api/types";
import { Icon } from "../controls/Icon";
import type { Column } from "../kinds/columns";
import { sorts } from "./state";
import "./rows.css";

interface Props {
  items: KindObject[];
  columns: Column[];
  sort?: string;
  order: (sort: string | undefined) => void;
}

/** Up, down, then as it was. */
const next = (key: string, sort?: string) => (sort === key ? `-${key}` : sort === `-${key}` ? undefined : key);

/** The server sorts by what it has an index for; a heading that it can not sort by is none to press. */
function Heading({ column: c, sort, order }: { column: Column } & Pick<Props, "sort" | "order">) {
  if (!sorts.includes(c.key)) return <th scope="col">{c.title}</th>;
  const at = sort === c.key ? "ascending" : sort === `-${c.key}` ? "descending" : undefined;
  return (
    <th scope="col" aria-sort={at}>
      <button type="button" onClick={() => order(next(c.key, sort))}>
        {c.title}
        <span className="sorter">
          <Icon of={up} />
          <Icon of={down} />
        </span>
      </button>
    </th>
  );
}

const Row = memo(function Row({ object: o, columns, by }: { object: KindObject; columns: Column[]; by?: string }) {
  return (
    <tr data-row-key={o.id}>
      {columns.map((c) => (
        <td key={c.key} className={c.key === by ? "sorted" : undefined}>
          {c.render(o)}
        </td>
      ))}
    </tr>
  );
});

/** The name keeps standing when the rest is scrolled, and its edge shows then. */
const edge = ({ currentTarget: box }: UIEvent<HTMLElement>) => box.toggleAttribute("data-scrolled", box.scrollLeft > 0);

/** The rows, which are many: made without antd's table, which measures each and takes longer than the server and the network together; drawn anew only when they, their columns or their order change. */
export const Rows = memo(function Rows({ items, columns, sort, order }: Props) {
  const by = sort?.replace(/^-/, "");
  return (
    <div className="rows" onScroll={edge}>
      <table>
        <thead>
          <tr>
            {columns.map((c) => (
              <Heading key={c.key} column={c} sort={sort} order={order} />
            ))}
          </tr>
        </thead>
        <tbody>
          {items.map((o) => (
            <Row key={o.id} object={o} columns={columns} by={by} />
          ))}
        </tbody>
      </table>
    </div>
  );
});
