import { useSyncExternalStore } from "react";
import { listeners } from "../controls/listeners";

export type Mode = "light" | "dark";
/** What the user chose; the system decides until then. */
export type Choice = Mode | "system";
const remembered = "plaza.mode";
const { subscribe, tell } = listeners();
let chosen = globalThis.localStorage?.getItem(remembered) as Mode | null;

const darkness = globalThis.matchMedia?.("(prefers-color-scheme: dark)");
const current = (): Mode => chosen ?? (darkness?.matches ? "dark" : "light");

/** Tells the styles, then all who listen. */
function changed() {
  const page = document.documentElement;
  page.style.colorScheme = page.dataset.mode = current();
  tell();
}

/** The page has its colours before anything is drawn. */
export function startMode(): void {
  changed();
  darkness?.addEventListener("change", changed);
}

export function chooseMode(choice: Choice): void {
  chosen = choice === "system" ? null : choice;
  if (chosen) localStorage.setItem(remembered, chosen);
  else localStorage.removeItem(remembered);
  changed();
}

export const useChoice = (): Choice => useSyncExternalStore(subscribe, () => chosen ?? "system");

/** The mode in force: what was chosen, or what the system wants. */
export const useMode = (): Mode => useSyncExternalStore(subscribe, current);
