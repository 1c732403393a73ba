import { expect, it } from "vitest";
import type { Me, Node, Schemas } from "../api/types";
import { mayLimit, nearness, rows, tops } from "./tree";

const node = (id: string, parentId: string, path: string, type: Node["type"] = "brand"): Node => ({ id, parentId, path, type, name: id, fullName: id, title: "", suspended: false, createdAt: "2026-01-01T00:00:00Z" });
const nodes = [node("root", "", "root/", "group"), node("north", "root", "root/north/"), node("shop", "north", "root/north/shop/", "project"), node("south", "root", "root/south/")];
const usage = (of: string, hard: number, used: number, soft = -1): Schemas["QuotaUsage"] => ({ node: of, metric: "vcpus", hard, soft, strict: false, reserved: 1, committed: used - 1 });
const me = (nodeId: string): Me => ({ nodes, permissions: { global: [], grants: [{ nodeId, node: "", nodeType: "group", role: "admin", kinds: [{ kind: "quota", verbs: ["get", "update"] }] }] } }) as unknown as Me;

it("a tree has every node, with its use", () => {
  const [north] = rows(nodes, nodes[1]!, "vcpus", [usage("north", 8, 6), usage("shop", -1, 6)]);
  expect(north?.usage.hard).toBe(8);
  expect(north?.children?.[0]?.usage.committed).toBe(5);
  expect(rows(nodes, nodes[3]!, "vcpus", [])[0]?.usage).toMatchObject({ hard: -1, committed: 0 });
});

it("limits are given from above", () => {
  expect(mayLimit(me("north"), nodes[1]!)).toBe(false);
  expect(mayLimit(me("north"), nodes[2]!)).toBe(true);
  expect(mayLimit(me("root"), nodes[0]!)).toBe(true);
  expect(tops(nodes.slice(1)).map((n) => n.id)).toEqual(["north", "south"]);
});

it("a limit is fine until it is not", () => {
  expect([nearness(usage("a", 8, 6)), nearness(usage("a", 8, 7, 6)), nearness(usage("a", 8, 8)), nearness(usage("a", 8, 9)), nearness(usage("a", -1, 9))]).toEqual(["fine", "soon", "full", "over", "fine"]);
});
