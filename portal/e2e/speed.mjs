// Measures what a user waits for, in Chromium against a server that runs: PLAZA_URL, PLAZA_PASSWORD; prints JSON in milliseconds.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as rest } from "node:timers/promises";
import { openTab, startBare } from "./pipe.mjs";
import { signIn, startBrowser } from "./rig.mjs";

const [url, password, rounds] = [process.env.PLAZA_URL, process.env.PLAZA_PASSWORD, Number(process.env.PLAZA_ROUNDS ?? 11)];
assert.ok(url && password, "PLAZA_URL and PLAZA_PASSWORD name the server");

/** Runs in the page: when the overview stands with all its figures, and a button is answered: the one that folds the menu. */
function watchStart() {
  const ready = () => document.querySelector("h1") && document.querySelector("[data-live=live]") && !document.querySelector("[aria-busy=true], .ant-spin");
  const fold = () => document.querySelector("header [aria-expanded]");
  let asked = 0;
  let before;
  const look = () => {
    if (asked && fold()?.getAttribute("aria-expanded") !== before) globalThis.interactive = { shown: asked, answered: performance.now() };
    else {
      if (!asked && ready()) {
        asked = performance.now();
        before = fold().getAttribute("aria-expanded");
        fold().click();
      }
      requestAnimationFrame(look);
    }
  };
  requestAnimationFrame(look);
}

/** From the start of the navigation until the first page can be used; cold has nothing in the browser's cache. */
async function firstPage(tab, slower, cold) {
  await tab("Page.navigate", { url: "about:blank" });
  if (cold) await tab("Network.clearBrowserCache");
  await tab("Emulation.setCPUThrottlingRate", { rate: slower });
  await tab("Page.navigate", { url });
  for (let i = 0; i < 100; i++) {
    await rest(600); // asked seldom, as each time costs the page some
    const { result } = await tab("Runtime.evaluate", { expression: "JSON.stringify(globalThis.interactive)" });
    if (!result.value) continue;
    await tab("Emulation.setCPUThrottlingRate", { rate: 1 });
    return JSON.parse(result.value);
  }
  throw new Error("the first page is not there after a minute");
}

async function session() {
  const answer = await fetch(`${url}/v1/login`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ name: "admin", password }) });
  const [name, value] = answer.headers.getSetCookie()[0]?.split(";")[0].split("=") ?? [];
  assert.ok(answer.ok && name && value, "the session has a cookie");
  return { name, value, url, httpOnly: true };
}

async function firstPages() {
  // A profile on disk, as a user has one: a private one would compile everything anew each time.
  const profile = await mkdtemp(join(tmpdir(), "plaza-profile-"));
  const browser = startBare(profile);
  try {
    await browser.call("Storage.setCookies", { cookies: [await session()] });
    const tab = await openTab(browser.call);
    await tab("Page.enable");
    await tab("Page.addScriptToEvaluateOnNewDocument", { source: `(${watchStart})()` });
    await firstPage(tab, 1, true); // a browser just started has more to do than a page
    const first = { cold: [], warm: [] };
    for (let i = 0; i < rounds; i++) first.cold.push(await firstPage(tab, 4, true));
    for (let i = 0; i < 3; i++) await firstPage(tab, 1, false); // Chromium keeps what it compiled once a page is seen to be used
    for (let i = 0; i < rounds; i++) first.warm.push(await firstPage(tab, 4, false));
    return first;
  } finally {
    await browser.stop();
    await rm(profile, { recursive: true, force: true });
  }
}

/** Runs in the page: from the event that begins a filter until its first row is painted. */
function timeFilter({ words, first }) {
  return new Promise((resolve) => {
    const field = document.querySelector("[data-shortcut=find] input, input[data-shortcut=find]");
    const setter = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set;
    setter.call(field, words);
    field.dispatchEvent(new Event("input", { bubbles: true }));
    requestAnimationFrame(() => {
      const began = performance.now();
      for (const type of ["keydown", "keyup"]) field.dispatchEvent(new KeyboardEvent(type, { key: "Enter", code: "Enter", keyCode: 13, bubbles: true }));
      const look = () => (document.querySelector("tbody tr[data-row-key] a")?.textContent === first ? requestAnimationFrame(() => resolve(performance.now() - began)) : requestAnimationFrame(look));
      requestAnimationFrame(look);
    });
  });
}

/** A search that few rows answer, and one that is taken back to all of them. */
async function filters() {
  const browser = await startBrowser();
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, locale: "en-US" });
    await signIn(page, url, "admin", password);
    await page.goto(`${url}/servers?sort=name`);
    await page.locator("tbody tr[data-row-key]").first().waitFor();
    const all = await page.locator("tbody tr[data-row-key] a").first().textContent();
    const out = { few: [], all: [] };
    for (let i = 0; i < rounds; i++) {
      const name = `server-${50_000 + i * 137}`;
      out.few.push(await page.evaluate(timeFilter, { words: name, first: name }));
      out.all.push(await page.evaluate(timeFilter, { words: "", first: all }));
    }
    return out;
  } finally {
    await browser.close();
  }
}

console.log(JSON.stringify({ first: await firstPages(), filters: await filters() }));
