import type { Schemas } from "../api/types";

export type LaneMap = Schemas["LaneMap"];
type LaneApp = Schemas["LaneApp"];
export type LaneNode = Schemas["LaneNode"];

/** Where calls of a lane are served: by the lane's own nodes, by public ones since it has none or too few, or nowhere. */
export type Way = "own" | "shared" | "failover" | "spill" | "refused";
export interface Traffic {
  env: string;
  way: Way;
  /** Calls a second; 0 where nothing was reported. */
  rate: number;
}
export interface Environment {
  env: string;
  id?: string;
  stage: string;
}
interface Point {
  x: number;
  y: number;
}
export interface Lane extends Environment {
  top: number;
  height: number;
}
export interface Cell {
  app: string;
  env: string;
  nodes: LaneNode[];
  x: number;
  y: number;
  height: number;
}
export interface Stream extends Traffic {
  app: string;
  from: Point;
  to: Point;
  width: number;
  /** Whether the lane goes on to another app. */
  onward: boolean;
}
export interface Picture {
  width: number;
  height: number;
  apps: { app: string; entry: boolean; x: number }[];
  lanes: Lane[];
  cells: Cell[];
  streams: Stream[];
}

/** Measures of the drawing, in pixels. */
export const size = { cell: 142, gap: 140, flat: 64, head: 34, between: 30, node: 14, step: 18, perRow: 7, shown: 21, port: 24, lane: 64, line: 11 };

/** Apps at which traffic comes in stand first; the others keep the order of the chain. */
export const ordered = (map: LaneMap): LaneApp[] => map.apps.toSorted((a, b) => Number(b.entry ?? false) - Number(a.entry ?? false));

/** The public lane, then one for each environment: those that are known, and any that only the map tells of. */
export function lanesOf(map: LaneMap, known: Environment[]): Environment[] {
  const seen = map.apps.flatMap((a) => [...a.pools.map((p) => ({ env: p.env ?? "", stage: p.stage ?? "" })), ...a.flows.map((f) => ({ env: f.env ?? "", stage: "" }))]);
  const lanes = new Map<string, Environment>([["", { env: "", stage: "" }]]);
  for (const e of [...known, ...seen]) if (!lanes.has(e.env)) lanes.set(e.env, e);
  return [...lanes.values()];
}

/** The nodes that a lane has of an app; undefined when it has none of its own. */
export const nodesOf = (app: LaneApp, env: string): LaneNode[] | undefined => app.pools.find((p) => (p.env ?? "") === env)?.nodes;

function wayOf(app: LaneApp, flow: Schemas["LaneFlow"]): Way {
  if (flow.pool === "none") return "refused";
  if (!flow.env || flow.pool === "dedicated") return "own";
  if (flow.decision === "spill") return "spill";
  return nodesOf(app, flow.env) ? "failover" : "shared";
}

/** What flows to an app by lane, and where it would flow when nothing was reported. */
export function trafficOf(app: LaneApp, lanes: Environment[]): Traffic[] {
  const sums = new Map<string, Traffic>();
  for (const flow of app.flows) {
    const env = flow.env ?? "";
    const way = wayOf(app, flow);
    const have = sums.get(`${env} ${way}`);
    sums.set(`${env} ${way}`, { env, way, rate: (have?.rate ?? 0) + flow.callsPerSecond });
  }
  return lanes.flatMap(({ env, stage }): Traffic[] => {
    const reported = [...sums.values()].filter((s) => s.env === env).toSorted((a, b) => Number(b.way === "own") - Number(a.way === "own") || b.rate - a.rate);
    if (reported.length > 0 || (env !== "" && stage !== "active")) return reported;
    return [{ env, way: nodesOf(app, env) ? "own" : "shared", rate: 0 }];
  });
}

/** Which lane's row the traffic comes to. */
const rowOf = (t: Traffic): string => (t.way === "own" || t.way === "refused" ? t.env : "");

export const lineWidth = (rate: number, most: number): number => (rate > 0 && most > 0 ? 2 + ((size.line - 2) * rate) / most : 1.5);

const cellHeight = (nodes: number, streams: number): number => Math.max(26 + size.step * Math.ceil(Math.min(Math.max(nodes, 1), size.shown) / size.perRow), (streams + 1) * size.port);

/** Places lanes below each other and apps side by side; what is shared goes through the public lane and comes back. */
export function layout(map: LaneMap, known: Environment[]): Picture {
  const apps = ordered(map).map((a, i) => ({ ...a, x: size.gap + i * (size.cell + size.gap) }));
  const envs = lanesOf(map, known);
  const traffic = apps.map((a) => trafficOf(a, envs));
  let top = size.head;
  const lanes = envs.map((e): Lane => {
    const heights = apps.map((a, i) => cellHeight(nodesOf(a, e.env)?.length ?? 0, (traffic[i] ?? []).filter((t) => rowOf(t) === e.env).length));
    const lane = { ...e, top, height: Math.max(size.lane, ...heights) };
    top += lane.height + size.between;
    return lane;
  });
  const cells = apps.flatMap((a) => lanes.flatMap((l): Cell[] => {
    const nodes = nodesOf(a, l.env);
    return nodes ? [{ app: a.app, env: l.env, nodes, x: a.x, y: l.top, height: l.height }] : [];
  }));
  return { width: apps.length * (size.cell + size.gap) + size.gap / 2, height: top, apps: apps.map((a) => ({ app: a.app, entry: a.entry ?? false, x: a.x })), lanes, cells, streams: streamsOf(apps, lanes, traffic) };
}

function streamsOf(apps: { app: string; x: number }[], lanes: Lane[], traffic: Traffic[][]): Stream[] {
  const most = Math.max(0, ...traffic.flat().map((t) => t.rate));
  const middle = (env: string) => {
    const lane = lanes.find((l) => l.env === env);
    return lane ? lane.top + lane.height / 2 : 0;
  };
  // Where each lane left the app before: a lane that had nothing there begins in its own row.
  let left = new Map<string, number>();
  return apps.flatMap(({ app, x }, column) => {
    const here = traffic[column] ?? [];
    const arrived = new Map<string, number>();
    const streams = here.map((t): Stream => {
      const row = lanes.find((l) => l.env === rowOf(t));
      const beside = here.filter((o) => rowOf(o) === rowOf(t));
      const y = (row?.top ?? 0) + ((row?.height ?? 0) * (beside.indexOf(t) + 1)) / (beside.length + 1);
      const onward = t.way !== "refused" && !arrived.has(t.env);
      if (onward) arrived.set(t.env, y);
      return { ...t, app, from: { x: x - size.gap, y: left.get(t.env) ?? middle(t.env) }, to: { x: t.way === "refused" ? x - 16 : x, y }, width: lineWidth(t.rate, most), onward: onward && column < apps.length - 1 };
    });
    left = arrived;
    return streams;
  });
}

/** "12.3/s", without digits that nobody reads. */
export function perSecond(rate: number, language: string): string {
  if (rate > 0 && rate < 0.05) return "<0.1/s";
  return `${new Intl.NumberFormat(language, { maximumFractionDigits: rate < 100 ? 1 : 0 }).format(rate)}/s`;
}
