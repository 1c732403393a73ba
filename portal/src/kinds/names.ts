import { useQuery } from "@tanstack/react-query";
import { createContext, use, useMemo } from "react";
import { queries } from "../api/queries";
import type { KindObject, Schemas } from "../api/types";

type Known = Map<string, Schemas["Hit"]>;

/** What the ids on a page belong to. */
export const NamesContext = createContext<Known>(new Map());
export const useNames = (): Known => use(NamesContext);

const id = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const most = 100;

/** The ids that an object refers to. */
export function idsIn(object: Pick<KindObject, "id" | "spec" | "status">): string[] {
  const found = new Set(JSON.stringify([object.spec, object.status]).match(id) ?? []);
  found.delete(object.id);
  return [...found].sort().slice(0, most);
}

/** Asks once for the names of all that an object refers to. */
export function useNamesOf(object?: KindObject): Known {
  const ids = useMemo(() => (object ? idsIn(object) : []), [object]);
  const { data } = useQuery(queries.names(ids));
  return useMemo(() => new Map((data?.items ?? []).map((h) => [h.id, h])), [data]);
}
