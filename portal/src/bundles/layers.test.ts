import { expect, it } from "vitest";
import { direct, layersOf, place } from "./layers";

const items = [
  { key: "net" },
  { key: "sg" },
  { key: "db", dependsOn: ["net", "sg"] },
  { key: "app", dependsOn: ["net", "sg", "db"] },
];

it("puts each item one layer beyond the furthest that it depends on", () => {
  expect(Object.fromEntries(layersOf(items))).toEqual({ net: 0, sg: 0, db: 1, app: 2 });
});

it("draws no edge that a longer path already tells", () => {
  expect(direct(items)).toEqual([["net", "db"], ["sg", "db"], ["db", "app"]]);
});

it("never puts two items in one place, and survives circles and unknown names", () => {
  const odd = [...items, { key: "a", dependsOn: ["b"] }, { key: "b", dependsOn: ["a", "nowhere"] }];
  const places = [...place(odd, 200, 100).values()].map((p) => `${p.x} ${p.y}`);
  expect(new Set(places).size).toBe(odd.length);
});
