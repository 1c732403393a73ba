import type { Schemas } from "../api/types";

export type Drift = Schemas["DriftObject"];
export type Sort = Drift["spec"]["difference"];

const sorts: Sort[] = ["missing", "changed", "zombie", "extra"];

/** What waits for a decision stands first, then what is being done, then what is settled; of each the newest first. */
const rank: Record<string, number> = { open: 0, repairing: 1, adopting: 1, adopted: 2, ignored: 3 };
const rankOf = (d: Drift) => rank[d.status.state ?? "open"] ?? 0;

/** A column for each sort of difference, the most pressing sort first. */
export function columnsOf(drifts: Drift[]): [Sort, Drift[]][] {
  return sorts.map((s) => [s, drifts.filter((d) => d.spec.difference === s).toSorted((a, b) => rankOf(a) - rankOf(b) || b.spec.firstSeen.localeCompare(a.spec.firstSeen))]);
}

const adoptable = new Set(["server", "volume", "network", "image"]);

/** What can be decided about a difference; what is being done already, or of what there is two, is not decided again. */
export function actionsOf(d: Drift): ("repair" | "adopt" | "ignore")[] {
  const state = d.status.state ?? "open";
  if (state !== "open" && state !== "ignored") return [];
  const of: Record<Sort, ("repair" | "adopt" | "ignore")[]> = { missing: ["repair", "ignore"], changed: ["repair", "adopt", "ignore"], extra: adoptable.has(d.spec.kind) ? ["adopt", "ignore"] : ["ignore"], zombie: d.spec.twin ? ["ignore"] : ["repair", "ignore"] };
  return of[d.spec.difference].filter((a) => a !== "ignore" || state === "open");
}
