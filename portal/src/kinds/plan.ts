import type { Schemas } from "../api/types";

export interface QuotaLine {
  metric: string;
  takes: number;
  before?: number;
  after?: number;
  /** -1 for none. */
  limit?: number;
  /** What is told of it: it does not fit, or more than it should. */
  note?: "hard" | "soft";
}

/** What a new object takes, beside what is held and allowed; a quota that may not be read leaves that out. */
export function quotaLines(charges: Record<string, number>, usage: Schemas["QuotaUsage"][] | undefined): QuotaLine[] {
  return Object.entries(charges)
    .filter(([, takes]) => takes !== 0)
    .map(([metric, takes]): QuotaLine => {
      const u = usage?.find((x) => x.metric === metric);
      if (!usage) return { metric, takes };
      const before = (u?.reserved ?? 0) + (u?.committed ?? 0);
      const after = before + takes;
      const over = (limit = -1) => limit >= 0 && after > limit;
      const note = over(u?.hard) ? "hard" : over(u?.soft) ? "soft" : undefined;
      return { metric, takes, before, after, limit: u?.hard ?? -1, ...(note ? { note } : {}) };
    })
    .toSorted((a, b) => a.metric.localeCompare(b.metric));
}
