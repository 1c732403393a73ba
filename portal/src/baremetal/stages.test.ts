import { expect, it } from "vitest";
import { motion, stageOf } from "./stages";

it("a machine stands at a stage, and rests, works or is stuck there", () => {
  const of = (p: string) => `${stageOf(p)} ${motion(p)}`;
  expect(["enroll", "cleaning", "clean failed", "available", "wait call-back", "active", "rescue", "error"].map(of)).toEqual([
    "enroll rests", "manageable works", "manageable failed", "available rests", "available works", "active rests", "active rests", "active failed",
  ]);
});
