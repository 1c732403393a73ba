import { expect, test } from "vitest";
import { grouped } from "./Figures";

test("numbers are grouped as Intl groups them", () => {
  for (const n of [0, 7, 999, 1000, 12_345, 999_999, 1_000_000, 1_234_567_890])
    for (const language of ["en", "zh"]) expect(grouped(n)).toBe(n.toLocaleString(language));
});
