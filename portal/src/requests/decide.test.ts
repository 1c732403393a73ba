import { expect, it } from "vitest";
import type { Me, Node } from "../api/types";
import { mayDecide, type Request } from "./decide";

const node = (id: string, path: string, type: Node["type"]): Node => ({ id, path, parentId: path.split("/").at(-3) ?? "", type, name: id, fullName: id, title: "", suspended: false, createdAt: "" });
const nodes = [node("root", "root/", "group"), node("north", "root/north/", "brand"), node("shop", "root/north/shop/", "project")];
const me = (user: string, at: string, kinds: Record<string, string[]>): Me =>
  ({ user: { id: user }, nodes, permissions: { global: [], grants: [{ nodeId: at, role: "admin", kinds: Object.entries(kinds).map(([kind, verbs]) => ({ kind, verbs })) }] } }) as unknown as Me;
const asks = (needs: Request["spec"]["needs"], more: object = {}): Request =>
  ({ project: "shop", spec: { by: { user: "ann", id: "ann", name: "ann" }, verb: "create", kind: "server", needs, ...more }, status: { state: "open" } }) as unknown as Request;
const member = { request: ["approve"], server: ["create"] };

it("who could make the call decides about a permission, but nobody about their own", () => {
  const r = asks({ permission: true });
  expect(mayDecide(me("bob", "shop", member), r)).toBe(true);
  expect(mayDecide(me("ann", "shop", member), r)).toBe(false);
  expect(mayDecide(me("bob", "shop", { request: ["approve"], server: ["list"] }), r)).toBe(false);
});

it("who may set the limit decides about quota: it is given from above", () => {
  const r = asks({ permission: false, limits: [{ node: "shop", metric: "vcpus", missing: 2 }] });
  const admin = { ...member, quota: ["update"] };
  expect(mayDecide(me("bob", "north", admin), r)).toBe(true);
  expect(mayDecide(me("bob", "shop", admin), r)).toBe(false);
});

it("what is decided is over", () => {
  expect(mayDecide(me("bob", "shop", member), asks({ permission: true }, { decision: { verdict: "refused" } }))).toBe(false);
});
