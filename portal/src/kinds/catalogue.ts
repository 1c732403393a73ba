import document from "../api/kinds.json";

export interface JsonSchema {
  type?: string | string[];
  description?: string;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  enum?: unknown[];
  $ref?: string;
  additionalProperties?: boolean | JsonSchema;
  readOnly?: boolean;
  writeOnly?: boolean;
  minimum?: number;
  maximum?: number;
  maxLength?: number;
  format?: string;
  default?: unknown;
}
/** What a field is compared as. */
export type FieldType = "text" | "integer" | "number" | "boolean" | "time";
export interface KindInfo {
  name: string;
  plural: string;
  doc: string;
  scoping: "global" | "project";
  columns: { header: string; path: string }[];
  indexed: string[];
  /** What lists can be filtered by, within spec and status. */
  fields: Record<string, FieldType>;
  secrets?: string[];
  actions: { name: string; doc: string; input?: string }[];
  async: boolean;
  schema: string;
}

/** Every kind the API has, as its document tells. */
export const kinds = document.kinds as unknown as KindInfo[];
const schemas = document.schemas as unknown as Record<string, JsonSchema>;
const byPlural = new Map(kinds.map((k) => [k.plural, k]));
const byName = new Map(kinds.map((k) => [k.name, k]));

export const kindOf = (plural: string): KindInfo | undefined => byPlural.get(plural);
export const kindNamed = (name: string): KindInfo | undefined => byName.get(name);
export const pluralOf = (name: string): string | undefined => byName.get(name)?.plural;

/** A schema by its name or reference, with the reference followed. */
export function schemaOf(nameOrSchema: string | JsonSchema): JsonSchema {
  if (typeof nameOrSchema === "string") return schemas[nameOrSchema] ?? {};
  if (!nameOrSchema.$ref) return nameOrSchema;
  const { $ref, ...own } = nameOrSchema;
  return { ...schemas[$ref.split("/").pop() ?? ""], ...own };
}

/** The kind a field refers to by name or id: network, image, securityGroups ... */
export function referred(field: string): KindInfo | undefined {
  const name = field.toLowerCase();
  return byName.get(name) ?? byPlural.get(name);
}
