import { expect, it } from "vitest";
import { read } from "./shortcuts";

const press = (key: string, more = {}) => ({ key, ctrl: false, typing: false, at: 0, ...more });

it("keys do what the sheet says", () => {
  expect(read(undefined, press("?"), true)).toEqual({ command: { act: "help" } });
  expect(read(undefined, press("K", { ctrl: true, typing: true }), false)).toEqual({ command: { act: "search" } });
  const { pending } = read(undefined, press("g"), true);
  expect(read(pending, press("s", { at: 500 }), true)).toEqual({ command: { go: "/servers" } });
  expect(read(pending, press("z", { at: 500 }), true)).toEqual({});
});

it("letters do nothing while somebody types, too late, or when they are switched off", () => {
  expect(read(undefined, press("?", { typing: true }), true)).toEqual({});
  expect(read(undefined, press("c"), false)).toEqual({});
  expect(read({ key: "g", at: 0 }, press("s", { at: 5000 }), true)).toEqual({});
  expect(read(undefined, press("c", { ctrl: true }), true)).toEqual({});
});
