import { useSuspenseQuery } from "@tanstack/react-query";
import { useCallback } from "react";
import { queries } from "../api/queries";
import type { Me, Node } from "../api/types";
import { kindNamed } from "../kinds/catalogue";

/** Ids of the nodes from the root down to the node itself. */
const line = (node: Node): string[] => node.path.split("/").filter(Boolean);

/** Finds a project by id or full name among what the user sees. */
export function findProject(me: Me, idOrName: string | undefined): Node | undefined {
  return me.nodes.find((n) => n.type === "project" && (n.id === idOrName || n.fullName === idOrName));
}

function suspended(me: Me, project: Node): boolean {
  const ids = new Set(line(project));
  return me.nodes.some((n) => n.suspended && ids.has(n.id));
}

const reads = new Set(["get", "list", "watch"]);

/**
 * Tells whether the user may do verb to a kind; with a project in that one, without in any. It decides what is shown:
 * the server decides what happens.
 */
export function allowed(me: Me, verb: string, kind: string, projectId?: string): boolean {
  const has = (list: Me["permissions"]["global"]) => list?.some((p) => p.kind === kind && p.verbs?.includes(verb)) ?? false;
  const global = has(me.permissions.global);
  if (kindNamed(kind)?.scoping === "global") return global;
  const grants = (me.permissions.grants ?? []).filter((g) => has(g.kinds));
  if (!projectId) return grants.length > 0 || (reads.has(verb) && global);
  const project = findProject(me, projectId);
  if (!project) return global;
  const over = grants.filter((g) => line(project).includes(g.nodeId));
  if (reads.has(verb) || !suspended(me, project)) return over.length > 0;
  return over.some((g) => g.role === "admin" && g.nodeId === line(project)[0]);
}

/** The user's name, tree and permissions; the frame is only shown once they are known. */
export function useMe(): Me {
  return useSuspenseQuery(queries.me).data;
}

export function useCan(): (verb: string, kind: string, projectId?: string) => boolean {
  const me = useMe();
  return useCallback((verb: string, kind: string, projectId?: string) => allowed(me, verb, kind, projectId), [me]);
}
