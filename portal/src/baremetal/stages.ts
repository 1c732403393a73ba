import type { Schemas } from "../api/types";
import type { Tone } from "../feedback/PhaseTag";

export type Machine = Schemas["BaremetalObject"];
/** What a machine goes through, in this order: known, checked, in the pool, in use. */
export const stages = ["enroll", "manageable", "available", "active"] as const;
export type Stage = (typeof stages)[number];

// The provision states of Ironic, by the stage that each stands at or is on its way from.
const at: Record<string, Stage> = {
  enroll: "enroll", verifying: "enroll",
  manageable: "manageable", inspecting: "manageable", "inspect wait": "manageable", "inspect failed": "manageable", cleaning: "manageable", "clean wait": "manageable", "clean failed": "manageable", "clean hold": "manageable", adopting: "manageable", "adopt failed": "manageable",
  available: "available", deploying: "available", "wait call-back": "available", "deploy failed": "available", "deploy hold": "available",
  active: "active", rescue: "active", rescuing: "active", "rescue wait": "active", "rescue failed": "active", unrescuing: "active", "unrescue failed": "active", deleting: "active", error: "active", servicing: "active", "service wait": "active", "service failed": "active",
};

export const stageOf = (provision?: string): Stage => at[provision ?? ""] ?? "enroll";

/** Whether a provision state is one that a machine rests in, works in, or is stuck in. */
export function motion(provision?: string): "rests" | "works" | "failed" {
  if (!provision) return "works";
  if (provision === "error" || provision.endsWith("failed")) return "failed";
  return provision === "rescue" || (stages as readonly string[]).includes(provision) ? "rests" : "works";
}

export const toneOfMotion: Record<ReturnType<typeof motion>, Tone> = { rests: "good", works: "busy", failed: "bad" };
