import type { Schemas } from "../api/types";

export type Place = Schemas["TopologyPlace"];
export type Machine = Schemas["TopologyMachine"];
export type Server = Schemas["TopologyServer"];

/** What is drawn as one box: a machine, or servers of a place that are on none that is known. */
export interface Rack {
  key: string;
  machine?: Machine;
  servers: Server[];
  x: number;
  y: number;
  width: number;
  height: number;
}
export interface Area {
  key: string;
  place?: Place;
  racks: Rack[];
  x: number;
  y: number;
  width: number;
  height: number;
}

export const size = { chip: 30, gap: 12, machine: 252, head: 58, areaHead: 64, empty: 22 };

const heightOf = (servers: number) => size.head + (servers > 0 ? Math.ceil(servers / 2) * size.chip + 8 : size.empty);

/** How many machines stand beside each other, so that an area is about half as high as it is wide. */
const columnsOf = (n: number) => Math.min(6, Math.max(1, Math.ceil(Math.sqrt(n * 1.2))));

function place(racks: Omit<Rack, "x" | "y" | "width" | "height">[]): { racks: Rack[]; width: number; height: number } {
  const columns = columnsOf(racks.length);
  const tops = Array.from({ length: columns }, () => size.areaHead);
  const placed = racks.map((r) => {
    const at = tops.indexOf(Math.min(...tops));
    const y = tops[at] ?? 0;
    const height = heightOf(r.servers.length);
    tops[at] = y + height + size.gap;
    return { ...r, x: size.gap + at * (size.machine + size.gap), y, width: size.machine, height };
  });
  return { racks: placed, width: Math.max(1, columns) * (size.machine + size.gap) + size.gap, height: Math.max(size.areaHead + size.gap, ...tops) };
}

/** Areas of places beside each other, in rows of about a width; what is nowhere yet has an area of its own. */
export function layout(t: { places: Place[]; machines: Machine[]; servers: Server[] }, width = 1400): Area[] {
  const on = new Map<string, Server[]>();
  const spot = (where?: string, machine?: string) => `${where ?? ""} ${machine ?? ""}`;
  for (const s of t.servers) on.set(spot(s.place, s.machine), [...(on.get(spot(s.place, s.machine)) ?? []), s]);
  const known = new Set(t.places.map((p) => p.id));
  const parts = t.places.map((p) => {
    const machines = t.machines.filter((m) => m.place === p.id);
    const stray = on.get(spot(p.id)) ?? [];
    return { key: p.id, place: p, racks: [...machines.map((m) => ({ key: spot(p.id, m.id), machine: m, servers: on.get(spot(p.id, m.id)) ?? [] })), ...(stray.length > 0 ? [{ key: spot(p.id), servers: stray }] : [])] };
  });
  const lost = t.servers.filter((s) => !s.place || !known.has(s.place));
  const all: { key: string; place?: Place; racks: Omit<Rack, "x" | "y" | "width" | "height">[] }[] = lost.length > 0 ? [...parts, { key: "nowhere", racks: [{ key: "nowhere ", servers: lost }] }] : parts;
  let x = 0;
  let y = 0;
  let row = 0;
  return all.map((a) => {
    const inner = place(a.racks);
    const boxWidth = Math.max(inner.width, size.machine + 2 * size.gap);
    if (x > 0 && x + boxWidth > width) {
      x = 0;
      y += row + 2 * size.gap;
      row = 0;
    }
    const area = { key: a.key, place: a.place, racks: inner.racks, x, y, width: boxWidth, height: inner.height };
    x += boxWidth + 2 * size.gap;
    row = Math.max(row, inner.height);
    return area;
  });
}

/** The bundles that servers belong to, by name. */
export function bundlesOf(servers: Server[]): { id: string; name: string }[] {
  const found = new Map(servers.flatMap((s) => (s.bundle ? [[s.bundle.id, s.bundle.name || s.bundle.id.slice(0, 8)] as const] : [])));
  return [...found].map(([id, name]) => ({ id, name })).toSorted((a, b) => a.name.localeCompare(b.name));
}
