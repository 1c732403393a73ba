import { perLanguage } from "./language";

const units: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
  ["second", 1],
];

// Making a format takes longer than using it a hundred times.
const relative = perLanguage((language) => new Intl.RelativeTimeFormat(language, { numeric: "auto" }));
const absolute = perLanguage((language) => new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "medium" }));

/** "3 minutes ago" in the language. */
export function ago(iso: string, language: string, now = Date.now()): string {
  const seconds = Math.min(0, (Date.parse(iso) - now) / 1000);
  const format = relative(language);
  for (const [unit, size] of units) if (-seconds >= size) return format.format(Math.ceil(seconds / size), unit);
  return format.format(0, "second");
}

export function exact(iso: string, language: string): string {
  return absolute(language).format(new Date(iso));
}

/** "1m 20s" for how long something took. */
export function span(from: string, to: string): string {
  const seconds = Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000);
  if (seconds < 10) return `${seconds.toFixed(1)}s`;
  if (seconds < 60) return `${Math.round(seconds)}s`;
  return `${Math.floor(seconds / 60)}m ${Math.round(seconds % 60)}s`;
}
