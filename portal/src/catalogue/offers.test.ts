import { expect, it } from "vitest";
import { kindNamed } from "../kinds/catalogue";
import { leftOf, offers } from "./offers";

it("everything on offer is a kind that there is", () => {
  expect(offers.filter((o) => !kindNamed(o.kind))).toEqual([]);
});

it("a quota leaves what is not used, and never less than nothing", () => {
  const usage = (metric: string, hard: number, used: number, region?: string) => ({ node: "p", metric, hard, soft: -1, strict: false, reserved: 1, committed: used - 1, ...(region ? { region } : {}) });
  const items = [usage("servers", 1, 1, "east"), usage("servers", 5, 3), usage("volumes", 2, 4), usage("networks", -1, 2)];
  expect(leftOf(items, "servers")).toEqual({ used: 3, limit: 5, left: 2 });
  expect(leftOf(items, "volumes")?.left).toBe(0);
  expect(leftOf(items, "networks")).toEqual({ used: 2, limit: -1, left: -1 });
  expect(leftOf(items, "shares")).toBeUndefined();
});
