import { Background, Controls, MiniMap, type Node, type NodeProps, ReactFlow } from "@xyflow/react";
import { CheckCircleFilled, ClockCircleFilled, CloseCircleFilled, SyncOutlined, WarningFilled } from "@ant-design/icons";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useMemo } from "react";
import { type Tone, toneOf, tones, ToneTag } from "../feedback/PhaseTag";
import { useWords } from "../i18n/words";
import { useMode } from "../shell/mode";
import { type Area, layout, type Machine, type Place, type Rack, type Server } from "./layout";
import "@xyflow/react/dist/style.css";
import "./topology.css";

type AreaNode = Node<{ area: Area }, "area">;
type RackNode = Node<{ rack: Rack; bundle?: string }, "rack">;

const marks: Partial<Record<Tone, ReactNode>> = { good: <CheckCircleFilled />, busy: <SyncOutlined />, warn: <WarningFilled />, bad: <CloseCircleFilled />, wait: <ClockCircleFilled /> };

export function machineTone(m: Machine): Tone {
  return m.alive ? (m.open ? "good" : "warn") : "bad";
}

export function usePlaceState(): (p: Place) => { tone: Tone; text: string } {
  const { t } = useWords();
  return (p) => {
    if (p.stale && p.kind !== "site") return { tone: "bad", text: t("topology.stale") };
    if (p.hosts === 0) return { tone: p.health === "HEALTH_OK" ? "good" : p.health === "HEALTH_ERR" ? "bad" : "warn", text: p.health ?? t("topology.noServers") };
    return { tone: p.alive === p.hosts ? "good" : p.alive === 0 ? "bad" : "warn", text: t("topology.hosts", { alive: p.alive, all: p.hosts }) };
  };
}

function AreaBox({ data: { area } }: NodeProps<AreaNode>) {
  const { t } = useWords();
  const stateOf = usePlaceState();
  const state = area.place && stateOf(area.place);
  return (
    <div className="area" data-place={area.place?.name ?? ""}>
      <div className="row" style={{ flexWrap: "nowrap" }}>
        <strong style={{ fontSize: 16 }}>{area.place ? `${t(`topology.kinds.${area.place.kind}`)} ${area.place.name}` : t("topology.nowhere")}</strong>
        {state && <ToneTag tone={state.tone}>{state.text}</ToneTag>}
      </div>
    </div>
  );
}

function Chip({ server: s, faint }: { server: Server; faint: boolean }) {
  const { t } = useWords();
  const c = tones[useMode()][toneOf(s.phase)];
  const told = `${s.name}: ${t(`phase.${s.phase}`)}${s.bundle?.name ? ` · ${s.bundle.name}` : ""}`;
  return (
    <Link to="/servers/$id" params={{ id: s.id }} className={`chip nodrag${faint ? " faint" : ""}`} title={told} aria-label={told} data-server={s.name} style={{ color: c.text, background: c.ground, border: `1px solid ${c.line}` }}>
      <span aria-hidden style={{ marginInlineEnd: 4 }}>{marks[toneOf(s.phase)]}</span>
      {s.name}
    </Link>
  );
}

function RackBox({ data: { rack, bundle } }: NodeProps<RackNode>) {
  const { t } = useWords();
  const { machine: m } = rack;
  const c = tones[useMode()][m ? machineTone(m) : "wait"];
  const others = m ? m.servers - rack.servers.length : 0;
  return (
    <div className="rack" style={{ background: c.ground, border: `1.5px solid ${c.line}`, color: c.text }} data-machine={m?.name ?? ""}>
      <div style={{ fontWeight: 600, overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap" }}>{m?.name ?? t("topology.unknownMachine")}</div>
      <div style={{ fontSize: 12, overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap" }} title={m?.why}>
        {m && <>{t(`topology.${m.alive ? (m.open ? "alive" : "closed") : "silent"}`)} · </>}
        {t("topology.servers", { count: rack.servers.length })}
        {others > 0 && ` · ${t("topology.others", { count: others })}`}
      </div>
      <div className="chips">
        {rack.servers.map((s) => <Chip key={s.id} server={s} faint={!!bundle && s.bundle?.id !== bundle} />)}
      </div>
    </div>
  );
}

const nodeTypes = { area: AreaBox, rack: RackBox };

/** Places as areas, machines as boxes in them, servers as chips on those; colour, mark and words tell each one's state. */
export function Picture({ of, bundle }: { of: { places: Place[]; machines: Machine[]; servers: Server[] }; bundle?: string }) {
  const { t } = useWords();
  const mode = useMode();
  const areas = useMemo(() => layout(of), [of]);
  const nodes = useMemo(
    () =>
      areas.flatMap((a): (AreaNode | RackNode)[] => [
        { id: a.key, type: "area", position: { x: a.x, y: a.y }, width: a.width, height: a.height, data: { area: a }, focusable: false },
        ...a.racks.map((r): RackNode => ({ id: r.key, type: "rack", parentId: a.key, position: { x: r.x, y: r.y }, width: r.width, height: r.height, data: { rack: r, bundle }, focusable: false })),
      ]),
    [areas, bundle],
  );
  return (
    <section aria-label={t("topology.pictureLabel")} className="picture">
      <ReactFlow key={areas.map((a) => a.key).join()} nodes={nodes} edges={[]} nodeTypes={nodeTypes} colorMode={mode} fitView fitViewOptions={{ padding: 0.05, maxZoom: 1 }} minZoom={0.05} nodesDraggable={false} nodesConnectable={false} elementsSelectable={false} zoomOnScroll={false} preventScrolling={false}>
        <Background />
        <Controls showInteractive={false} />
        {nodes.length > 30 && <MiniMap pannable zoomable ariaLabel={t("topology.pictureLabel")} />}
      </ReactFlow>
    </section>
  );
}
