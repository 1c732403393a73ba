import { expect, it } from "vitest";
import { readRefusal } from "./refusal";

it("what a provider refused is told as the server wrote it", () => {
  const problem = { reason: "Forbidden", detail: "门店 refuses", hint: "ask" };
  const text = btoa(String.fromCharCode(...new TextEncoder().encode(JSON.stringify(problem)))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  expect(readRefusal(`a=b; plaza_refusal=${text}; c=d`)).toEqual(problem);
  for (const cookies of ["", "plaza_refusal=", "plaza_refusal=%%%", "plaza_refusal=e30", "not_plaza_refusal=x"]) expect(readRefusal(cookies)).toBeUndefined();
});
