import type { Unit } from "../pools/amount";

/** The unit that a metric is counted in, as its name ends. */
export const unitOf = (metric: string): Unit => (metric.includes("_mib") ? "MiB" : metric.includes("_gib") ? "GiB" : "count");

/** A metric's name without its unit, for where amounts carry their own: "Memory, MiB" and "内存（MiB）" are of two languages. */
export const bare = (name: string): string => name.replace(/(, |（)[MG]iB）?$/, "");
