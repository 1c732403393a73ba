import { GlobalOutlined, PartitionOutlined } from "@ant-design/icons";
import { Background, Controls, type Edge, Handle, type Node, type NodeProps, Position, ReactFlow } from "@xyflow/react";
import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import { PhaseTag, toneOf, tones } from "../feedback/PhaseTag";
import { useWords } from "../i18n/words";
import { useMode } from "../shell/mode";
import { layout, type Member, type NetworkBox, type NetworkMap, size } from "./layout";
import "@xyflow/react/dist/style.css";
import "../topology/topology.css";

type NetworkNode = Node<{ box: NetworkBox }, "network">;
type RouterNode = Node<{ id: string; name: string; phase: Member["phase"] }, "router">;
type OutsideNode = Node<Record<string, never>, "outside">;

const hidden = { opacity: 0 };

function MemberChip({ member: m }: { member: Member }) {
  const { t } = useWords();
  const c = tones[useMode()][toneOf(m.phase)];
  const parts = [m.address, m.floating && `↔ ${m.floating}`, m.published > 0 && t("netmap.published", { count: m.published }), ...m.also.map((n) => `+ ${n}`)].filter(Boolean);
  const told = `${m.name}: ${t(`phase.${m.phase}`)}${parts.length > 0 ? ` · ${parts.join(" · ")}` : ""}`;
  return (
    <Link to="/$plural/$id" params={{ plural: m.plural, id: m.id }} className="chip nodrag" title={told} aria-label={told} data-member={m.name} style={{ height: size.member - 6, lineHeight: `${size.member - 8}px`, color: c.text, background: c.ground, border: `1px solid ${c.line}` }}>
      <strong>{m.name}</strong> {parts.join(" · ")}
    </Link>
  );
}

function NetworkCard({ data: { box } }: NodeProps<NetworkNode>) {
  const { t } = useWords();
  const n = box.network;
  return (
    <div className="area" data-network={n.name}>
      <Handle type="target" position={Position.Top} style={hidden} />
      <div className="row" style={{ flexWrap: "nowrap", justifyContent: "space-between" }}>
        <Link to="/$plural/$id" params={{ plural: "networks", id: n.id }} style={{ fontWeight: 600, fontSize: 15, overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap" }}>{n.name}</Link>
        <PhaseTag phase={n.phase} />
      </div>
      <div style={{ fontSize: 12.5 }}><span className="mono">{n.cidr}</span> · {t(n.egress === "nat" ? "netmap.nat" : "netmap.closed")}</div>
      <div className="stack" style={{ gap: 6, marginTop: 8 }}>
        {box.members.length === 0 && <div style={{ fontSize: 12.5 }}>{t("netmap.empty")}</div>}
        {box.members.map((m) => <MemberChip key={m.id} member={m} />)}
      </div>
      <Handle type="source" position={Position.Bottom} style={hidden} />
    </div>
  );
}

function RouterCard({ data: r }: NodeProps<RouterNode>) {
  const { t } = useWords();
  const c = tones[useMode()][toneOf(r.phase)];
  return (
    <div style={{ width: size.router, boxSizing: "border-box", padding: "8px 10px", borderRadius: 22, textAlign: "center", color: c.text, background: c.ground, border: `1.5px solid ${c.line}` }} data-router={r.name}>
      <Handle type="target" position={Position.Top} style={hidden} />
      <PartitionOutlined aria-hidden /> <Link to="/$plural/$id" params={{ plural: "routers", id: r.id }} style={{ color: "inherit", fontWeight: 600 }}>{r.name}</Link>
      <div style={{ fontSize: 12 }}>{t("netmap.router")} · {t(`phase.${r.phase}`)}</div>
    </div>
  );
}

function OutsideCard() {
  const { t } = useWords();
  const c = tones[useMode()].busy;
  return (
    <div style={{ width: size.router, boxSizing: "border-box", padding: "12px 10px", borderRadius: 26, textAlign: "center", fontWeight: 600, color: c.text, background: c.ground, border: `1.5px solid ${c.line}` }}>
      <GlobalOutlined aria-hidden /> {t("netmap.outside")}
      <Handle type="source" position={Position.Bottom} style={hidden} />
    </div>
  );
}
const nodeTypes = { network: NetworkCard, router: RouterCard, outside: OutsideCard };

/** Networks side by side with who is in them, routers below those that they join, the outside above. */
export function Picture({ map }: { map: NetworkMap }) {
  const { t } = useWords();
  const mode = useMode();
  const drawing = useMemo(() => layout(map), [map]);
  const nodes = useMemo(
    (): (NetworkNode | RouterNode | OutsideNode)[] => [
      ...(drawing.outside ? [{ id: "outside", type: "outside" as const, position: drawing.outside, data: {}, focusable: false }] : []),
      ...drawing.networks.map((box): NetworkNode => ({ id: box.network.id, type: "network", position: { x: box.x, y: box.y }, width: size.width, height: box.height, data: { box }, focusable: false })),
      ...drawing.routers.map((r): RouterNode => ({ id: r.router.id, type: "router", position: { x: r.x, y: r.y }, data: { id: r.router.id, name: r.router.name, phase: r.router.phase }, focusable: false })),
    ],
    [drawing],
  );
  const edges = useMemo((): Edge[] => drawing.edges.map((e) => ({ id: `${e.from} ${e.to}`, source: e.from, target: e.to, focusable: false, style: { strokeWidth: 1.8, strokeDasharray: e.kind === "nat" ? "6 4" : undefined } })), [drawing]);
  return (
    <section aria-label={t("netmap.pictureLabel")} className="picture">
      <ReactFlow key={nodes.map((n) => n.id).join()} nodes={nodes} edges={edges} nodeTypes={nodeTypes} colorMode={mode} fitView fitViewOptions={{ padding: 0.08, maxZoom: 1 }} minZoom={0.05} nodesDraggable={false} nodesConnectable={false} elementsSelectable={false} zoomOnScroll={false} preventScrolling={false}>
        <Background />
        <Controls showInteractive={false} />
      </ReactFlow>
    </section>
  );
}
