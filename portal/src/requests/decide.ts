import type { Me, Schemas } from "../api/types";
import { allowedOn } from "../session/nodes";
import { allowed } from "../session/permissions";

export type Request = Schemas["RequestObject"];

export const isOpen = (r: Request): boolean => !r.spec.decision && (r.status.state ?? "open") === "open";

export const isOwn = (me: Me, r: Request): boolean => r.spec.by?.user === me.user.id;

/** The node above one; of the root, itself. */
function above(me: Me, id: string): string {
  return me.nodes.find((n) => n.id === id)?.path.split("/").filter(Boolean).at(-2) ?? id;
}

/** Whether the user has what the request lacks to give, and did not ask for it themselves. What is shown goes by it: the server decides. */
export function mayDecide(me: Me, r: Request): boolean {
  if (!isOpen(r) || isOwn(me, r) || !allowed(me, "approve", "request", r.project)) return false;
  const { needs } = r.spec;
  if (needs?.permission && !allowed(me, r.spec.verb ?? "", r.spec.kind ?? "", r.project)) return false;
  return (needs?.limits ?? []).every((l) => allowedOn(me, "update", "quota", above(me, l.node)));
}
