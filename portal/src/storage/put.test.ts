import { describe, expect, it } from "vitest";
import { keyIn, nameIn, wayTo } from "./put";

describe("keys of a bucket", () => {
  it("are told as folders", () => {
    expect(wayTo("")).toEqual([]);
    expect(wayTo("photos/2026/")).toEqual([{ key: "photos/", name: "photos" }, { key: "photos/2026/", name: "2026" }]);
    expect(wayTo("/a//")).toEqual([{ key: "/", name: "" }, { key: "/a/", name: "a" }, { key: "/a//", name: "" }]);
  });
  it("are named within their folder", () => {
    expect(nameIn("photos/", "photos/a b.jpg")).toBe("a b.jpg");
    expect(nameIn("photos/", "photos/")).toBe("photos/"); // a marker that some clients make
    expect(keyIn("photos/", "a.jpg")).toBe("photos/a.jpg");
  });
});
