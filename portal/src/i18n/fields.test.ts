import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { parse } from "yaml";
import kinds from "../api/kinds.json";
import { zh } from "./zh";

interface Schema {
  $ref?: string;
  properties?: Record<string, Schema>;
}

const document = parse(readFileSync(new URL("../../../pkg/api/openapi.yaml", import.meta.url), "utf8")) as { components: { schemas: Record<string, Schema> } };
const schemas = document.components.schemas;

/** The names of all fields within a schema, and within those it refers to. */
function namesIn(schema: unknown, into: Set<string>, seen: Set<string>): Set<string> {
  if (typeof schema !== "object" || schema === null) return into;
  const { $ref, properties } = schema as Schema;
  const name = $ref?.split("/").pop();
  if (name && !seen.has(name)) namesIn(schemas[name], into, seen.add(name));
  for (const field of Object.keys(properties ?? {})) into.add(field);
  for (const inner of Object.values(schema)) namesIn(inner, into, seen);
  return into;
}

it("all fields that kinds have, wanted or seen, are named in Chinese", () => {
  const own = new Set(kinds.flatMap((k) => [`${k.name}spec`, `${k.name}status`]));
  const names = new Set<string>();
  for (const [name, schema] of Object.entries(schemas)) if (own.has(name.toLowerCase())) namesIn(schema, names, new Set());
  expect(names.size).toBeGreaterThan(300);
  expect([...names].filter((name) => !(name in zh.words))).toEqual([]);
});
