import { expect, it } from "vitest";
import { best, fit } from "./match";

it("the best comes first, and every word counts", () => {
  const items = ["Node groups", "Groups", "Security groups", "Servers"].map((label) => ({ label }));
  expect(best(items, "groups", 9).map((i) => i.label)).toEqual(["Groups", "Node groups", "Security groups"]);
  expect(best(items, "sec gr", 9).map((i) => i.label)).toEqual(["Security groups"]);
  expect(best(items, "zzz", 9)).toEqual([]);
  expect(best(items, " ", 2)).toHaveLength(2);
  expect(fit("Servers", "erv")).toBe(2);
});

it("other names lead there, too", () => {
  expect(best([{ label: "门店", also: "group/east/shop" }], "east", 9)).toHaveLength(1);
});
