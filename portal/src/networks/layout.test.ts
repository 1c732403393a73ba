import { expect, it } from "vitest";
import { layout, membersOf, type NetworkMap } from "./layout";

const thing = (id: string) => ({ id, name: id, project: "p", phase: "Ready" as const });
const map: NetworkMap = {
  more: false,
  networks: [{ ...thing("lone"), cidr: "10.3.0.0/24" }, { ...thing("front"), cidr: "10.1.0.0/24", egress: "nat" }, { ...thing("back"), cidr: "10.2.0.0/24" }],
  routers: [{ ...thing("r"), networks: ["front", "back"] }],
  servers: [{ ...thing("web"), networks: ["front", "back"], public: 1, address: "10.1.0.5" }, { ...thing("db"), networks: ["back"], public: 0 }],
  balancers: [{ ...thing("lb"), network: "front", address: "203.0.113.9" }],
  addresses: [{ ...thing("f"), address: "203.0.113.7", server: "web" }],
};

it("who is in a network stands in it once, with how it is reached", () => {
  expect(membersOf(map, map.networks[1]!).map((m) => [m.name, m.floating, m.also.join()])).toEqual([["lb", "203.0.113.9", ""], ["web", "203.0.113.7", "back"]]);
  expect(membersOf(map, map.networks[2]!).map((m) => m.name)).toEqual(["db"]);
});

it("networks of a router stand beside each other, and lines tell what is joined", () => {
  const d = layout(map);
  expect(d.networks.map((n) => n.network.name)).toEqual(["front", "back", "lone"]);
  expect(d.edges).toEqual([{ from: "outside", to: "front", kind: "nat" }, { from: "front", to: "r", kind: "router" }, { from: "back", to: "r", kind: "router" }]);
  const router = d.routers[0]!;
  expect(router.x).toBeGreaterThan(d.networks[0]!.x);
  expect(router.x).toBeLessThan(d.networks[1]!.x + 280);
  expect(router.y).toBeGreaterThan(Math.max(...d.networks.map((n) => n.y + n.height)));
});

it("routers never lie over each other, and what is closed has no outside", () => {
  const closed = { ...map, networks: map.networks.map((n) => ({ ...n, egress: undefined })), routers: ["a", "b", "c"].map((id) => ({ ...thing(id), networks: ["front", "back"] })) };
  const d = layout(closed);
  expect(d.outside).toBeUndefined();
  const xs = d.routers.map((r) => r.x).toSorted((a, b) => a - b);
  expect(xs[1]! - xs[0]!).toBeGreaterThanOrEqual(150);
  expect(xs[2]! - xs[1]!).toBeGreaterThanOrEqual(150);
});
