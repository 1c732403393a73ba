// What walks have in common: a tab that remembers what should not happen, one walk after the other, and small steps of many.
import assert from "node:assert/strict";

// Answers that are told on the page, and what Chromium does to open requests when cards come and go on its own machine, as those of guests do.
const expected = /status of (401|403|404|409|422|503)|ERR_NETWORK_CHANGED/;

/** A page that remembers what should not happen: errors of scripts, and requests that were refused. */
async function open(browser, patience, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: "en-US", colorScheme: "light", reducedMotion: "reduce", ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(patience);
  const seen = { errors: [], refused: [], requests: [] };
  page.on("pageerror", (e) => seen.errors.push(String(e)));
  page.on("console", (m) => m.type() === "error" && !expected.test(m.text()) && seen.errors.push(m.text()));
  page.on("response", (r) => r.status() === 403 && seen.refused.push(r.url()));
  page.on("request", (r) => r.url().includes("/v1/") && seen.requests.push(new URL(r.url()).pathname));
  return { page, seen, close: () => context.close() };
}

/** Walks one after the other, of which those are taken whose names a pattern matches; end tells how they went, and leaves. */
export function walks(browser, pattern = "", patience = 15_000) {
  const wanted = new RegExp(pattern);
  const failures = [];
  const walk = async (name, steps) => {
    if (!wanted.test(name)) return;
    const began = Date.now();
    const tab = await open(browser, patience, steps.options);
    try {
      await steps.run(tab);
      assert.deepEqual(tab.seen.errors, [], "errors in the browser's console");
      console.log(`ok    ${name} (${Date.now() - began} ms)`);
    } catch (error) {
      failures.push(name);
      console.error(`FAIL  ${name}\n${error.stack ?? error}`);
      await tab.page.screenshot({ path: `screenshots/failed-${failures.length}.png` }).catch(() => undefined);
    } finally {
      await tab.close();
    }
  };
  const end = () => {
    console.log(failures.length === 0 ? "all walks succeeded" : `${failures.length} failed: ${failures.join("; ")}`);
    process.exit(failures.length === 0 ? 0 : 1);
  };
  return { walk, end };
}

export const heading = (page, name) => page.getByRole("heading", { level: 1, name, exact: true }).waitFor();

const literally = (text) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** Chooses in the first select of a label, or a later one; a list that still moves on a busy machine may swallow the click, or close under it. */
export async function choose(page, label, option, nth = 0) {
  const box = page.getByRole("combobox", { name: label }).nth(nth);
  const chosen = box.locator("xpath=ancestor::*[contains(concat(' ', @class, ' '), ' ant-select ')][1]").getByText(option, { exact: true }).first();
  for (let tries = 6; ; tries--) {
    await box.click();
    await page.locator(".ant-select-dropdown:visible .ant-select-item-option").filter({ hasText: new RegExp(`^${literally(option)}$`) }).click({ timeout: 5000 }).catch(() => undefined);
    if (await chosen.waitFor({ timeout: 5000 }).then(() => true, () => false)) return;
    assert.ok(tries > 1, `${option} is not taken for ${label}`);
  }
}
