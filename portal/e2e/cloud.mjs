// Walks of the pages for whoever runs the cloud: a request decided by another, a limit set where it stands, the audit's proof, what is drawn.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { audit } from "./axe.mjs";
import { signedIn, signIn } from "./rig.mjs";
import { heading } from "./walk.mjs";

/** All that a port refers to, which is more than one thing, is told by name. */
async function named(page, api, url) {
  await api.post("/v1/securitygroups", { name: "till-only", project: "kiosk", spec: { rules: [{ protocol: "icmp" }] } });
  await api.post("/v1/ports", { name: "till-1", project: "kiosk", spec: { network: "tills", securityGroups: ["till-only"] } });
  const port = (await api.get("/v1/ports?name=till-1")).items[0];
  await page.goto(`${url}/ports/${port.id}`);
  for (const name of ["tills", "till-only"]) await page.locator("main").getByRole("link", { name, exact: true }).first().waitFor();
}

/** A keeper of a project of its own asks for one network more than its quota has. */
async function ask(api, url) {
  const password = "a-patient-keeper-1";
  const project = await api.post("/v1/nodes", { type: "project", name: "kiosk" });
  const keeper = await api.post("/v1/users", { name: "keeper", password });
  await api.post("/v1/bindings", { user: keeper.id, node: project.id, role: "member" });
  await api.put("/v1/quotas/networks?node=kiosk", { hard: 0 });
  const theirs = await signedIn(url, "keeper", password);
  const body = { name: "tills", project: project.id, spec: { cidr: "10.62.0.0/24" } };
  await assert.rejects(theirs.post("/v1/networks", body), /QuotaExceeded/);
  await theirs.post("/v1/requests", { name: "more-tills", project: project.id, spec: { method: "POST", path: "/v1/networks", body, comment: "the new counter opens on Monday" } });
  return password;
}

/** Chooses a file to be uploaded into the shop. */
async function chooseFile(page, name, buffer) {
  await page.getByLabel("File").setInputFiles({ name, mimeType: "application/octet-stream", buffer });
  await page.getByRole("combobox", { name: "Project" }).click();
  await page.locator(".ant-select-item-option").filter({ hasText: "shop" }).first().click();
}

/** A file of this machine becomes an image of a project; a qcow2 that leans on another file is refused in the server's words. */
export const uploading = (server) => ({
  run: async ({ page }) => {
    const api = await signedIn(server.url, "admin", server.password);
    await signIn(page, server.url, "admin", server.password);
    await page.goto(`${server.url}/images`);
    await page.getByRole("link", { name: "Upload image" }).click();
    await heading(page, "Upload image");
    const data = Buffer.alloc(9 * 2 ** 20, "till");
    await chooseFile(page, "Shop Disk.img", data);
    await page.locator("#name").and(page.locator("[value=shop-disk]")).waitFor();
    await audit(page, "upload");
    await page.getByRole("button", { name: "Upload", exact: true }).click();
    await heading(page, "shop-disk");
    const image = (await api.get("/v1/images?name=shop-disk")).items[0];
    assert.equal(image.spec.disk.sha256, createHash("sha256").update(data).digest("hex"));
    assert.equal(image.spec.disk.bytes, data.length);
    await page.goto(`${server.url}/images/upload`);
    const leaning = Buffer.alloc(2 ** 20);
    Buffer.from([0x51, 0x46, 0x49, 0xfb, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 16]).copy(leaning); // names a backing file
    await chooseFile(page, "leaning.qcow2", leaning);
    await page.getByRole("button", { name: "Upload", exact: true }).click();
    await page.getByRole("alert").getByText(/backing file/).first().waitFor();
    await page.goto(`${server.url}/images/upload`);
    await page.route(/upload\?offset/, () => undefined); // no byte comes through
    await chooseFile(page, "long.img", data);
    await page.getByRole("button", { name: "Upload", exact: true }).click();
    await page.getByRole("button", { name: "Stop" }).waitFor();
    page.once("dialog", (dialog) => dialog.accept());
    await page.getByRole("navigation").getByRole("link", { name: "Flavors" }).click();
    await heading(page, "Flavors");
    await page.getByText("Stopped. What was sent is kept").waitFor(); // who leaves ends it
  },
});

export const approving = (server) => ({
  run: async ({ page, seen }) => {
    const api = await signedIn(server.url, "admin", server.password);
    const password = await ask(api, server.url);
    await signIn(page, server.url, "keeper", password);
    await page.goto(`${server.url}/requests`);
    await page.getByText("No request waits for you").waitFor(); // nobody decides about their own
    await page.getByText(/Asked by me/).click();
    await page.locator("[data-request=more-tills]").getByText("somebody else decides").waitFor();
    assert.equal(await page.getByRole("button", { name: "Approve" }).count(), 0);
    await page.context().clearCookies();
    await signIn(page, server.url, "admin", server.password);
    await page.goto(`${server.url}/requests`);
    const card = page.locator("[data-request=more-tills]");
    await card.getByText("1 more Networks for kiosk").waitFor();
    await card.getByRole("button", { name: "Approve" }).click();
    await page.getByRole("dialog").getByLabel("Note").fill("as in spring");
    await page.getByRole("dialog").getByRole("button", { name: "Approve" }).click();
    await page.locator(".ant-segmented").getByText(/^All/).click();
    await card.getByText("Done", { exact: true }).waitFor();
    await card.getByRole("link", { name: "tills", exact: true }).click();
    await heading(page, "tills");
    assert.deepEqual(seen.refused, []);
  },
});

export const running = (server) => ({
  run: async ({ page }) => {
    await signIn(page, server.url, "admin", server.password);
    await page.goto(`${server.url}/quotas?metric=networks`);
    await page.getByRole("button", { name: "Limit kiosk" }).click();
    await page.getByLabel("Limit", { exact: true }).fill("7");
    await page.getByRole("button", { name: "Set", exact: true }).click();
    await page.getByRole("row").filter({ hasText: "kiosk" }).getByText("7", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Who holds it: kiosk" }).click();
    await page.getByRole("dialog").getByRole("link", { name: "tills" }).waitFor();
    await page.goto(`${server.url}/quotas`);
    await page.getByText("By brand", { exact: true }).click();
    await page.getByText("Use by tenant", { exact: true }).click();
    await page.getByRole("row").filter({ hasText: "kiosk" }).getByText(/of \d+ ready/).waitFor();
    await page.goto(`${server.url}/audit`);
    await page.getByRole("button", { name: "Verify" }).click();
    await page.locator("[data-verdict=sound]").waitFor();
    await page.goto(`${server.url}/networks/map?project=kiosk`);
    await page.locator("[data-network=tills]").waitFor();
    await page.goto(`${server.url}/topology`);
    await heading(page, "Topology");
    await named(page, await signedIn(server.url, "admin", server.password), server.url);
  },
});
