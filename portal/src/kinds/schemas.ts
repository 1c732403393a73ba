import generated from "../api/schemas.json";
import type { KindInfo } from "./catalogue";

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

const fields = generated.fields as unknown as Record<string, Record<string, FieldType>>;
const schemas = generated.schemas as unknown as Record<string, JsonSchema>;

/** What a kind's lists can be filtered by, by its path within spec and status. */
export const fieldsOf = (kind: KindInfo): Record<string, FieldType> => fields[kind.name] ?? {};

/** A schema by its name or reference, with the reference followed. */
export function schemaOf(nameOrSchema: string | JsonSchema): JsonSchema {
  if (typeof nameOrSchema === "string") return schemas[nameOrSchema] ?? {};
  if (!nameOrSchema.$ref) return nameOrSchema;
  const { $ref, ...own } = nameOrSchema;
  return { ...schemas[$ref.split("/").pop() ?? ""], ...own };
}
