import { describe, expect, it } from "vitest";
import type { Me } from "../api/types";
import { allowed } from "./permissions";

const node = (id: string, path: string, type: Me["nodes"][number]["type"], suspended = false) => ({ id, path, type, fullName: id, name: id, suspended, createdAt: "" });
const grant = (nodeId: string, role: "member" | "reader" | "admin", verbs: string[]) => ({ nodeId, node: nodeId, nodeType: "project" as const, role, kinds: [{ kind: "server", verbs }] });
const reads = ["get", "list", "watch"];
const me = (suspended = false): Me => ({
  user: { id: "u", name: "u", disabled: false, createdAt: "" },
  nodes: [node("root", "root/", "group"), node("a", "root/a/", "project", suspended), node("b", "root/b/", "project")],
  permissions: { global: [{ kind: "server", verbs: reads }, { kind: "flavor", verbs: reads }], grants: [grant("a", "member", [...reads, "create"]), grant("b", "reader", reads)] },
});

describe("what is shown", () => {
  it("follows the grants above a project", () => {
    expect(allowed(me(), "create", "server", "a")).toBe(true);
    expect(allowed(me(), "create", "server", "b")).toBe(false);
    expect(allowed(me(), "create", "server")).toBe(true);
  });
  it("follows the global permissions for kinds of the whole installation", () => {
    expect(allowed(me(), "list", "flavor", "a")).toBe(true);
    expect(allowed(me(), "create", "flavor", "a")).toBe(false);
  });
  it("offers no change in a suspended project", () => {
    expect(allowed(me(true), "create", "server", "a")).toBe(false);
    expect(allowed(me(true), "list", "server", "a")).toBe(true);
  });
});
