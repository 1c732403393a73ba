import { describe, expect, it } from "vitest";
import type { KindObject } from "../api/types";
import { kindOf } from "../kinds/catalogue";
import { cell, exportCsv } from "./csv";
import { filterableOf, format, operatorsOf, parse, split, withPhases } from "./filters";
import { withSaved } from "./kept";
import { readState, searchOf } from "./state";

describe("filters", () => {
  it("come apart and together as the server reads them", () => {
    for (const text of ["status.vcpus>=4", "name prefix web-", "phase in Failed,Degraded", "labels.tier!=gold", "labels.a.b/c=x=y", "createdAt<2026-11-01"]) expect(format(parse(text)!)).toBe(text);
    expect(parse(" spec.flavor  =  r1 ")).toEqual({ field: "spec.flavor", op: "=", value: "r1" });
    for (const text of ["", "colour", "name like x", "=x"]) expect(parse(text)).toBeUndefined();
  });
  it("know a kind's fields, what they can be, and how they are compared", () => {
    const fields = new Map(filterableOf(kindOf("servers")!).map((f) => [f.path, f]));
    expect(fields.get("status.vcpus")).toEqual({ path: "status.vcpus", type: "integer" });
    expect(fields.get("phase")?.values).toContain("Failed");
    expect(operatorsOf({ type: "boolean" })).toEqual(["=", "!="]);
    expect(operatorsOf({ type: "integer" })).not.toContain("prefix");
    expect(operatorsOf({ type: "text", many: true })).toEqual(["=", "!=", "in"]);
  });
  it("hold the phases beside the others", () => {
    expect(split(["phase in Failed, Degraded", "phase!=Ready", "name=x"])).toEqual({ phases: ["Failed", "Degraded"], others: ["phase!=Ready", "name=x"] });
    expect(withPhases(["phase=Ready", "name=x"], ["Failed"])).toEqual(["name=x", "phase=Failed"]);
    expect(withPhases(["name=x"], ["Failed", "Ready"])).toEqual(["name=x", "phase in Failed,Ready"]);
    expect(withPhases(["phase=Ready"], [])).toEqual([]);
  });
});

describe("the address of a list", () => {
  it("is read whatever people write", () => {
    expect(readState({ q: 42, filter: "name=x", sort: "-name" })).toEqual({ q: "42", filter: ["name=x"], sort: "-name" });
    expect(readState({ q: { a: 1 }, filter: ["", 7, null], sort: "spec.size" })).toEqual({ filter: ["7"] });
    expect(readState({ filter: Array.from({ length: 99 }, (_, i) => `name=${i}`) }).filter).toHaveLength(16);
  });
  it("leaves out what is as always", () => {
    expect(searchOf({ q: "", filter: [] })).toEqual({});
    expect(readState(searchOf({ q: "web", filter: ["phase=Ready"], sort: "name" }))).toEqual({ q: "web", filter: ["phase=Ready"], sort: "name" });
  });
  it("is kept by name, the latest of each", () => {
    const list = withSaved(withSaved([], "mine", { filter: ["a=1"] }), "broken", { filter: [] });
    expect(list.map((f) => f.name)).toEqual(["broken", "mine"]);
    expect(withSaved(list, "mine", { filter: ["a=2"] })[1]?.state.filter).toEqual(["a=2"]);
  });
});

describe("CSV", () => {
  const object = (name: string, status: object) => ({ id: name, name, labels: { tier: "gold", city: "上海" }, spec: {}, status }) as unknown as KindObject;
  it("quotes what needs it, and runs nothing in a spreadsheet", () => {
    expect(["plain", 'a "b", c', "two\nlines", "=1+1", "@x", "-5", "-x"].map(cell)).toEqual(["plain", '"a ""b"", c"', '"two\nlines"', "'=1+1", "'@x", "-5", "'-x"]);
  });
  it("holds every page, and stops when told to", async () => {
    const pages: Record<string, { items: KindObject[]; next?: string }> = { "": { items: [object("a", { ips: ["1", "2"] })], next: "x" }, x: { items: [], next: "y" }, y: { items: [object("b", {})] } };
    const columns = [{ title: "Name", path: "name", name: (v: string) => v.toUpperCase() }, { title: "IPs", path: "status.ips" }, { title: "Labels", path: "labels" }];
    const told: number[] = [];
    const blob = await exportCsv(async (after) => pages[after ?? ""]!, columns, (n) => told.push(n), new AbortController().signal);
    expect(await blob!.text()).toBe("Name,IPs,Labels\r\nA,1 2,tier=gold city=上海\r\nB,,tier=gold city=上海\r\n");
    expect(told).toEqual([1, 1, 2]);
    const stop = new AbortController();
    expect(await exportCsv(async () => (stop.abort(), pages[""]!), columns, () => undefined, stop.signal)).toBeNull();
  });
});
