import { useTranslation } from "react-i18next";

type Shelf = "words" | "kinds" | "plurals" | "docs" | "verbs" | "metrics" | "reasons";

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

/** Texts for names that only the server knows: kinds, fields, verbs, metrics. What has no text yet is made readable. */
export function useWords() {
  const { t, i18n } = useTranslation();
  const shelf = (name: Shelf): Record<string, string> => t(name, { returnObjects: true }) as Record<string, string>;
  const pick = (from: Shelf, key: string): string => {
    const texts = shelf(from);
    return texts[key] ?? humanise(key, i18n.language === "en" ? shelf("words") : {});
  };
  return {
    t,
    language: i18n.language,
    field: (name: string) => {
      const texts = shelf("words");
      return texts[name] ?? texts[name.toLowerCase()] ?? humanise(name, i18n.language === "en" ? texts : {});
    },
    kind: (name: string) => pick("kinds", name),
    plural: (name: string) => pick("plurals", name),
    verb: (name: string) => pick("verbs", name),
    metric: (name: string) => pick("metrics", name),
    reason: (name: string) => pick("reasons", name),
    doc: (name: string, given: string) => shelf("docs")[name] ?? given,
    /** A kind's name within a sentence. */
    inline: (name: string) => (i18n.language === "en" ? pick("kinds", name).toLowerCase() : pick("kinds", name)),
    inlinePlural: (name: string) => (i18n.language === "en" ? pick("plurals", name).toLowerCase() : pick("plurals", name)),
  };
}
