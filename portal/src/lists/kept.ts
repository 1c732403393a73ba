import { useState } from "react";
import { useMe } from "../session/permissions";
import type { ListState } from "./state";

export interface SavedFilter {
  name: string;
  state: ListState;
}

const saves = 50;

function read<T>(key: string, valid: (v: unknown) => v is T): T | undefined {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(key) ?? "null");
    return valid(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Keeps something of the user's in this browser, by kind; others who sign in here have their own. */
function useKept<T>(what: string, plural: string, valid: (v: unknown) => v is T): [T | undefined, (value: T | undefined) => void] {
  const { user } = useMe();
  const key = `plaza.${user.id}.${what}.${plural}`;
  const [value, set] = useState(() => read(key, valid));
  const keep = (next: T | undefined) => {
    if (next === undefined) localStorage.removeItem(key);
    else localStorage.setItem(key, JSON.stringify(next));
    set(next);
  };
  return [value, keep];
}

const isTexts = (v: unknown): v is string[] => Array.isArray(v) && v.every((x) => typeof x === "string");
const isSaved = (v: unknown): v is SavedFilter[] => Array.isArray(v) && v.every((x: Partial<SavedFilter> | null) => typeof x?.name === "string" && isTexts(x.state?.filter));

/** The columns chosen for a kind's list; undefined for those it begins with. */
export const useKeptColumns = (plural: string) => useKept("columns", plural, isTexts);

/** Adds a filter, in place of one by the same name; they stand by name. */
export function withSaved(list: SavedFilter[], name: string, state: ListState): SavedFilter[] {
  return [...list.filter((f) => f.name !== name), { name, state }].toSorted((a, b) => a.name.localeCompare(b.name)).slice(0, saves);
}

export function useSavedFilters(plural: string) {
  const [kept, keep] = useKept("filters", plural, isSaved);
  const list = kept ?? [];
  return {
    list,
    save: (name: string, state: ListState) => keep(withSaved(list, name, state)),
    remove: (name: string) => keep(list.filter((f) => f.name !== name)),
  };
}
