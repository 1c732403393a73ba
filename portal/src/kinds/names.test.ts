import { expect, test } from "vitest";
import { idsIn } from "./names";

const one = "01a21f95-9867-74d7-96ff-aefb1968c433";
const two = "01a21f95-9867-74d7-96ff-aefb1968c434";

test("ids that an object refers to are found wherever they stand, each once, and its own is not one", () => {
  const object = { id: two, spec: { network: one, groups: [one], name: "web" }, status: { self: two, text: `owned by ${one}` } };
  expect(idsIn(object)).toEqual([one]);
  expect(idsIn({ id: two, spec: {}, status: {} })).toEqual([]);
});
