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
