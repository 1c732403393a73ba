import { expect, it } from "vitest";
import { bundlesOf, layout, type Machine, type Place, type Server } from "./layout";

const place = (id: string): Place => ({ id, name: id, kind: "site", hosts: 1, alive: 1, servers: 0, stale: false });
const machine = (id: string, at: string): Machine => ({ id, name: id, place: at, alive: true, open: true, servers: 0 });
const server = (id: string, at?: string, on?: string, bundle?: string): Server => ({ id, name: id, project: "p", phase: "Ready", place: at, machine: on, ...(bundle ? { bundle: { kind: "bundle", id: bundle, name: bundle } } : {}) });

const areas = layout({
  places: [place("north"), place("south")],
  machines: [machine("h1", "north"), machine("h2", "north"), machine("h3", "south")],
  servers: [server("a", "north", "h1"), server("b", "north", "h1"), server("c", "north", "h2"), server("d", "south"), server("e")],
});

it("every server is drawn once, where it is", () => {
  const drawn = areas.flatMap((a) => a.racks.flatMap((r) => r.servers.map((s) => `${s.id} ${a.key} ${r.machine?.id ?? "-"}`)));
  expect(drawn).toEqual(["a north h1", "b north h1", "c north h2", "d south -", "e nowhere -"]);
});

it("nothing lies over another", () => {
  const apart = (a: { x: number; y: number; width: number; height: number }, b: typeof a) => a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
  const many = layout({ places: ["1", "2", "3", "4"].map(place), machines: Array.from({ length: 40 }, (_, i) => machine(`m${i}`, String((i % 4) + 1))), servers: Array.from({ length: 90 }, (_, i) => server(`s${i}`, "2", `m${(i % 10) * 4 + 1}`)) });
  for (const boxes of [areas, many, ...many.map((a) => a.racks)])
    for (const [i, a] of boxes.entries()) for (const b of boxes.slice(i + 1)) expect(apart(a, b)).toBe(true);
  for (const a of many) for (const r of a.racks) expect(r.x + r.width <= a.width && r.y + r.height <= a.height).toBe(true);
});

it("bundles are told once each, by name", () => {
  expect(bundlesOf([server("a", "n", "h", "shop"), server("b", "n", "h", "retail"), server("c", "n", "h", "shop")]).map((b) => b.name)).toEqual(["retail", "shop"]);
});
