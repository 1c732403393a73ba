import { expect, it } from "vitest";
import type { Schemas } from "../api/types";
import { path } from "./trend";

const at = (hour: number) => new Date(Date.UTC(2026, 0, 1, hour)).toISOString();
const series = (...points: [hour: number, used: number][]): Schemas["Series"] => ({ place: "all", metric: "vcpus", stepSeconds: 3600, items: points.map(([h, used]) => ({ at: at(h), used, capacity: 100, free: 100 - used })) });

it("goes from left to right, full at the top", () => {
  const { lines, areas } = path(series([0, 0], [1, 50], [2, 100]), 200, 50);
  expect(lines).toEqual(["M0 50L100 25L200 0"]);
  expect(areas).toEqual(["M0 50L100 25L200 0V50H0Z"]);
});

it("leaves out what was not seen", () => {
  expect(path(series([0, 10], [1, 10], [9, 20], [10, 20]), 100, 50).lines).toHaveLength(2);
  expect(path(series(), 100, 50).lines).toEqual([]);
  expect(path(series([3, 40]), 100, 50).lines[0]).toMatch(/^M.+ 30L100 30$/);
});
