import { useSyncExternalStore } from "react";
import { perLanguage } from "./language";
import { at, type Key, say, spoken, subscribe, type Values } from "./texts";

type Shelf = "words" | "kinds" | "plurals" | "docs" | "verbs" | "metrics" | "reasons" | "alarms.reasons" | "alarms.kinds" | "drift.states" | "requests.states" | "orders.texts";

/** Makes "Memory MiB" of memoryMiB and "Attached to" of ATTACHED TO. */
export function humanise(name: string, known: Record<string, string> = {}): string {
  const text = (name === name.toUpperCase() ? name.toLowerCase() : name)
    .replaceAll(/(MiB|GiB)/g, " $1 ")
    .replaceAll(/([a-z0-9])(?<! [MG]i)([A-Z])/g, "$1 $2")
    .replaceAll(/[._-]+/g, " ")
    .trim();
  const words = text.split(/\s+/).map((w) => known[w.toLowerCase()] ?? (/^[MG]iB$/.test(w) ? w : w.toLowerCase()));
  const sentence = words.join(" ");
  return /^v?CPU/.test(sentence) ? sentence : sentence.charAt(0).toUpperCase() + sentence.slice(1);
}

export type Words = ReturnType<typeof wordsOf>;

// Made once a language: a cell of a long table that asks for words is not to make any.
const words = perLanguage(wordsOf);
const current = (): Words => words(spoken());

/** The texts of the language in force, also for names that only the server knows: kinds, fields, verbs, metrics. What has no text yet is made readable. */
export const useWords = (): Words => useSyncExternalStore(subscribe, current);

function wordsOf(language: string) {
  const t = (key: Key, values?: Values) => say(language, key, values);
  const shelf = (name: Shelf) => at(language, name) as Record<string, string>;
  const english = language === "en";
  const pick = (from: Shelf, key: string): string => shelf(from)[key] ?? humanise(key, english ? shelf("words") : {});
  const inline = (from: Shelf, key: string): string => (english ? pick(from, key).toLowerCase() : pick(from, key));
  return {
    t,
    language,
    /** A table of texts by name, as it stands: t would make a copy of it, text by text. */
    shelf,
    field: (name: string) => {
      const texts = shelf("words");
      return texts[name] ?? texts[name.toLowerCase()] ?? humanise(name, english ? texts : {});
    },
    kind: (name: string) => pick("kinds", name),
    plural: (name: string) => pick("plurals", name),
    verb: (name: string) => pick("verbs", name),
    metric: (name: string) => pick("metrics", name),
    reason: (name: string) => pick("reasons", name),
    doc: (name: string, given: string) => shelf("docs")[name] ?? given,
    /** A kind's name within a sentence. */
    inline: (name: string) => inline("kinds", name),
    inlinePlural: (name: string) => inline("plurals", name),
  };
}
