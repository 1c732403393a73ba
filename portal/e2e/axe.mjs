import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

const source = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const everything = { runOnly: ["wcag2a", "wcag2aa", "best-practice"] };

/** Waits until nothing moves: colours are on their way while a page comes in. What turns for ever is none of it. */
async function settled(page) {
  for (let still = 0; still < 3; still++) {
    await page.waitForTimeout(50);
    await page.waitForFunction(() => document.getAnimations().every((a) => a.playState !== "running" || a.effect?.getComputedTiming().iterations === Number.POSITIVE_INFINITY));
  }
}

async function check(page, name, options) {
  await settled(page);
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(source);
  const { violations } = await page.evaluate((o) => globalThis.axe.run(document, o), options);
  const bad = violations.filter((v) => v.impact === "serious" || v.impact === "critical");
  const told = bad.map((v) => `${v.id}: ${v.help}\n${v.nodes.slice(0, 4).map((n) => `      ${n.html.slice(0, 200)}\n      ${n.failureSummary?.split("\n")[1] ?? ""}`).join("\n")}`);
  assert.equal(bad.length, 0, `${name}: ${told.join("\n   ")}`);
}

/** Fails when a page has a serious or critical violation of accessibility. */
export const audit = (page, name) => check(page, name, everything);

/** The same in both modes: only colours differ between them. */
export async function auditBoth(page, name) {
  await check(page, name, everything);
  await page.emulateMedia({ colorScheme: "dark" });
  try {
    await page.waitForFunction(() => document.documentElement.dataset.mode === "dark");
    await check(page, `${name}, dark`, { runOnly: { type: "rule", values: ["color-contrast"] } });
  } finally {
    await page.emulateMedia({ colorScheme: "light" });
  }
}
