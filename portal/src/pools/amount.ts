import type { Pool, Schemas } from "../api/types";
import type { Mode } from "../shell/mode";

export type Unit = "count" | "B" | "MiB" | "GiB";

/** One bar of a pool: used is all that is taken there, others what Plaza did not take. */
export interface Measure {
  name: "vcpus" | "memory" | "disk" | "volume" | "raw" | "addresses" | "machines";
  unit: Unit;
  capacity: number;
  used: number;
  others: number;
  free: number;
}

/** 3072 MiB as "3 GiB": in the largest unit that leaves at least one of it. */
export function amount(n: number, unit: Unit, language: string): string {
  const write = (v: number) => v.toLocaleString(language, { maximumFractionDigits: v < 100 ? 1 : 0 });
  if (unit === "count") return write(n);
  const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
  let at = units.indexOf(unit);
  let v = n;
  while (v >= 1024 && at < units.length - 1) {
    v /= 1024;
    at++;
  }
  return `${write(v)} ${units[at]}`;
}

export const fraction = (of: { capacity: number; used: number }): number => (of.capacity > 0 ? Math.min(1, of.used / of.capacity) : 0);

/** The bars that say something of a pool: a storage cluster has no vCPUs, a site no floating addresses. */
export function measures(p: Pool): Measure[] {
  const of = (name: Measure["name"], unit: Unit, a: Schemas["Amount"]): Measure => ({ name, unit, capacity: a.capacity, used: a.used + a.others, others: a.others, free: a.free });
  const out: Measure[] = [];
  if (p.kind !== "cluster") out.push(of("vcpus", "count", p.vcpus), of("memory", "MiB", p.memoryMiB), of("disk", "GiB", p.diskGiB));
  if (p.volumeGiB.capacity > 0) out.push(of("volume", "GiB", p.volumeGiB));
  const raw = p.storage?.raw;
  const mib = (bytes: number) => bytes / 2 ** 20;
  if (p.kind === "cluster" && raw) out.push({ name: "raw", unit: "MiB", capacity: mib(raw.totalBytes), used: mib(raw.usedBytes), others: 0, free: mib(raw.freeBytes) });
  const n = p.network;
  if (n && n.total > 0) out.push({ name: "addresses", unit: "count", capacity: n.total, used: n.used, others: 0, free: n.free });
  const b = p.baremetal;
  if (b) out.push({ name: "machines", unit: "count", capacity: b.total, used: b.total - b.free, others: 0, free: b.free });
  return out;
}

/** Green, amber, red by how full something is. */
export function strokes(full: number, mode: Mode): string {
  const dark = mode === "dark";
  if (full >= 0.9) return dark ? "#e5484d" : "#c62a2f";
  if (full >= 0.75) return dark ? "#d9932b" : "#b66a00";
  return dark ? "#3fa66f" : "#1f8a52";
}
