/** What a key does. */
export type Command = { go: string } | { act: "search" | "help" | "create" | "find" | "operations" };

/** Pages that lie behind g. */
export const pages: Record<string, string> = { h: "/", s: "/servers", v: "/volumes", n: "/networks", b: "/bundles", o: "/operations", a: "/audit", t: "/tenants", p: "/profile" };
const single: Record<string, Command> = { "?": { act: "help" }, "/": { act: "search" }, c: { act: "create" }, f: { act: "find" }, o: { act: "operations" } };
const patience = 1200;

/** The first of two keys, and when it was pressed. */
export interface Pending {
  key: "g";
  at: number;
}
export interface Press {
  key: string;
  /** Control, or Command on a Mac. */
  ctrl: boolean;
  /** Whether it was typed into a field. */
  typing: boolean;
  at: number;
}

/** What a press means after what was pressed before it; single letters do nothing while somebody types, or when they are switched off. */
export function read(pending: Pending | undefined, p: Press, letters: boolean): { command?: Command; pending?: Pending } {
  if (p.ctrl) return p.key.toLowerCase() === "k" ? { command: { act: "search" } } : {};
  if (p.typing || !letters) return {};
  if (pending && p.at - pending.at < patience) {
    const to = pages[p.key];
    return to ? { command: { go: to } } : {};
  }
  if (p.key === "g") return { pending: { key: "g", at: p.at } };
  const command = single[p.key];
  return command ? { command } : {};
}

const remembered = "plaza.letters";
/** Whether single letters are shortcuts: they may be in the way of those who speak to their machine. */
export const lettersOn = (): boolean => localStorage.getItem(remembered) !== "off";
export const setLetters = (on: boolean): void => localStorage.setItem(remembered, on ? "on" : "off");
