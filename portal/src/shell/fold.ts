import { useSyncExternalStore } from "react";
import { listeners } from "../controls/listeners";
import { useWide } from "../controls/useWide";

const remembered = "plaza.menu";
const { subscribe, tell } = listeners();
let chosen = globalThis.localStorage?.getItem(remembered);

/** Leaves the menu as its icons alone, or opens it. */
export function fold(yes: boolean): void {
  chosen = yes ? "closed" : "open";
  localStorage.setItem(remembered, chosen);
  tell();
}

/** Whether the menu is folded to icons: where room is scarce, or as the user left it. */
export function useFolded(): boolean {
  const wide = useWide();
  const choice = useSyncExternalStore(subscribe, () => chosen);
  return wide ? choice === "closed" : choice !== "open";
}
