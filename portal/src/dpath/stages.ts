import type { Schemas } from "../api/types";
import type { Tone } from "../feedback/PhaseTag";

export const stages = ["waiting", "preparing", "active", "draining", "releasing", "withdrawn"] as const;
export type Stage = (typeof stages)[number];

export const isStage = (text?: string): text is Stage => stages.includes(text as Stage);

export const stageTones: Record<Stage, Tone> = { waiting: "wait", preparing: "busy", active: "good", draining: "warn", releasing: "busy", withdrawn: "off" };

/** The steps that an environment has ahead of it: to its work, out of it for a rest, or out of it for good. */
export function stepsOf(stage: Stage, leaving: { drained: boolean; deleted: boolean }): Stage[] {
  if (leaving.deleted && stage === "waiting") return ["waiting", "withdrawn"];
  if (leaving.deleted && stage === "preparing") return ["preparing", "releasing", "withdrawn"];
  if (leaving.deleted || stage === "releasing" || stage === "withdrawn") return ["active", "draining", "releasing", "withdrawn"];
  if (leaving.drained || stage === "draining") return ["waiting", "preparing", "active", "draining"];
  return ["waiting", "preparing", "active"];
}

type Condition = Schemas["EnvCondition"];
const signs: Partial<Record<Condition["op"], string>> = { equal: "=", not_equal: "≠", in: "∈", not_in: "∉", regex: "~", percentage: "%" };

/** "header X-Lane = a": a condition as one reads it. */
export function conditionText(c: Condition): string {
  return [c.type, c.key, signs[c.op] ?? c.op, c.value?.join(", ")].filter(Boolean).join(" ");
}
