import { describe, expect, it } from "vitest";
import { en } from "../i18n/en";
import { reasonOf, reasons, socketURL } from "./ConsoleLine";

describe("a console's line", () => {
  it("is reached where the portal came from", () => {
    expect(socketURL("/v1/consoles/X", { protocol: "https:", host: "plaza.example:8443" })).toBe("wss://plaza.example:8443/v1/consoles/X");
    expect(socketURL("/v1/consoles/X", { protocol: "http:", host: "127.0.0.1:7710" })).toBe("ws://127.0.0.1:7710/v1/consoles/X");
  });
  it("says why it ended, also when nobody said so", () => {
    expect(reasonOf(4001)).toBe("idle");
    expect(reasonOf(1006)).toBe("broken");
    for (const reason of [...Object.values(reasons), "broken" as const]) expect(en.servers.consoles.why[reason]).toBeTruthy();
  });
});
