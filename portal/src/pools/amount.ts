import type { Schemas } from "../api/types";
import type { Mode } from "../shell/theme";

/** 3072 MiB as "3 GiB": in the largest unit that leaves at least one of it. */
export function amount(n: number, unit: "count" | "MiB" | "GiB", language: string): string {
  const write = (v: number) => v.toLocaleString(language, { maximumFractionDigits: v < 100 ? 1 : 0 });
  if (unit === "count") return write(n);
  const units = ["MiB", "GiB", "TiB", "PiB"];
  let at = units.indexOf(unit);
  let v = n;
  while (v >= 1024 && at < units.length - 1) {
    v /= 1024;
    at++;
  }
  return `${write(v)} ${units[at]}`;
}

export const fraction = (of: Schemas["Amount"]): number => (of.capacity > 0 ? Math.min(1, of.used / of.capacity) : 0);

/** Green, amber, red by how full something is. */
export function strokes(full: number, mode: Mode): string {
  const dark = mode === "dark";
  if (full >= 0.9) return dark ? "#e5484d" : "#c62a2f";
  if (full >= 0.75) return dark ? "#d9932b" : "#b66a00";
  return dark ? "#3fa66f" : "#1f8a52";
}
