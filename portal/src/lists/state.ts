import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";

/** What a list shows; it stands in the address, so that links lead to it. */
export interface ListState {
  /** Words within names and labels. */
  q?: string;
  filter: string[];
  sort?: string;
}

export const sorts = ["name", "phase", "createdAt", "updatedAt"];
const most = 16;

// Addresses are written by people, too: what reads as a number or a single text is taken for what was meant.
const text = (v: unknown): string | undefined => (typeof v === "string" || typeof v === "number" ? String(v) : undefined);

/** Reads what an address says of a list; what makes no sense is left out. */
export function readState(search: Record<string, unknown>): ListState {
  const q = text(search.q)?.slice(0, 200);
  const sort = text(search.sort);
  const filter = [search.filter ?? []].flat().map(text).filter((f) => f !== undefined && f !== "").slice(0, most) as string[];
  return { ...(q ? { q } : {}), filter, ...(sort && sorts.includes(sort.replace(/^-/, "")) ? { sort } : {}) };
}

/** The search parameters of a state; what is as always is left out. */
export function searchOf({ q, filter, sort }: ListState) {
  return { q: q || undefined, filter: filter.length > 0 ? filter : undefined, sort };
}

export function useListState(): [ListState, (change: Partial<ListState>) => void] {
  const search = useSearch({ strict: false }) as Record<string, unknown>;
  const navigate = useNavigate();
  const state = useMemo(() => readState(search), [search]);
  const set = useCallback(
    (change: Partial<ListState>) => void navigate({ to: ".", replace: true, search: (now: Record<string, unknown>) => ({ ...now, ...searchOf({ ...readState(now), ...change }) }) } as never),
    [navigate],
  );
  return [state, set];
}
