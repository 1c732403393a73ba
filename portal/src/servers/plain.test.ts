import { expect, it } from "vitest";
import { safeTarget } from "../session/target";
import { plain } from "./plain";

it("a console's text loses colours and overwritten parts", () => {
  expect(plain("\u001b[32mok\u001b[0m\r\n10%\r50%\r100%\nlogin: ")).toBe("ok\n100%\nlogin: ");
});

it("signing in leads only to the portal's own pages", () => {
  expect(safeTarget("/servers?x=1")).toBe("/servers?x=1");
  for (const to of ["//evil.example", "https://evil.example", "/\\evil", "/sign-in?to=/", undefined]) expect(safeTarget(to)).toBe("/");
});
