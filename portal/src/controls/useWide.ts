import { useSyncExternalStore } from "react";

const wide = globalThis.matchMedia?.("(min-width: 992px)");

function subscribe(f: () => void) {
  wide?.addEventListener("change", f);
  return () => wide?.removeEventListener("change", f);
}

/** Whether there is room for words beside icons. */
export const useWide = (): boolean => useSyncExternalStore(subscribe, () => wide?.matches ?? true);
