import { expect, it } from "vitest";
import { agentOf } from "./agent";

it("sessions are told apart by what browsers say of themselves", () => {
  expect(agentOf("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0 Safari/537.36")).toBe("Chrome, Linux");
  expect(agentOf("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/156.0 Safari/537.36 Edg/156.0")).toBe("Edge, Windows");
  expect(agentOf("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605 Version/19 Safari/604")).toBe("Safari, iOS");
  expect(agentOf("plaza/1.2.3 linux")).toBe("plaza/1.2.3");
  expect(agentOf("")).toBe("");
});
