import type { Me, Node, Schemas } from "../api/types";
import { allowedOn } from "../session/nodes";
import { type Branch, branches } from "../tenants/branches";

export interface QuotaRow extends Omit<Branch, "children"> {
  usage: Schemas["QuotaUsage"];
  children?: QuotaRow[];
}

/** How near a limit is: over it, at it, above its warning, or none of that. */
export type Nearness = "over" | "full" | "soon" | "fine";

export const usedOf = (u: Schemas["QuotaUsage"]): number => u.reserved + u.committed;

export function nearness(u: Schemas["QuotaUsage"]): Nearness {
  const used = usedOf(u);
  if (u.hard >= 0 && used > u.hard) return "over";
  if (u.hard >= 0 && used === u.hard && used > 0) return "full";
  return u.soft >= 0 && used > u.soft ? "soon" : "fine";
}

/** The nodes at and below one, each with its use; who has neither limit nor use has nothing to tell, and is there all the same. */
export function rows(nodes: Node[], top: Node, metric: string, usages: Schemas["QuotaUsage"][]): QuotaRow[] {
  const of = new Map(usages.map((u) => [u.node, u]));
  const rowOf = (b: Branch): QuotaRow => {
    const { children, ...node } = b;
    const usage = of.get(b.id) ?? { node: b.id, metric, hard: -1, soft: -1, strict: false, reserved: 0, committed: 0 };
    return { ...node, usage, ...(children ? { children: children.map(rowOf) } : {}) };
  };
  return branches(nodes.filter((n) => n.path.startsWith(top.path))).map(rowOf);
}

/** Limits are given from above: whoever may set those of the node above, or of the root. */
export function mayLimit(me: Me, node: Node): boolean {
  const above = node.path.split("/").filter(Boolean).at(-2);
  return allowedOn(me, "update", "quota", above ?? node.id);
}

/** The highest of the nodes that one sees. */
export function tops(nodes: Node[]): Node[] {
  const seen = new Set(nodes.map((n) => n.id));
  return nodes.filter((n) => !seen.has(n.parentId ?? ""));
}
