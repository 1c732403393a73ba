import { listeners } from "../controls/listeners";
import type { Texts } from "./en";

type Stem<K extends string> = K extends `${infer S}_one` | `${infer S}_other` ? S : K;
type Keys<T, At extends string = ""> = { [K in keyof T & string]: T[K] extends string ? `${At}${Stem<K>}` : Keys<T[K], `${At}${K}.`> }[keyof T & string];
/** The address of a text; of one that depends on a count, without the ending. */
export type Key = Keys<Texts>;
export type Values = Record<string, unknown>;

const loaded = new Map<string, Texts>();
const heard = listeners();
export const { subscribe } = heard;
let inForce = "en";

export const spoken = (): string => inForce;

export function take(language: string, texts: Texts): void {
  loaded.set(language, texts);
}

/** Puts a language in force whose texts have come. */
export function change(language: string): void {
  inForce = language;
  heard.tell();
}

/** What stands at an address: a text, or a table of them. */
export function at(language: string, address: string): unknown {
  return address.split(".").reduce<unknown>((from, step) => (from as Record<string, unknown> | undefined)?.[step], loaded.get(language));
}

/** The text of a key with its holes filled; both languages need no more of plurals than one and others. */
export function say(language: string, key: string, values: Values = {}): string {
  const text = at(language, key) ?? at(language, `${key}_${values.count === 1 ? "one" : "other"}`);
  if (typeof text !== "string") return key;
  return text.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => String(values[name] ?? ""));
}
