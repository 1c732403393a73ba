import { describe, expect, it } from "vitest";
import { kindOf } from "./catalogue";
import { schemaOf } from "./schemas";
import { blank, compact, expand, formPath } from "./formValues";

const spec = schemaOf(kindOf("servers")?.schema ?? "");

describe("form values", () => {
  it("leave out what is empty, and make maps of key=value", () => {
    const wanted = { flavor: "r1", image: "", metadata: ["a=b=c", "d="], publish: [{ port: 80, listen: "" }], volumes: [], power: undefined };
    expect(compact(wanted, spec)).toEqual({ flavor: "r1", metadata: { a: "b=c", d: "" }, publish: [{ port: 80 }] });
  });

  it("come back as they were", () => {
    const stored = { flavor: "r1", image: "i", network: "n", metadata: { a: "b" }, publish: [{ port: 80, listen: "127.0.0.1:0" }], securityGroups: ["x"] };
    expect(compact(expand(stored, spec), spec)).toEqual(stored);
  });

  it("begin with a row of what must not be missing", () => {
    const row = { type: "object", properties: { tests: { type: "array", items: { type: "object", properties: { op: { type: "string" } } } }, note: { type: "string" } }, required: ["tests"] };
    expect(blank({ type: "object", properties: { rules: { type: ["array", "null"], items: row }, more: { type: "array", items: row }, name: { type: "string" } }, required: ["rules", "name"] })).toEqual({ rules: [{ tests: [{}] }] });
  });

  it("know the field a problem is about", () => {
    expect(formPath("spec.publish[2].port")).toEqual(["spec", "publish", 2, "port"]);
  });
});
