import { describe, expect, it } from "vitest";
import { type LaneMap, lanesOf, layout, lineWidth, ordered, perSecond, size, trafficOf } from "./lanes";

const nodes = (name: string, n: number) => Array.from({ length: n }, (_, i) => ({ name: `${name}-${i}`, address: `10.0.0.${i}:80` }));
const map = (apps: LaneMap["apps"]): LaneMap => ({ chain: "shop", version: 7, subscribers: 2, behind: 0, reporting: 2, violations: 0, rejects: 0, invalid: 0, apps });
const active = (env: string) => ({ env, stage: "active" });
const shop = map([
  { app: "stock", pools: [{ nodes: nodes("stock", 2) }], flows: [{ pool: "public", decision: "common", callsPerSecond: 30 }, { env: "flash", pool: "public", decision: "shared", callsPerSecond: 10 }] },
  { app: "trade", entry: true, pools: [{ nodes: nodes("trade", 30) }, { env: "flash", stage: "active", nodes: nodes("flash", 2) }], flows: [{ env: "flash", pool: "dedicated", decision: "dedicated", callsPerSecond: 9 }, { env: "flash", pool: "dedicated", decision: "retry", callsPerSecond: 1 }, { env: "flash", pool: "public", decision: "failover", callsPerSecond: 2 }] },
  { app: "pay", pools: [{ nodes: nodes("pay", 1) }, { env: "flash", stage: "active", nodes: nodes("pay-flash", 1) }], flows: [{ env: "flash", pool: "none", decision: "strict_fail", callsPerSecond: 3 }] },
]);
const picture = layout(shop, [active("flash")]);
const stream = (app: string, env: string, way: string) => picture.streams.find((s) => s.app === app && s.env === env && s.way === way)!;
const lane = (env: string) => picture.lanes.find((l) => l.env === env)!;
const within = (y: number, env: string) => y > lane(env).top && y < lane(env).top + lane(env).height;

describe("lanes", () => {
  it("begin with the public one, and none that flows is missing", () => {
    const odd = map([{ app: "a", pools: [{ nodes: [] }, { env: "b", stage: "draining", nodes: [] }], flows: [{ env: "c", pool: "public", decision: "shared", callsPerSecond: 1 }] }]);
    expect(lanesOf(odd, [{ env: "new", stage: "waiting" }])).toEqual([{ env: "", stage: "" }, { env: "new", stage: "waiting" }, { env: "b", stage: "draining" }, { env: "c", stage: "" }]);
  });

  it("lead from the entry inwards", () => {
    expect(ordered(shop).map((a) => a.app)).toEqual(["trade", "stock", "pay"]);
  });
});

describe("traffic", () => {
  it("adds up by where it is served, its own nodes first", () => {
    expect(trafficOf(shop.apps[1]!, [active(""), active("flash")])).toEqual([
      { env: "", way: "own", rate: 0 },
      { env: "flash", way: "own", rate: 10 },
      { env: "flash", way: "failover", rate: 2 },
    ]);
  });

  it("that nobody reported is shown where it would go, for environments that take requests", () => {
    const quiet = { app: "a", pools: [{ nodes: nodes("a", 1) }], flows: [] };
    expect(trafficOf(quiet, [active(""), active("x"), { env: "y", stage: "preparing" }])).toEqual([{ env: "", way: "own", rate: 0 }, { env: "x", way: "shared", rate: 0 }]);
  });

  it("of a chain that is switched off is public", () => {
    const off = { app: "a", pools: [{ nodes: nodes("a", 3) }], flows: [{ pool: "all" as const, decision: "off", callsPerSecond: 5 }] };
    expect(trafficOf(off, [active("")])).toEqual([{ env: "", way: "own", rate: 5 }]);
  });
});

describe("the picture", () => {
  it("leads what is shared through the public lane, and back", () => {
    expect(within(stream("trade", "flash", "own").to.y, "flash")).toBe(true);
    expect(within(stream("stock", "flash", "shared").to.y, "")).toBe(true);
    expect(stream("stock", "flash", "shared").from.y).toBe(stream("trade", "flash", "own").to.y);
    expect(stream("pay", "flash", "refused").from.y).toBe(stream("stock", "flash", "shared").to.y);
    expect(within(stream("pay", "flash", "refused").to.y, "flash")).toBe(true);
  });

  it("lets no two streams come to one place, and lanes not overlap", () => {
    const places = picture.streams.map((s) => `${s.to.x} ${s.to.y}`);
    expect(new Set(places).size).toBe(places.length);
    for (const [above, below] of picture.lanes.slice(1).map((l, i) => [picture.lanes[i]!, l] as const)) expect(above.top + above.height).toBeLessThan(below.top);
    const many = layout(shop, Array.from({ length: 12 }, (_, i) => active(`e${i}`)));
    const ys = many.streams.filter((s) => s.app === "stock").map((s) => s.to.y).toSorted((a, b) => a - b);
    for (const [i, y] of ys.slice(1).entries()) expect(y - ys[i]!).toBeGreaterThanOrEqual(size.port);
  });

  it("goes on from where most of a lane is served, and ends at the last app", () => {
    expect(picture.streams.filter((s) => s.env === "flash" && s.onward).map((s) => `${s.app} ${s.way}`)).toEqual(["trade own", "stock shared"]);
  });

  it("has a cell for each pool, all within its bounds", () => {
    expect(picture.cells.map((c) => `${c.app} ${c.env} ${c.nodes.length}`)).toEqual(["trade  30", "trade flash 2", "stock  2", "pay  1", "pay flash 1"]);
    for (const c of picture.cells) expect(c.x + size.cell <= picture.width && c.y + c.height <= picture.height).toBe(true);
  });

  it("of nothing is empty", () => {
    expect(layout(map([]), [])).toMatchObject({ cells: [], streams: [] });
  });
});

it("lines are as wide as what flows, and never vanish", () => {
  expect([0, 1, 10].map((r) => lineWidth(r, 10))).toEqual([1.5, 2.9, size.line]);
});

it("rates are short", () => {
  expect([0, 0.01, 12.34, 1234.5].map((r) => perSecond(r, "en"))).toEqual(["0/s", "<0.1/s", "12.3/s", "1,235/s"]);
});
