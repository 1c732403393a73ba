import type { Node } from "../api/types";

export interface Branch extends Node {
  children?: Branch[];
}

/** Hangs nodes below their parents; those whose parent is out of sight stand at the top. */
export function branches(nodes: Node[]): Branch[] {
  const seen = new Set(nodes.map((n) => n.id));
  const under = (parent: string): Branch[] =>
    nodes.filter((n) => n.parentId === parent).map((n) => {
      const children = under(n.id);
      return children.length > 0 ? { ...n, children } : { ...n };
    });
  return nodes.filter((n) => !n.parentId || !seen.has(n.parentId)).map((n) => {
    const children = under(n.id);
    return children.length > 0 ? { ...n, children } : { ...n };
  });
}
