import { expect, it } from "vitest";
import { conditionText, stages, stepsOf } from "./stages";

it("an environment has ahead of it what it still goes through", () => {
  const stays = { drained: false, deleted: false };
  expect(stepsOf("preparing", stays)).toEqual(["waiting", "preparing", "active"]);
  expect(stepsOf("active", { ...stays, drained: true }).at(-1)).toBe("draining");
  expect(stepsOf("active", { ...stays, deleted: true }).at(-1)).toBe("withdrawn");
});

it("the stage it is at is always among them", () => {
  for (const stage of stages) for (const drained of [true, false]) for (const deleted of [true, false]) expect(stepsOf(stage, { drained, deleted })).toContain(stage);
});

it("conditions are read in one line", () => {
  expect(conditionText({ type: "header", key: "X-Lane", op: "in", value: ["a", "b"] })).toBe("header X-Lane ∈ a, b");
  expect(conditionText({ type: "tlsClient", op: "present" })).toBe("tlsClient present");
});
