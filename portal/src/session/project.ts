import { useSearch } from "@tanstack/react-router";
import { useCallback } from "react";
import type { Node } from "../api/types";
import { findProject, useMe } from "./permissions";

/** The project chosen in the address, if any; its full name stays readable in links. */
export function useProject(): Node | undefined {
  const me = useMe();
  const { project } = useSearch({ strict: false });
  return findProject(me, project);
}

/** The project that something new is usually meant for: the chosen one, or the only one. */
export function useUsualProject(): Node | undefined {
  const chosen = useProject();
  const projects = useMe().nodes.filter((n) => n.type === "project");
  return chosen ?? (projects.length === 1 ? projects[0] : undefined);
}

/** Answers with a project's name by its id. */
export function useProjectName(): (id?: string) => string {
  const me = useMe();
  return useCallback(
    (id) => {
      const node = me.nodes.find((n) => n.id === id);
      return node ? node.title || node.fullName || node.name : (id ?? "");
    },
    [me],
  );
}
