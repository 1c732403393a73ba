// The walk of a dedicated environment on the nodes of the bundle that runs.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { audit } from "./axe.mjs";
import { choose, heading } from "./walk.mjs";

const apps = ["product", "inventory", "trade"];
const minute = 60_000;

/** Starts a dpathd that follows the chain, as a process of a tenant does, and acknowledges what it takes over. */
async function follow({ site, api }) {
  const dir = await mkdtemp(join(tmpdir(), "plaza-follower-"));
  const { secret } = await api.post("/v1/tokens", { name: "walk-follower", role: "subscriber", node: site.project });
  await writeFile(join(dir, "token"), secret, { mode: 0o600 });
  await writeFile(join(dir, "keys.yaml"), `current: "1"\nkeys: {"1": "${randomBytes(32).toString("base64")}"}\n`, { mode: 0o600 });
  const config = { centre: { url: `${site.url}/v1/configs/walk-chain?project=${encodeURIComponent(site.project)}`, tokenFile: "token", name: "walk-follower" }, snapshot: "snapshot", keys: "keys.yaml" };
  await writeFile(join(dir, "dpathd.json"), JSON.stringify(config));
  // Clients of xDS look at the nodes themselves, which are in a network that this machine has no way into.
  const child = spawn(site.dpathd, ["xds", "--config", join(dir, "dpathd.json"), "--listen", "127.0.0.1:0"], { stdio: ["ignore", "ignore", "pipe"] });
  let log = "";
  child.stderr.on("data", (text) => (log += text));
  return async () => {
    const ended = new Promise((r) => child.once("exit", r));
    if (child.exitCode === null && child.kill("SIGTERM")) await ended;
    await rm(dir, { recursive: true, force: true });
    assert.equal(child.exitCode, 0, `dpathd: ${log}`);
  };
}

/** Fills the form with what the bundle's nodes hold by: the environment newRetail, on the nodes that are its own. */
async function order(page, site) {
  await page.getByRole("link", { name: "Create dedicated environment" }).click();
  await heading(page, "Create dedicated environment");
  await page.getByLabel("Name", { exact: true }).fill("walk-env");
  for (const [i, app] of apps.entries()) {
    if (i > 0) await page.getByRole("button", { name: "Add Apps" }).click();
    await choose(page, "App", app, i);
    await choose(page, "Node group", `${site.bundle}-lane`, i);
  }
  await choose(page, "Type", "header");
  await page.getByRole("textbox", { name: "Key" }).fill("X-Retail-Channel");
  await choose(page, "Op", "equal");
  await page.getByRole("combobox", { name: "Value" }).fill("new-retail");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "More settings" }).last().click();
  await page.getByRole("textbox", { name: "Environment" }).fill("newRetail");
  await page.locator("[data-plan=ready]").getByText("It can be made.").waitFor();
  await page.getByRole("button", { name: "Create", exact: true }).click();
  await heading(page, "walk-env");
}

/** How many calls the nodes of an app served, public ones and dedicated ones, by the report on the page. */
async function served(page, app) {
  const cells = await page.locator("[data-verdict]").getByRole("row").filter({ hasText: app }).getByRole("cell").allTextContents();
  return cells.slice(1).map((n) => Number(n.replaceAll(",", "")));
}

async function verify(page) {
  await page.getByRole("button", { name: "Verify" }).click();
  await page.locator("[data-verdict=sound]").waitFor({ timeout: 2 * minute });
  await page.getByText(/^500 common calls and 500 of newRetail/).waitFor();
  const calls = await served(page, "product");
  assert.deepEqual(calls, [500, 500], "each kind was served by nodes of its own");
  await audit(page, "verification");
  await page.screenshot({ path: "screenshots/verification.png", fullPage: true });
  // With protections off the same verifier must find what it did not find before.
  await page.getByRole("checkbox", { name: /^With protections off/ }).check();
  await page.getByRole("button", { name: "Verify" }).click();
  await page.locator("[data-verdict=sees]").waitFor({ timeout: 2 * minute });
}

export const dedicatedPath = ({ site, api, admin, named, remove }) => ({
  run: async ({ page }) => {
    const nodegroups = [`${site.bundle}-app`, `${site.bundle}-lane`];
    await api.post("/v1/dpathchains?wait=1m", { name: "walk-chain", project: site.project, spec: { entry: apps, apps: apps.map((name) => ({ name, port: 8080, nodegroups })) } });
    const chain = await named("dpathchains", "walk-chain");
    const stop = await follow({ site, api });
    try {
      await admin(page);
      await page.goto(`${site.url}/dpathchains/${chain.id}`);
      await page.getByText("1 of 1 who follow it report their calls").waitFor({ timeout: minute }); // dpathd does
      await page.getByText("No environment yet").waitFor();
      await order(page, site);
      await page.locator(".ant-steps-item-active").getByText("Active", { exact: true }).waitFor({ timeout: minute });
      await page.getByText("1 of 1 took it over").waitFor();
      await page.getByText("header X-Retail-Channel = new-retail").waitFor();
      await verify(page);
      await remove(page, "Delete", "walk-env");
      await page.goto(`${site.url}/dpathchains/${chain.id}`);
      await page.getByText("No environment yet").waitFor();
    } finally {
      await stop();
    }
  },
});
