import assert from "node:assert/strict";
import { audit } from "./axe.mjs";
import { signedIn, signIn } from "./rig.mjs";
import { choose, heading } from "./walk.mjs";

const apps = [{ name: "stock", port: 8081, addresses: ["192.0.2.21:8081", "192.0.2.22:8081"] }, { name: "trade", port: 8080, addresses: ["192.0.2.11:8080"] }];
const report = { seconds: 10, violations: 2, calls: [{ app: "trade", pool: "public", decision: "common", calls: 123 }, { app: "trade", env: "flash", pool: "public", decision: "shared", calls: 25 }] };
const frame = /^\/v1\/(me|watch|operations|version)$/;

/** Takes the first version over and tells of calls, as a gateway does. */
async function follow(api) {
  const { items } = await api.get("/v1/configs?name=orders");
  await api.post(`/v1/configs/${items[0].id}/acks`, { subscriber: "edge-1", version: 1, state: "applied", report });
}

/** Fills the form of an environment that shares all nodes: made without guests, it becomes active. */
async function createEnvironment(page) {
  await page.getByRole("link", { name: "Create dedicated environment" }).click();
  await page.getByLabel("Name", { exact: true }).fill("flash");
  await choose(page, "App", "trade");
  await audit(page, "form of an environment");
  await page.getByRole("button", { name: "Remove Apps" }).click();
  await choose(page, "Type", "header");
  await page.getByRole("textbox", { name: "Key" }).fill("X-Tier");
  await choose(page, "Op", "equal");
  await page.getByRole("combobox", { name: "Value" }).fill("gold");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Create", exact: true }).click();
  await heading(page, "flash");
}

async function restAndGoOn(page) {
  const now = (stage) => page.locator(".ant-steps-item-active").getByText(stage, { exact: true }).waitFor({ timeout: 60_000 });
  await now("Active");
  await page.getByText("header X-Tier = gold").waitFor();
  await audit(page, "environment");
  await page.getByRole("button", { name: "Drain" }).click();
  await page.getByRole("tooltip").getByRole("button", { name: "OK" }).click();
  await page.getByRole("button", { name: "Resume" }).waitFor();
  await now("Draining");
  await page.getByRole("button", { name: "Resume" }).click();
  await now("Active");
}

async function lookAtLanes(page, seen) {
  await page.getByText("12.3/s", { exact: true }).waitFor();
  await page.getByText("2.5/s shared", { exact: true }).waitFor();
  await page.getByText("2 calls were stopped since they broke a guarantee").waitFor();
  await page.getByText(/^1 of 1 have not taken over version \d+ yet$/).waitFor();
  const asked = new Set(seen.requests.filter((p) => !frame.test(p)));
  assert.ok(asked.size <= 3, `at most 3 requests, not ${[...asked].join(" ")}`);
  await audit(page, "lanes");
  await page.locator("[data-cell='trade ']").focus();
  await page.keyboard.press("Enter");
  await page.getByRole("tooltip").getByText("192.0.2.11:8080").waitFor();
  await page.keyboard.press("Escape");
  await page.getByText("As a list").click();
  await page.getByRole("row").filter({ hasText: "trade (entry)" }).filter({ hasText: "flash" }).getByText("2.5/s shared").waitFor();
  await audit(page, "lanes as a list");
}

export const dedicatedPaths = (server) => ({
  run: async ({ page, seen }) => {
    const api = await signedIn(server.url, "admin", server.password);
    const { object: chain } = await api.post("/v1/dpathchains", { name: "orders", project: "shop", spec: { entry: ["trade"], apps } });
    await signIn(page, server.url, "admin", server.password);
    await page.goto(`${server.url}/dpathchains`);
    await page.getByRole("link", { name: "orders" }).click();
    await page.getByText("No environment yet").waitFor();
    await page.getByText("Nobody reports calls").waitFor();
    await createEnvironment(page);
    await restAndGoOn(page);
    await follow(api);
    await page.goto("about:blank");
    seen.requests.length = 0;
    await page.goto(`${server.url}/dpathchains/${chain.id}`);
    await lookAtLanes(page, seen);
  },
});
