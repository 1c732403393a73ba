// Walks the portal in a real browser against a real server, without guests.
import assert from "node:assert/strict";
import { audit } from "./axe.mjs";
import { approving, running, uploading } from "./cloud.mjs";
import { dedicatedPaths } from "./dpath.mjs";
import { everyPage, firstPage, invited, listing, reading, searching, turnedAway, undoing } from "./frame.mjs";
import { signedIn, signIn, startBrowser, startServer } from "./rig.mjs";
import { heading, walks } from "./walk.mjs";

const server = await startServer();
const browser = await startBrowser();
// Of the walks those whose names a pattern matches, as in: node e2e/run.mjs 'projects|flavor|taken back'. Some stand on those before them.
const { walk, end } = walks(browser, process.argv[2]);

const admin = (page) => signIn(page, server.url, "admin", server.password);

await walk("a wrong password is refused in words, a right one leads in", {
  run: async ({ page }) => {
    await page.goto(`${server.url}/flavors`);
    await heading(page, "Sign in");
    await page.getByLabel("User name").fill("admin");
    await page.getByLabel("Password", { exact: true }).fill("surely-not-this-one");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("User name or password is wrong").waitFor();
    await audit(page, "sign-in");
    await page.getByLabel("Password", { exact: true }).fill(server.password);
    await page.keyboard.press("Enter");
    await heading(page, "Flavors"); // the page that was asked for first
    assert.equal(new URL(page.url()).pathname, "/flavors");
  },
});

await walk("an empty installation says what to do", {
  run: async ({ page, seen }) => {
    await admin(page);
    await heading(page, "Overview");
    await page.getByText("Begin here").waitFor();
    await page.locator("[data-live=live]").waitFor();
    await page.getByRole("link", { name: "Pools", exact: true }).first().click();
    await page.getByText("No host has joined yet").waitFor();
    await page.getByRole("link", { name: "Servers" }).first().click();
    await page.getByText("No servers yet").waitFor();
    assert.equal(seen.requests.filter((p) => p === "/v1/watch").length, 1, "one stream for all pages");
  },
});

await walk("projects are made in the tree, and chosen", {
  run: async ({ page }) => {
    await admin(page);
    await page.getByRole("link", { name: "Tenants", exact: true }).click();
    await page.getByRole("button", { name: /Add below/ }).first().click();
    await page.getByRole("dialog").getByLabel("Name", { exact: true }).fill("shop");
    await page.getByRole("dialog").getByRole("button", { name: "Create" }).click();
    await page.getByRole("cell", { name: "shop" }).first().waitFor();
    await page.getByRole("button", { name: /^Project: / }).click();
    await page.locator(".ant-select-item-option").filter({ hasText: "shop" }).click();
    await page.waitForURL(/project=shop/);
    await page.getByRole("link", { name: "Networks", exact: true }).click();
    await page.waitForURL(/\/networks\?project=shop/);
  },
});

await walk("a flavor is made by the generic form, with what is wrong said at its field", {
  run: async ({ page }) => {
    await admin(page);
    await page.goto(`${server.url}/flavors`);
    await page.getByRole("link", { name: "Create flavor" }).click();
    await page.getByLabel("Name", { exact: true }).fill("r1.tiny");
    await page.getByRole("button", { name: "Create" }).click();
    await page.getByText("vCPUs is needed").waitFor();
    await page.getByLabel("vCPUs").fill("1");
    await page.getByLabel("Memory MiB").fill("256");
    await page.getByLabel("Disk GiB").fill("2");
    await audit(page, "form");
    await page.locator("[data-plan=ready]").getByText("It can be made.").waitFor(); // the plan comes by itself, before the button
    await page.getByRole("button", { name: "Create", exact: true }).click();
    await heading(page, "r1.tiny");
    await page.getByText("Ready", { exact: true }).first().waitFor();
    await page.getByRole("tab", { name: "History" }).click();
    await page.getByRole("cell", { name: "admin" }).first().waitFor();
    await audit(page, "detail");
  },
});

await walk("changes made elsewhere show by themselves", {
  run: async ({ page, seen }) => {
    const api = await signedIn(server.url, "admin", server.password);
    await admin(page);
    await page.goto(`${server.url}/flavors`);
    await page.locator("[data-live=live]").waitFor();
    const before = seen.requests.length;
    const made = await api.post("/v1/flavors", { name: "r1.live", spec: { vcpus: 2, memoryMiB: 512, diskGiB: 4 } });
    await page.getByRole("link", { name: "r1.live" }).waitFor();
    await page.getByRole("link", { name: "r1.live" }).click();
    await heading(page, "r1.live");
    await api.delete(`/v1/flavors/${made.object.id}`);
    await page.getByText("It was deleted").waitFor();
    assert.ok(seen.requests.length - before < 12, `few requests, not ${seen.requests.length - before}`);
  },
});

