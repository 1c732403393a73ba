// Walks the portal in a real browser against what make up brought up: whatever needs guests. Run by deploy/local/portal.sh.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { audit } from "./axe.mjs";
import { dedicatedPath } from "./guests-dpath.mjs";
import { signedIn, signIn, startBrowser } from "./rig.mjs";
import { choose, heading, walks } from "./walk.mjs";

const told = (name) => process.env[name] ?? assert.fail(`${name} is not set: run deploy/local/portal.sh`);
const site = { url: told("PLAZA_URL"), password: told("PLAZA_PASSWORD"), project: told("PLAZA_PROJECT"), bundle: told("PLAZA_BUNDLE"), libvirt: told("PLAZA_LIBVIRT"), dpathd: told("PLAZA_DPATHD") };
const minute = 60_000;
const here = `project=${encodeURIComponent(site.project)}`;
const virsh = async (...args) => (await promisify(execFile)("virsh", ["--quiet", "--connect", site.libvirt, ...args])).stdout.trim();

const browser = await startBrowser();
const api = await signedIn(site.url, "admin", site.password);
const { walk, end } = walks(browser, process.argv[2], minute); // guests take the processors of the machine that walks
const admin = (page) => signIn(page, site.url, "admin", site.password);

/** Whatever the walks make has such a name; users before what they use. */
const ours = /^walk-/;
const kinds = ["bundles", "dpathenvs", "dpathchains", "servers", "networks"];

/** Removes what walks have left, so that nothing of them is there before and after. */
async function sweep() {
  for (const kind of kinds) {
    const { items } = await api.get(`/v1/${kind}?limit=1000&${here}`);
    for (const { id } of items.filter((o) => ours.test(o.name))) await api.delete(`/v1/${kind}/${id}?wait=2m`);
  }
  const { items } = await api.get("/v1/tokens");
  for (const { id } of items.filter((t) => ours.test(t.name))) await api.delete(`/v1/tokens/${id}`);
}

/** Finds one object of the project by its name. */
async function named(kind, name) {
  const { items } = await api.get(`/v1/${kind}?name=${name}&${here}`);
  return items[0] ?? assert.fail(`there is no ${name} among ${kind}`);
}

/** Deletes what the page is about, and sees it go. */
async function remove(page, button, name) {
  await page.getByRole("button", { name: button }).click();
  await page.getByLabel("Name of what is to be deleted").fill(name);
  await page.getByRole("dialog").getByRole("button", { name: button }).click();
  await page.getByText("It was deleted").waitFor({ timeout: 2 * minute });
}

const node = (page, key, rest = "") => page.locator(`[data-node=${key}]${rest}`);
const ready = "[data-phase=Ready]";
const unready = `:not(${ready})`;

/** The newest image by the beginning of its name: it ends with its version. */
async function image(name) {
  const { items } = await api.get("/v1/images?sort=-createdAt&limit=1000");
  return items.find((i) => i.name.startsWith(`${name}-`) && i.phase === "Ready")?.name;
}

const appliance = (await image("plaza-appliance")) ?? assert.fail("the image plaza-appliance is not there");

const debian = (await image("debian-12")) ?? assert.fail("the image debian-12 is not there");

/** Presses Enter on a console until the guest asks who that is: what else it says may have scrolled its first question away. */
async function askedWho(page, screen, question) {
  for (const limit = Date.now() + 8 * minute; (await screen.getByText(question).count()) === 0; ) {
    assert.ok(Date.now() < limit, `the guest does not ask "${question}" within 8 minutes`);
    await screen.click();
    await page.keyboard.press("Enter");
    await page.waitForTimeout(2000);
  }
}

const server = {
  run: async ({ page, seen }) => {
    await api.post("/v1/networks?wait=1m", { name: "walk-net", project: site.project, spec: { cidr: "10.91.0.0/24" } });
    await admin(page);
    await page.goto(`${site.url}/servers?${here}`);
    await page.getByRole("link", { name: "Create server" }).click();
    await heading(page, "Create server");
    await page.getByLabel("Name", { exact: true }).fill("walk-server");
    await page.locator("[data-plan=none]").waitFor(); // nothing is planned of what is not complete
    await choose(page, "Flavor", "r1.medium");
    await choose(page, "Image", debian);
    await choose(page, "Network", "walk-net");
    const plan = page.locator("[data-plan=ready]");
    await plan.getByText("It can be made.").waitFor();
    const takes = async (metric) => Number(await plan.locator(`[data-metric=${metric}] td`).nth(1).textContent());
    assert.deepEqual([await takes("servers"), await takes("vcpus")], [1, 2], "the plan tells what it takes");
    await audit(page, "order of a server");
    await page.getByRole("button", { name: "Create", exact: true }).click();
    await heading(page, "walk-server");
    await page.getByRole("tab", { name: "Console" }).click();
    await page.getByText("Serial line", { exact: true }).click();
    // It says that the server does not run yet, and opens by itself once it does.
    const line = page.locator(".console-box[data-phase=open]");
    await line.waitFor({ timeout: 2 * minute });
    await askedWho(page, line.locator(".xterm-screen"), "walk-server login:");
    await page.screenshot({ path: "screenshots/console.png" });
    assert.equal(await virsh("domstate", (await named("servers", "walk-server")).id), "running");
    await remove(page, "Delete", "walk-server");
    assert.deepEqual(seen.refused, []);
  },
};

