import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import kinds from "../api/kinds.json";
import schemas from "../api/schemas.json";
import chinese from "./help.zh.json";

const descriptions = (of: unknown): string[] =>
  typeof of === "object" && of !== null ? Object.entries(of).flatMap(([name, inner]) => (name === "description" && typeof inner === "string" ? [inner] : descriptions(inner))) : [];

/** Titles and descriptions of the bundled blueprints, which stand before what they are made of. */
function blueprints(): string[] {
  const folder = new URL("../../../bundles/", import.meta.url);
  return readdirSync(folder, { withFileTypes: true })
    .filter((d) => d.isDirectory())
    .flatMap((d) => {
      const head = readFileSync(new URL(`${d.name}/blueprint.yaml`, folder), "utf8").split(/^(?:locals|resources):/m)[0] ?? "";
      return [...head.matchAll(/^ *(?:title|description): (.+)$/gm)].map((m) => m[1] ?? "");
    });
}

it("all help that the server gives is there in Chinese, and no other", () => {
  const given = new Set([...descriptions(schemas), ...kinds.flatMap((k) => k.actions.map((a) => a.doc)), ...blueprints()]);
  expect(given.size).toBeGreaterThan(500);
  expect([...given].filter((text) => !(text in chinese))).toEqual([]);
  expect(Object.keys(chinese).filter((text) => !given.has(text))).toEqual([]);
});
