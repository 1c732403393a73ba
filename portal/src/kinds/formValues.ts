import { type JsonSchema, schemaOf } from "./schemas";

export const typeOf = (schema: JsonSchema): string | undefined => (Array.isArray(schema.type) ? schema.type.find((t) => t !== "null") : schema.type);

/** Whether a schema is a plain map from text to text, as labels are. */
export const isMap = (schema: JsonSchema): boolean => typeOf(schema) === "object" && !schema.properties;

export const pairsOf = (map: unknown): string[] => Object.entries((map ?? {}) as Record<string, unknown>).map(([k, v]) => `${k}=${String(v)}`);

export function mapOf(pairs: string[]): Record<string, string> {
  return Object.fromEntries(pairs.map((p) => [p.slice(0, p.indexOf("=")), p.slice(p.indexOf("=") + 1)]));
}

/** Makes of what the form holds what the API takes: without what was left empty, with maps as maps. */
export function compact(value: unknown, given: JsonSchema): unknown {
  const schema = schemaOf(given);
  if (value === undefined || value === null || value === "") return undefined;
  if (isMap(schema)) return Array.isArray(value) ? (value.length > 0 ? mapOf(value as string[]) : undefined) : value;
  if (typeOf(schema) === "array") {
    const items = (value as unknown[]).map((v) => compact(v, schema.items ?? {})).filter((v) => v !== undefined);
    return items.length > 0 ? items : undefined;
  }
  if (typeOf(schema) !== "object") return value;
  const entries = Object.entries(value as Record<string, unknown>)
    .filter(([k]) => schema.properties?.[k] && !schema.properties[k].readOnly)
    .map(([k, v]) => [k, compact(v, schema.properties?.[k] ?? {})] as const)
    .filter(([, v]) => v !== undefined);
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}

/** Makes of an object's spec what the form holds: maps as key=value. */
export function expand(value: unknown, given: JsonSchema): unknown {
  const schema = schemaOf(given);
  if (value === undefined || value === null) return undefined;
  if (isMap(schema)) return pairsOf(value);
  if (typeOf(schema) === "array") return (value as unknown[]).map((v) => expand(v, schema.items ?? {}));
  if (typeOf(schema) !== "object") return value;
  return Object.fromEntries(Object.entries(value as Record<string, unknown>).map(([k, v]) => [k, expand(v, schema.properties?.[k] ?? {})]));
}

/** Turns spec.rules[0].port into the path by which the form knows the field. */
export function formPath(path: string): (string | number)[] {
  return path.split(/[.[\]]+/).filter(Boolean).map((s) => (/^\d+$/.test(s) ? Number(s) : s));
}

/** What a new form or row begins with: one row of each list of objects that must not be missing, all the way down. */
export function blank(given: JsonSchema): Record<string, unknown> {
  const schema = schemaOf(given);
  const rows = (schema.required ?? []).flatMap((name): [string, unknown][] => {
    const field = schemaOf(schema.properties?.[name] ?? {});
    const row = schemaOf(field.items ?? {});
    return typeOf(field) === "array" && row.properties ? [[name, [blank(row)]]] : [];
  });
  return Object.fromEntries(rows);
}