/** Takes a server's domain away, as somebody does who knows nothing of Plaza. */
async function breakServer(id) {
  await virsh("destroy", id);
  await virsh("undefine", id, "--snapshots-metadata", "--managed-save", "--nvram");
}

const healing = {
  run: async ({ page }) => {
    const bundle = await named("bundles", site.bundle);
    const members = bundle.status.resources.map((m) => m.key);
    const { id } = await named("servers", `${site.bundle}-app-0`);
    await admin(page);
    await page.goto(`${site.url}/bundles/${bundle.id}`);
    await page.locator("[data-live=live]").waitFor();
    for (const key of members) await node(page, key, ready).waitFor();
    const healthy = page.getByText("The workload answers that it is well");
    await healthy.waitFor({ timeout: minute });
    await audit(page, "bundle");
    await page.evaluate(() => (globalThis.sameDocument = true)); // which a reload would forget
    const began = Date.now();
    const noticed = node(page, "app", unready).waitFor({ timeout: 2 * minute });
    await Promise.all([breakServer(id), noticed]);
    console.log(`      seen on the page after ${Date.now() - began} ms`);
    for (const key of members) await node(page, key, ready).waitFor({ timeout: 3 * minute });
    await healthy.waitFor({ timeout: 3 * minute });
    console.log(`      seen to be well again after ${Date.now() - began} ms`);
    assert.ok(await page.evaluate(() => globalThis.sameDocument), "the page was not loaded anew");
    assert.equal(await virsh("domstate", id), "running");
    assert.match(await virsh("list", "--all", "--uuid", "--persistent"), new RegExp(id), "it is defined again");
  },
};

/** Keeps how many nodes of the graph were ready, whenever that changed: states may be over sooner than they are asked for. */
async function watchGraph(page) {
  const course = [];
  await page.exposeFunction("tellReady", (count) => course.push(count));
  await page.addInitScript(() => {
    let last;
    const look = () => {
      const phases = [...document.querySelectorAll("[data-node][data-phase]")].map((n) => n.dataset.phase);
      const count = phases.filter((p) => p === "Ready").length;
      if (phases.length > 0 && count !== last) globalThis.tellReady((last = count));
    };
    new MutationObserver(look).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-phase"] });
  });
  return course;
}

// The smallest there is: one server, which fits beside the shop.
const deploying = {
  run: async ({ page }) => {
    const course = await watchGraph(page);
    await admin(page);
    await page.goto(`${site.url}/bundles/order/server?${here}`);
    await page.getByLabel("Name of the bundle").fill("walk-bundle");
    await choose(page, "Image", appliance);
    await page.getByRole("button", { name: "Plan", exact: true }).click();
    await page.getByText("What will happen").waitFor();
    await page.getByText("4 to create, 0 to change, 0 to remove, 0 to keep").waitFor();
    for (const key of ["net", "firewall", "server", "monitor"]) await node(page, key).getByText("create", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Apply this plan" }).click();
    await heading(page, "walk-bundle");
    for (const key of ["net", "firewall", "server", "monitor"]) await node(page, key, ready).waitFor({ timeout: 2 * minute });
    await page.getByText("4 of 4 ready").waitFor();
    console.log(`      of 4 nodes were ready in turn: ${course.join(", ")}`);
    assert.ok(course.length > 1 && course[0] < 4 && course.at(-1) === 4, `the graph was seen to grow: ${course}`);
    const { id } = await named("servers", "walk-bundle");
    assert.equal(await virsh("domstate", id), "running");
    await remove(page, "Destroy", "walk-bundle");
    assert.doesNotMatch(await virsh("list", "--all", "--uuid"), new RegExp(id), "nothing of it is left");
  },
};

await sweep();
try {
  await walk("a server is made from its plan, and its console shows the guest", server);
  await walk("a VM broken behind Plaza's back is seen to heal", healing);
  await walk("a bundle is deployed while its graph is watched, and destroyed", deploying);
  await walk("a dedicated environment is made by a form, followed, verified and removed", dedicatedPath({ site, api, admin, named, remove }));
} finally {
  await browser.close();
  await sweep();
}
end();
