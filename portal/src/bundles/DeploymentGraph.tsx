import { Background, Controls, Handle, Position, ReactFlow, type Edge, type Node, type NodeProps } from "@xyflow/react";
import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import type { Phase, Schemas } from "../api/types";
import { PhaseTag, tones, toneOf, ToneTag, type Tone } from "../feedback/PhaseTag";
import { useWords } from "../i18n/words";
import { pluralOf } from "../kinds/catalogue";
import { useMode } from "../shell/mode";
import { direct, place } from "./layers";
import "@xyflow/react/dist/style.css";

const width = 290;
const height = 108;

/** One resource, as it is or as a plan would make it. */
export interface GraphItem {
  key: string;
  kind: string;
  name: string;
  id?: string;
  phase?: Phase | "";
  message?: string;
  action?: Schemas["Change"]["action"];
  dependsOn?: string[] | null;
}
const actionTone: Record<Schemas["Change"]["action"], Tone> = { create: "good", update: "warn", delete: "bad", keep: "off" };
type Box = Node<{ item: GraphItem }, "resource">;

function Resource({ data: { item } }: NodeProps<Box>) {
  const { t, kind } = useWords();
  const c = tones[useMode()][item.action ? actionTone[item.action] : toneOf(item.phase)];
  const plural = item.id && pluralOf(item.kind);
  return (
    <div data-node={item.key} data-phase={item.phase} style={{ width: 226, minHeight: 66, boxSizing: "border-box", padding: "8px 10px", borderRadius: 10, background: c.ground, border: `1.5px solid ${c.line}`, color: c.text }}>
      <Handle type="target" position={Position.Left} style={{ opacity: 0 }} />
      <div className="row" style={{ flexWrap: "nowrap", justifyContent: "space-between" }}>
        <span style={{ fontSize: 12 }}>{kind(item.kind)}</span>
        {item.action ? <ToneTag tone={actionTone[item.action]} icon={<></>}>{t(`bundles.${item.action}`)}</ToneTag> : <PhaseTag phase={item.phase} />}
      </div>
      <div style={{ fontWeight: 600, marginTop: 4, overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap" }} title={item.name}>
        {plural && item.id ? <Link to="/$plural/$id" params={{ plural, id: item.id }} style={{ color: "inherit" }}>{item.name}</Link> : item.name}
      </div>
      {item.message && item.phase !== "Ready" && <div style={{ fontSize: 11.5, overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap" }} title={item.message}>{item.message}</div>}
      <Handle type="source" position={Position.Right} style={{ opacity: 0 }} />
    </div>
  );
}
const nodeTypes = { resource: Resource };

/** Draws resources in layers by what they depend on; colour, icon and words tell each one's state. */
export function DeploymentGraph({ items }: { items: GraphItem[] }) {
  const { t } = useWords();
  const mode = useMode();
  const nodes = useMemo<Box[]>(() => {
    const places = place(items, width, height);
    return items.map((item) => ({ id: item.key, type: "resource", position: places.get(item.key) ?? { x: 0, y: 0 }, data: { item }, focusable: false }));
  }, [items]);
  const edges = useMemo<Edge[]>(() => {
    const phase = new Map(items.map((i) => [i.key, i.phase]));
    return direct(items).map(([source, target]) => ({ id: `${source}-${target}`, source, target, animated: ["Working", "Pending"].includes(phase.get(target) ?? ""), focusable: false, style: { strokeWidth: 1.6 } }));
  }, [items]);
  return (
    <section aria-label={t("bundles.graphLabel")} style={{ height: "min(56vh, 540px)", minHeight: 340 }}>
      <ReactFlow
        key={items.map((i) => i.key).join()}
        nodes={nodes}
        edges={edges}
        nodeTypes={nodeTypes}
        colorMode={mode}
        fitView
        fitViewOptions={{ padding: 0.08, maxZoom: 1.1 }}
        minZoom={0.2}
        nodesDraggable={false}
        nodesConnectable={false}
        elementsSelectable={false}
        zoomOnScroll={false}
        preventScrolling={false}
      >
        <Background />
        <Controls showInteractive={false} />
      </ReactFlow>
    </section>
  );
}
