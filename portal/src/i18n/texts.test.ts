import { expect, it } from "vitest";
import { ago, span } from "./time";
import { en } from "./en";
import { humanise } from "./words";
import { preferred } from ".";
import { zh } from "./zh";

const leaves = (v: object, at = ""): [string, string][] => Object.entries(v).flatMap(([k, x]) => (typeof x === "object" ? leaves(x as object, `${at}${k}.`) : [[`${at}${k}`, String(x)]]));
const holes = (s: string) => [...s.matchAll(/\{\{(\w+)\}\}/g)].map((m) => m[1] ?? "").toSorted();

it("both languages fill the same holes", () => {
  const chinese = new Map(leaves(zh));
  const different = leaves(en).filter(([k, v]) => !/^(words|docs)\./.test(k) && JSON.stringify(holes(v)) !== JSON.stringify(holes(chinese.get(k) ?? "")));
  expect(different).toEqual([]);
});

it("names become readable", () => {
  expect(humanise("memoryMiB", en.words)).toBe("Memory MiB");
  expect(humanise("ATTACHED TO", en.words)).toBe("Attached to");
  expect(humanise("vcpus", en.words)).toBe("vCPUs");
  expect(humanise("minDiskGiB", en.words)).toBe("Min disk GiB");
});

it("the language is the one chosen, or the browser's", () => {
  expect(preferred("zh", ["en-US"])).toBe("zh");
  expect(preferred(null, ["fr-FR", "zh-CN"])).toBe("zh");
  expect(preferred(null, ["fr-FR"])).toBe("en");
});

it("times are told in words", () => {
  const now = Date.parse("2026-01-01T12:00:00Z");
  expect(ago("2026-01-01T11:57:00Z", "en", now)).toBe("3 minutes ago");
  expect(span("2026-01-01T11:57:00Z", "2026-01-01T11:58:20Z")).toBe("1m 20s");
});
