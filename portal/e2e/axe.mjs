import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

const source = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Fails when a page has a serious or critical violation of accessibility. */
export async function audit(page, name) {
  await page.waitForTimeout(400); // colours still move while a page comes in
  await page.evaluate(source);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "best-practice"] }));
  const bad = violations.filter((v) => v.impact === "serious" || v.impact === "critical");
  const told = bad.map((v) => `${v.id}: ${v.help}\n${v.nodes.slice(0, 4).map((n) => `      ${n.html.slice(0, 200)}\n      ${n.failureSummary?.split("\n")[1] ?? ""}`).join("\n")}`);
  assert.equal(bad.length, 0, `${name}: ${told.join("\n   ")}`);
}
