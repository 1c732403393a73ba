import type { Schemas } from "../api/types";

/** What can be ordered as a single thing, by kind, with the metric that its quota is counted in. */
export const offers: { kind: string; metric: string }[] = [
  { kind: "server", metric: "servers" },
  { kind: "nodegroup", metric: "servers" },
  { kind: "volume", metric: "volumes" },
  { kind: "network", metric: "networks" },
  { kind: "securitygroup", metric: "security_groups" },
  { kind: "floatingip", metric: "floating_ips" },
  { kind: "loadbalancer", metric: "loadbalancers" },
  { kind: "bucket", metric: "buckets" },
  { kind: "share", metric: "shares" },
  { kind: "dpathenv", metric: "dpath_environments" },
];

export interface Left {
  used: number;
  limit: number;
  left: number;
}

/** What a quota leaves of a metric; undefined when nobody counts it. Without a limit, limit and left are -1. */
export function leftOf(items: Schemas["QuotaUsage"][], metric: string): Left | undefined {
  const u = items.find((x) => x.metric === metric && !x.region);
  if (!u) return undefined;
  const used = u.reserved + u.committed;
  return { used, limit: u.hard, left: u.hard < 0 ? -1 : Math.max(0, u.hard - used) };
}
