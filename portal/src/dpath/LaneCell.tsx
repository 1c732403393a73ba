import { Popover } from "antd";
import { useWords } from "../i18n/words";
import { type Cell, perSecond, size, type Traffic } from "./lanes";
import type { Ink } from "./colours";

/** What flows, in words: "12.3/s, shared". */
export function useTrafficText(): (t: Traffic) => string {
  const { t, language } = useWords();
  return (of) => {
    const rate = perSecond(of.rate, language);
    return of.way === "own" ? rate : `${rate} ${t(`dpath.ways.${of.way}`)}`;
  };
}

function Nodes({ cell }: { cell: Cell }) {
  return (
    <ul style={{ listStyle: "none", margin: 0, padding: 0, maxHeight: 280, overflow: "auto" }}>
      {cell.nodes.map((n) => (
        <li key={n.address}>
          {n.name} {n.name !== n.address && <span className="mono muted">{n.address}</span>}
        </li>
      ))}
    </ul>
  );
}

/** The nodes of one app in one lane; a press lists them. */
export function LaneCell({ cell, lane, ink }: { cell: Cell; lane: string; ink: Ink }) {
  const { t } = useWords();
  const count = cell.nodes.length;
  const shown = count > size.shown ? size.shown - 1 : count;
  const told = t("dpath.nodes", { count });
  return (
    <Popover trigger="click" title={`${cell.app} · ${lane}`} content={count > 0 ? <Nodes cell={cell} /> : told}>
      <button
        type="button"
        data-cell={`${cell.app} ${cell.env}`}
        aria-label={`${cell.app}, ${lane}: ${told}`}
        className="lane-cell"
        style={{ left: cell.x, top: cell.y, width: size.cell, height: cell.height, borderColor: ink.colour, borderStyle: ink.dash ? "dashed" : "solid" }}
      >
        <span className="lane-nodes" aria-hidden>
          {cell.nodes.slice(0, shown).map((n) => (
            <span key={n.address} title={`${n.name}\n${n.address}`} style={{ width: size.node, height: size.node, borderRadius: 3, background: ink.colour }} />
          ))}
          {shown < count && <span style={{ fontSize: 10, lineHeight: `${size.node}px` }}>+{count - shown}</span>}
        </span>
        <span className="lane-count">{told}</span>
      </button>
    </Popover>
  );
}
