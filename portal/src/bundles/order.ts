import type { Blueprint, Schemas } from "../api/types";

export type Order = Schemas["Order"];
type Size = Schemas["Size"];
type Parameter = Schemas["Parameter"];

const known = ["XS", "S", "M", "L", "XL", "XXL"];
const rank = (name: string) => (known.includes(name) ? known.indexOf(name) : known.length);

/** A blueprint's sizes from small to large. */
export function sizesOf(b: Blueprint): [string, Size][] {
  return Object.entries(b.sizes).toSorted(([a], [c]) => rank(a) - rank(c) || a.localeCompare(c));
}

/** Parameters by name; those that are made by themselves come last. */
export function parametersOf(b: Blueprint): [string, Parameter][] {
  const made = (p: Parameter) => (p.generate ? 1 : 0);
  return Object.entries(b.parameters ?? {}).toSorted(([a, p], [c, q]) => made(p) - made(q) || a.localeCompare(c));
}

export interface OrderValues {
  name: string;
  project: string;
  size: string;
  parameters?: Record<string, unknown>;
}

/** An order of what the form holds; what was left empty is for the blueprint to fill in. */
export function orderOf(blueprint: string, v: OrderValues): Order {
  const given = Object.entries(v.parameters ?? {}).filter(([, value]) => value !== undefined && value !== "" && value !== null);
  return { blueprint, name: v.name, project: v.project, size: v.size, ...(given.length > 0 ? { parameters: Object.fromEntries(given) } : {}) };
}
