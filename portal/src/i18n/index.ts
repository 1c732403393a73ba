import type { Texts } from "./en";
import { change, take } from "./texts";

export const languages = ["en", "zh"] as const;
export type Language = (typeof languages)[number];
const remembered = "plaza.language";

/** Each language is a file of its own: the portal begins with one. */
export const textsOf: Record<Language, () => Promise<Texts>> = {
  en: async () => (await import("./en")).en,
  zh: async () => (await import("./zh")).zh,
};

/** The language chosen before, or else the browser's, or else English. */
export function preferred(stored = localStorage.getItem(remembered), wanted: readonly string[] = navigator.languages): Language {
  if (stored === "en" || stored === "zh") return stored;
  for (const tag of wanted) {
    const found = languages.find((l) => tag.toLowerCase().startsWith(l));
    if (found) return found;
  }
  return "en";
}

/** Puts a language in force. */
export function startTexts(language: Language, texts: Texts): void {
  take(language, texts);
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  change(language);
}

/** Speaks a language from now on; its texts are fetched when it is chosen first. */
export async function speak(language: Language): Promise<void> {
  startTexts(language, await textsOf[language]());
  localStorage.setItem(remembered, language);
}
