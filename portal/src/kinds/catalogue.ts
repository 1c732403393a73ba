import generated from "../api/kinds.json";

export interface KindInfo {
  name: string;
  plural: string;
  doc: string;
  scoping: "global" | "project" | "shared";
  columns: { header: string; path: string }[];
  indexed: string[];
  secrets?: string[];
  actions: { name: string; doc: string; input?: string }[];
  async: boolean;
  schema: string;
}

/** Every kind the API has, as its document tells. */
export const kinds = generated as unknown as KindInfo[];
const byPlural = new Map(kinds.map((k) => [k.plural, k]));
const byName = new Map(kinds.map((k) => [k.name, k]));

export const kindOf = (plural: string): KindInfo | undefined => byPlural.get(plural);
export const kindNamed = (name: string): KindInfo | undefined => byName.get(name);
export const pluralOf = (name: string): string | undefined => byName.get(name)?.plural;

/** The kind a field refers to by name or id: network, image, securityGroups ... */
export function referred(field: string): KindInfo | undefined {
  const name = field.toLowerCase();
  return byName.get(name) ?? byPlural.get(name);
}
