import type { Me } from "../api/types";

/** Whether the user may do verb to a kind that belongs to nodes of the tree, such as quota, on one of them. It decides what is shown: the server decides what happens. */
export function allowedOn(me: Me, verb: string, kind: string, nodeId: string): boolean {
  const node = me.nodes.find((n) => n.id === nodeId);
  if (!node) return false;
  const line = new Set(node.path.split("/").filter(Boolean));
  return (me.permissions.grants ?? []).some((g) => line.has(g.nodeId) && g.kinds?.some((k) => k.kind === kind && k.verbs?.includes(verb)));
}