await walk("a bundle is planned, deployed while its graph is watched, and destroyed", {
  run: async ({ page }) => {
    const api = await signedIn(server.url, "admin", server.password);
    await api.post("/v1/networks", { name: "net", project: "shop", spec: { cidr: "10.20.0.0/24" } });
    await admin(page);
    await page.goto(`${server.url}/bundles/catalogue?project=shop`);
    await page.getByRole("link", { name: "Choose" }).first().click();
    await page.getByRole("button", { name: "Plan" }).click();
    await page.getByText("there is no flavor by that name here").first().waitFor();
    assert.ok(await page.getByRole("button", { name: "Apply this plan" }).isDisabled());
    await api.post("/v1/flavors", { name: "r1.small", spec: { vcpus: 1, memoryMiB: 512, diskGiB: 4 } });
    await api.post("/v1/images", { name: "plaza-appliance", spec: { format: "qcow2", disk: { url: "file:///nowhere/appliance.qcow2", sha256: "0".repeat(64), bytes: 1 } } });
    await page.getByRole("button", { name: "Back" }).click();
    await page.getByRole("button", { name: "Plan" }).click();
    await page.getByText("there is no flavor by that name here").first().waitFor({ state: "detached" });
    await page.getByText("What will happen").waitFor();
    await page.locator("[data-node=net]").waitFor();
    await audit(page, "plan");
    await page.getByRole("button", { name: "Apply this plan" }).click();
    await heading(page, "retail");
    await page.locator("[data-node=net][data-phase=Ready]").waitFor(); // told by the stream: the page asks only once
    await audit(page, "deployment");
    await page.screenshot({ path: "screenshots/deployment.png", fullPage: true });
    await page.getByRole("button", { name: "Destroy" }).click();
    await page.getByLabel("Name of what is to be deleted").fill("retail");
    await page.getByRole("dialog").getByRole("button", { name: "Destroy" }).click();
    await page.getByText("It was deleted").waitFor({ timeout: 30_000 });
  },
});

await walk("a refusal says what is wrong and what helps", {
  run: async ({ page }) => {
    await admin(page);
    await page.goto(`${server.url}/networks/new?project=shop`);
    await page.getByLabel("Name", { exact: true }).fill("back");
    await page.getByLabel("CIDR").fill("10.30.0.0/33");
    await page.getByRole("button", { name: "Create", exact: true }).click();
    await page.getByRole("alert").getByText("for example 10.10.0.0/24").first().waitFor();
    await page.locator(".ant-form-item-explain-error").getByText("is not an IPv4 CIDR").waitFor();
    await audit(page, "refusal");
  },
});

await walk("a reader sees no button that is forbidden, and causes no refusal", reading(server));

await walk("language and mode are switched and kept", {
  run: async ({ page }) => {
    await admin(page);
    await heading(page, "Overview");
    await page.getByRole("button", { name: "切换到中文" }).click();
    await heading(page, "总览");
    assert.equal(await page.evaluate(() => document.documentElement.lang), "zh-CN");
    await page.getByRole("button", { name: "切换到深色" }).click();
    await page.reload();
    await heading(page, "总览");
    assert.equal(await page.evaluate(() => document.documentElement.dataset.mode), "dark");
    await audit(page, "overview, dark, Chinese");
    await page.goto(`${server.url}/flavors`);
    await heading(page, "规格");
  },
});

await walk("it can be used by keyboard alone, on a tablet", {
  options: { viewport: { width: 820, height: 1100 } },
  run: async ({ page }) => {
    await admin(page);
    await heading(page, "Overview");
    await page.keyboard.press("Tab");
    await page.getByRole("link", { name: "Skip to the content" }).waitFor();
    await page.getByRole("button", { name: /^Operations/ }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor();
    await audit(page, "drawer");
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.equal(wide, 0, "the page scrolls sideways");
  },
});

await walk("who signed out is out", {
  run: async ({ page }) => {
    await admin(page);
    await heading(page, "Overview");
    await page.getByRole("button", { name: "Account of admin" }).click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await heading(page, "Sign in");
    await page.goto(`${server.url}/servers`);
    await heading(page, "Sign in");
  },
});

await walk("the first page is light", firstPage(server));
await walk("the search leads to objects, pages and actions by keys alone", searching(server));
await walk("an edit is planned, saved and taken back", undoing(server));
await walk("a list is filtered, ordered, kept and exported by the server's means", listing(server));
await walk("the invited make their account, a second factor and a token", invited(server));
await walk("who is turned away by a provider is told what to do", turnedAway(server));
await walk("a call chain shows its lanes, its environment comes by a form, rests and goes on", dedicatedPaths(server));
await walk("a request for more quota is approved by somebody else, and made", approving(server));
await walk("a limit is set where it stands, the audit is proved, networks are drawn", running(server));
await walk("a file becomes an image", uploading(server));
await walk("every page is readable in both modes, with few requests", everyPage(server));
await browser.close();
await server.stop();
end();
