import { expect, it } from "vitest";
import type { KindObject, Schemas } from "../api/types";
import { bundleOf, type Report, verdictOf, violationText } from "./proof";

const report = (r: Partial<Report>) => ({ violations: 0, failed: 0, byEnv: { flash: 9 }, byKind: {}, control: [], ...r }) as Report;

it("a report proves something only when the environment's own probes came back", () => {
  expect(verdictOf(report({}), "flash")).toBe("sound");
  expect(verdictOf(report({}), "other")).toBe("unsent");
  expect(verdictOf(report({ failed: 1 }), "flash")).toBe("lost");
  expect(verdictOf(report({ violations: 1, failed: 1 }), "flash")).toBe("broken");
});

it("a control must find calls on nodes that are not theirs", () => {
  expect(verdictOf(report({ control: ["guard", "filter"], violations: 3, byKind: { exclusion: 3 } }), "flash")).toBe("sees");
  expect(verdictOf(report({ control: ["guard", "filter"], violations: 3, byKind: { label_lost: 3 } }), "flash")).toBe("blind");
});

it("the bundle is the one that owns the node groups", () => {
  const env = { status: { nodes: [{ app: "trade", nodegroup: "flash-trade" }] } } as unknown as Schemas["DpathenvObject"];
  const owner = (kind: string) => ({ kind, id: kind, name: kind });
  const groups = [{ name: "other", owner: owner("bundle") }, { name: "flash-trade", owner: owner("dpathenv") }, { name: "shop-app", owner: owner("bundle") }] as unknown as KindObject[];
  expect(bundleOf(env, [], groups)).toBeUndefined();
  expect(bundleOf(env, [{ name: "trade", port: 8080, nodegroups: ["shop-app"] }], groups)).toEqual(owner("bundle"));
});

it("a violation reads as a way from node to node", () => {
  const hop = { app: "product", node: "lane-0", lane: "flash", decision: "common", version: 1 };
  expect(violationText({ kind: "exclusion", path: "/", hop, trail: [hop] })).toBe("exclusion: common / → product lane-0 (flash, common)");
});
