import { describe, expect, it } from "vitest";
import { kindOf, schemaOf } from "./catalogue";
import { compact, expand, formPath } from "./formValues";

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

  it("know the field a problem is about", () => {
    expect(formPath("spec.publish[2].port")).toEqual(["spec", "publish", 2, "port"]);
  });
});
