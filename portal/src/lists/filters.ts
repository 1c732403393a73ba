import type { KindInfo } from "../kinds/catalogue";
import { fieldsOf, type FieldType, schemaOf } from "../kinds/schemas";

export const operators = ["=", "!=", "<", "<=", ">", ">=", "in", "prefix"] as const;
export type Operator = (typeof operators)[number];
export interface Filter {
  field: string;
  op: Operator;
  value: string;
}
/** A value that a kind's list can be filtered by. */
export interface Field {
  path: string;
  type: FieldType;
  /** What it can be, when that is known. */
  values?: string[];
  /** Lists within an object are only compared by = and its like. */
  many?: boolean;
}

export const phases = ["Ready", "Working", "Pending", "Degraded", "Failed", "Deleting"] as const;
const common: Field[] = [
  { path: "name", type: "text" },
  { path: "phase", type: "text", values: [...phases] },
  { path: "createdAt", type: "time" },
  { path: "updatedAt", type: "time" },
  { path: "createdBy", type: "text" },
];
const form = /^\s*([^\s=<>!]+)\s*(!=|<=|>=|=|<|>|\s(?:in|prefix)\s)(.*)$/s;

/** Takes "status.vcpus >= 4" apart; undefined when it is no filter. */
export function parse(text: string): Filter | undefined {
  const [, field, op, value] = form.exec(text) ?? [];
  if (!field || !op || value === undefined) return undefined;
  return { field, op: op.trim() as Operator, value: value.trim() };
}

export const format = ({ field, op, value }: Filter): string => (/^\w/.test(op) ? `${field} ${op} ${value}` : `${field}${op}${value}`);

/** What a kind's list can be filtered by, labels aside. */
export function filterableOf(kind: KindInfo): Field[] {
  const own = Object.entries(fieldsOf(kind)).map(([path, type]): Field => {
    const leaf = path.startsWith("spec.") ? schemaOf(kind.schema).properties?.[path.slice(5)] : undefined;
    const values = leaf?.enum?.map(String) ?? (type === "boolean" ? ["true", "false"] : undefined);
    return { path, type, ...(values ? { values } : {}), ...(leaf && [leaf.type].flat().includes("array") ? { many: true } : {}) };
  });
  return [...common, ...own.toSorted((a, b) => a.path.localeCompare(b.path))];
}

/** The operators that go with a field; several values of a list are only told apart. */
export function operatorsOf(field: Pick<Field, "type" | "many">): Operator[] {
  if (field.type === "boolean") return ["=", "!="];
  if (field.many) return ["=", "!=", "in"];
  return operators.filter((o) => o !== "prefix" || field.type === "text");
}

/** The phases that the filters allow, if they say so, and the other filters. */
export function split(filters: string[]): { phases: string[]; others: string[] } {
  const picked = (text: string): string[] | undefined => {
    const f = parse(text);
    return f?.field === "phase" && (f.op === "=" || f.op === "in") ? f.value.split(",").map((v) => v.trim()) : undefined;
  };
  return { phases: filters.flatMap((f) => picked(f) ?? []), others: filters.filter((f) => !picked(f)) };
}

/** The filters with other phases chosen. */
export function withPhases(filters: string[], chosen: string[]): string[] {
  const { others } = split(filters);
  if (chosen.length === 0) return others;
  return [...others, chosen.length === 1 ? `phase=${chosen[0]}` : `phase in ${chosen.join(",")}`];
}
