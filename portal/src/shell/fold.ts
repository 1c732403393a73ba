import { useSyncExternalStore } from "react";
import { useWide } from "../controls/useWide";

const remembered = "plaza.menu";
const listeners = new Set<() => void>();
let chosen = globalThis.localStorage?.getItem(remembered);

function subscribe(f: () => void) {
  listeners.add(f);
  return () => void listeners.delete(f);
}

/** Leaves the menu as its icons alone, or opens it. */
export function fold(yes: boolean): void {
  chosen = yes ? "closed" : "open";
  localStorage.setItem(remembered, chosen);
  for (const f of listeners) f();
}

/** Whether the menu is folded to icons: where room is scarce, or as the user left it. */
export function useFolded(): boolean {
  const wide = useWide();
  const choice = useSyncExternalStore(subscribe, () => chosen);
  return wide ? choice === "closed" : choice !== "open";
}
