import type { KindObject, Schemas } from "../api/types";

export type Report = Schemas["Report"];
type Env = Schemas["DpathenvObject"];
type App = Schemas["ChainApp"];

/** What a report comes to for an environment; sees and blind are about a control, in which calls must go astray. */
export type Verdict = "sound" | "broken" | "lost" | "unsent" | "sees" | "blind";

export function verdictOf(r: Report, env: string): Verdict {
  if (r.control?.length) return (r.byKind["exclusion"] ?? 0) + (r.byKind["cross_lane"] ?? 0) > 0 ? "sees" : "blind";
  if (r.violations > 0) return "broken";
  if (r.failed > 0) return "lost";
  return (r.byEnv[env] ?? 0) > 0 ? "sound" : "unsent";
}

/** The bundle whose nodes serve the environment or the chain's other traffic: probes go through its entry. */
export function bundleOf(env: Env, apps: App[], groups: KindObject[]): KindObject["owner"] {
  const named = new Set([...(env.status.nodes ?? []).map((n) => n.nodegroup), ...apps.flatMap((a) => a.nodegroups ?? [])]);
  return groups.find((g) => g.owner?.kind === "bundle" && (named.has(g.name) || named.has(g.id)))?.owner;
}

/** "exclusion: common /v1/products → product retail-lane-0 (newRetail, common)": a violation as one reads it. */
export function violationText(v: Schemas["Violation"]): string {
  const hops = (v.trail ?? []).map((h) => `${h.app} ${h.node} (${h.lane || "public"}, ${h.decision})`);
  return `${v.kind}: ${[`${v.env || "common"} ${v.path}`, ...hops].join(" → ")}`;
}
