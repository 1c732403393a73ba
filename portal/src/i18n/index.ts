import i18next, { type i18n } from "i18next";
import type { Texts } from "./en";

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "portal";
    resources: { portal: Texts };
  }
}

export const languages = ["en", "zh"] as const;
export type Language = (typeof languages)[number];
const remembered = "plaza.language";

const texts: Record<Language, () => Promise<Texts>> = {
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

async function load(language: Language): Promise<void> {
  if (!i18next.hasResourceBundle(language, "portal")) i18next.addResourceBundle(language, "portal", await texts[language]());
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
}

/** Starts with one language only; the other is fetched when it is chosen. */
export async function startTexts(language: Language = preferred()): Promise<i18n> {
  await i18next.init({ lng: language, fallbackLng: false, defaultNS: "portal", ns: ["portal"], resources: {}, interpolation: { escapeValue: false } });
  await load(language);
  return i18next;
}

export async function speak(language: Language): Promise<void> {
  await load(language);
  localStorage.setItem(remembered, language);
  await i18next.changeLanguage(language);
}
