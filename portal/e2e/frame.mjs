// Walks of what all pages share: search, keys, lists, plan and undo, the profile.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { audit, auditBoth } from "./axe.mjs";
import { signedIn, signIn } from "./rig.mjs";
import { addresses, own } from "./routes.mjs";
import { totp } from "./totp.mjs";
import { heading } from "./walk.mjs";

const budget = 400 * 1024;

/** What the first page took over the network, compressed as it came. */
const weight = (page) =>
  page.evaluate(() => [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")].filter((e) => !e.name.includes("/v1/")).reduce((n, e) => n + e.encodedBodySize, 0));

export const firstPage = (server) => ({
  run: async ({ page, seen }) => {
    await signIn(page, server.url, "admin", server.password);
    await heading(page, "Overview");
    seen.requests.length = 0;
    for (const address of ["about:blank", server.url]) await page.goto(address);
    await heading(page, "Overview");
    await page.locator("[data-live=live]").waitFor();
    for (const path of ["/v1/me", "/v1/overview", "/v1/bundles"]) assert.equal(seen.requests.filter((p) => p === path).length, 1, `${path} is asked for once, and ahead`);
    const bytes = await weight(page);
    console.log(`      the first page is ${(bytes / 1024).toFixed(0)} kB`);
    assert.ok(bytes > 100 * 1024 && bytes <= budget, `the first page is ${bytes} bytes, and may be ${budget}`);
  },
});

export const searching = (server) => ({
  run: async ({ page, seen }) => {
    await signIn(page, server.url, "admin", server.password);
    await heading(page, "Overview");
    await page.keyboard.press("Control+k");
    const field = page.getByRole("combobox", { name: "Search", exact: true });
    await field.waitFor();
    seen.requests.length = 0;
    await field.fill("r1.ti");
    await page.getByRole("option", { name: "r1.tiny" }).waitFor();
    assert.equal(seen.requests.filter((p) => p === "/v1/search").length, 1, "all kinds are searched by one request");
    await audit(page, "search");
    await page.keyboard.press("Enter");
    await heading(page, "r1.tiny");
    await page.keyboard.press("/");
    await field.fill("create flav");
    await page.getByRole("option", { name: "Create flavor" }).waitFor();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("Enter");
    await heading(page, "Create flavor");
    await page.getByRole("heading", { level: 1 }).click(); // out of the form's field
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
    await auditBoth(page, "shortcuts");
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.keyboard.press("g");
    await page.keyboard.press("s");
    await heading(page, "Servers");
  },
});

/** Chooses in a select, which on a busy machine may close under the click. */
async function choose(page, box, option) {
  await box.click();
  await box.fill(option);
  await page.locator(".ant-select-dropdown:visible .ant-select-item-option").first().waitFor();
  await page.keyboard.press("Enter");
}

export const listing = (server) => ({
  run: async ({ page }) => {
    const api = await signedIn(server.url, "admin", server.password);
    for (let i = 0; i < 80; i++) await api.post("/v1/flavors", { name: `many-${String(i).padStart(3, "0")}`, labels: { tier: i % 2 ? "gold" : "iron" }, spec: { vcpus: (i % 4) + 1, memoryMiB: 256, diskGiB: 1 } });
    await signIn(page, server.url, "admin", server.password);
    await page.goto(`${server.url}/flavors?sort=name&q=many`);
    await page.getByText("1–50 of 80").waitFor();
    await page.getByRole("button", { name: "Next page" }).click();
    await page.getByText("51–80 of 80").waitFor();
    await page.getByRole("link", { name: "many-079" }).waitFor();
    await page.getByRole("button", { name: "filter Filter" }).click();
    await choose(page, page.getByLabel("Field", { exact: true }), "spec.vcpus");
    await page.getByLabel("Value", { exact: true }).fill("4");
    await audit(page, "filter");
    await page.getByRole("button", { name: "Add the filter" }).click();
    await page.getByText("20 entries").waitFor();
    assert.match(decodeURIComponent(new URL(page.url()).search), /filter=\["spec\.vcpus=4"\]/);
    await page.getByRole("button", { name: "Columns" }).click();
    await page.getByRole("checkbox", { name: "Labels" }).check();
    await audit(page, "columns");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Saved filters" }).click();
    await page.getByRole("textbox", { name: "Name for what is set now" }).fill("four at once");
    await page.keyboard.press("Enter");
    const file = page.waitForEvent("download");
    await page.getByRole("button", { name: "Export CSV" }).click();
    const rows = (await readFile(await (await file).path(), "utf8")).trim().split("\r\n");
    assert.equal(rows.length, 21, "a heading, and all that the filter leaves");
    assert.match(rows[0] ?? "", /Name,State,.*Labels/);
    assert.match(rows[1] ?? "", /^many-003,Ready,.*tier=gold/);
    await page.goto(`${server.url}/flavors`);
    await page.getByRole("columnheader", { name: "Labels" }).waitFor(); // the choice is kept
    await page.getByRole("button", { name: "Saved filters" }).click();
    await page.getByRole("button", { name: "four at once", exact: true }).click();
    await page.getByText("20 entries").waitFor();
    await page.getByRole("link", { name: "All with the label tier=gold" }).first().click();
    await page.waitForURL(/labels\.tier/);
    await page.getByText("40 entries").waitFor();
    await auditBoth(page, "filtered list");
  },
});

export const undoing = (server) => ({
  run: async ({ page }) => {
    await signIn(page, server.url, "admin", server.password);
    await page.goto(`${server.url}/flavors?q=r1.tiny`);
    await page.getByRole("link", { name: "r1.tiny" }).click();
    await page.getByRole("link", { name: "Edit" }).click();
    await page.locator("[data-plan=ready]").getByText("Nothing would change").waitFor();
    await page.getByRole("combobox", { name: "Labels" }).fill("tier=gold");
    await page.keyboard.press("Enter");
    await page.getByText("labels.tier: ∅ → gold").waitFor();
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await heading(page, "r1.tiny");
    await page.getByText("tier=gold").first().waitFor();
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByText("The former version is back").waitFor();
    await page.getByText("tier=gold").waitFor({ state: "detached" });
  },
});

export const invited = (server) => ({
  run: async ({ page }) => {
    const api = await signedIn(server.url, "admin", server.password);
    const { token } = await api.post("/v1/invitations", { role: "member", node: "shop" });
    await page.goto(`${server.url}/accept-invitation#${token}`);
    await heading(page, "Accept an invitation");
    await auditBoth(page, "invitation");
    await page.getByLabel("User name").fill("kim");
    await page.getByLabel("Password", { exact: true }).fill("an honest long one");
    await page.getByLabel("Once more").fill("an honest long two");
    await page.getByRole("button", { name: "Create the account" }).click();
    await page.getByText("The two differ").waitFor();
    await page.getByLabel("Once more").fill("an honest long one");
    await page.getByRole("button", { name: "Create the account" }).click();
    await heading(page, "Overview");
    await page.goto(`${server.url}/profile`);
    await page.getByText("member on shop").waitFor();
    await page.locator("[data-session=this]").waitFor();
    await setFactor(page, server);
    await page.getByRole("button", { name: "Create token" }).click();
    await page.getByRole("dialog").getByLabel("Name", { exact: true }).fill("ci");
    await page.getByRole("dialog").getByRole("button", { name: "Create", exact: true }).click();
    const secret = await page.locator("[data-secret]").textContent();
    const me = await fetch(`${server.url}/v1/me`, { headers: { authorization: `Bearer ${secret}` } });
    assert.equal((await me.json()).user?.name, "kim");
    await page.getByRole("button", { name: "I copied it" }).click();
    await page.getByRole("button", { name: "Revoke: ci" }).click();
    await page.getByRole("tooltip").getByRole("button", { name: "OK" }).click();
    await page.getByText("No tokens").waitFor();
  },
});

/** Sets a second factor up as a person with an authenticator does, and signs in by a recovery code. */
async function setFactor(page, server) {
  const card = page.locator("[data-factor]");
  await card.getByLabel("Present password").fill("an honest long one");
  await card.getByRole("button", { name: "Set up" }).click();
  await page.getByRole("img", { name: /QR code/ }).waitFor();
  await auditBoth(page, "second factor");
  const key = await card.locator("code").textContent();
  await card.getByLabel("Code of the authenticator").fill(totp(key ?? ""));
  await card.getByRole("button", { name: "Put in force" }).click();
  const code = await page.locator("[data-recovery] li").first().textContent();
  await page.getByRole("button", { name: "I kept them" }).click();
  await page.getByText("10 recovery codes are left").waitFor();
  await page.getByRole("button", { name: "Account of kim" }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await heading(page, "Sign in");
  await page.getByLabel("User name").fill("kim");
  await page.getByLabel("Password", { exact: true }).fill("an honest long one");
  await page.keyboard.press("Enter");
  await page.getByLabel("Code", { exact: true }).fill(code ?? "");
  await page.keyboard.press("Enter");
  await heading(page, "Overview");
  await page.goto(`${server.url}/profile`);
  await page.getByText("9 recovery codes are left").waitFor();
}

export const turnedAway = (server) => ({
  run: async ({ page }) => {
    await page.goto(`${server.url}/v1/login/oidc/nowhere`);
    await heading(page, "Sign in");
    await page.getByRole("alert").getByText("Signing in by the provider did not succeed").waitFor();
    await auditBoth(page, "refused by a provider");
    await page.reload();
    await heading(page, "Sign in");
    assert.equal(await page.getByRole("alert").count(), 0, "it is told once");
  },
});

/** Every page there is, by the router's own list: readable in both modes, and at most three requests of its own. */
export const everyPage = (server) => ({
  run: async ({ page, seen }) => {
    const api = await signedIn(server.url, "admin", server.password);
    await signIn(page, server.url, "admin", server.password);
    const { found, absent } = await addresses(page, api);
    const wrong = [];
    for (const { path, address } of found) {
      await page.goto("about:blank");
      seen.requests.length = 0;
      await page.goto(server.url + address);
      await page.getByRole("heading", { level: 1 }).first().waitFor();
      await page.getByRole("status").filter({ hasText: "Loading" }).first().waitFor({ state: "detached" });
      await auditBoth(page, path).catch((error) => wrong.push(error.message));
      const requests = own(seen.requests);
      if (requests.length > 3) wrong.push(`${path} asks for ${requests.join(" ")}`);
    }
    console.log(`      ${found.length} pages; without an object to show: ${absent.join(" ") || "none"}`);
    assert.deepEqual(wrong, []);
  },
});

/** A reader goes wherever the menu leads. */
export const reading = (server) => ({
  run: async ({ page, seen }) => {
    const api = await signedIn(server.url, "admin", server.password);
    const user = await api.post("/v1/users", { name: "visitor", password: "a-quiet-visitor-1" });
    const { items } = await api.get("/v1/nodes");
    await api.post("/v1/bindings", { user: user.id, node: items.find((n) => n.fullName === "shop").id, role: "reader" });
    await signIn(page, server.url, "visitor", "a-quiet-visitor-1");
    await heading(page, "Overview");
    const links = await page.getByRole("navigation").getByRole("link").evaluateAll((all) => all.map((a) => a.getAttribute("href")));
    assert.ok(links.length > 10, "the menu leads somewhere");
    for (const path of [...links, "/bundles/catalogue", "/profile"]) {
      await page.goto(server.url + path);
      await page.getByRole("heading", { level: 1 }).first().waitFor();
      await page.locator("[data-live=live]").waitFor();
      if (path === "/profile") continue; // what is one's own may be changed
      const forbidden = await page.getByRole("button", { name: /\b(Create|Delete|Edit|Add below)\b/ }).or(page.getByRole("link", { name: /\bCreate\b|Choose/ })).count();
      assert.equal(forbidden, 0, `forbidden buttons at ${path}`);
    }
    await page.goto(`${server.url}/networks`);
    await page.getByRole("link", { name: "net", exact: true }).click();
    await heading(page, "net");
    assert.equal(await page.getByRole("button", { name: /Delete|Edit/ }).count(), 0);
    assert.deepEqual(seen.refused, []);
  },
});
