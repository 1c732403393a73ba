import type { Unit } from "../pools/amount";

/** The unit that a metric is counted in, as its name ends. */
export const unitOf = (metric: string): Unit => (metric.includes("_mib") ? "MiB" : metric.includes("_gib") ? "GiB" : "count");
