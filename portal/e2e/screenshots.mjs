// Takes a picture of every page in both languages, light and dark, into screenshots/ for people to look at.
// With PLAZA_URL, PLAZA_USER and PLAZA_PASSWORD it visits a server that runs already, with all that lives in it; PLAZA_PAGES
// are names of pages to leave it at, or addresses such as /buckets/ID, by commas.
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { signedIn, signIn, startBrowser, startServer } from "./rig.mjs";
import { addresses } from "./routes.mjs";

const out = fileURLToPath(new URL("../screenshots/", import.meta.url));
const given = process.env.PLAZA_URL && { url: process.env.PLAZA_URL, password: process.env.PLAZA_PASSWORD ?? "", stop: async () => undefined };
const server = given || (await startServer());
const user = process.env.PLAZA_USER ?? "admin";
const api = await signedIn(server.url, user, server.password);

/** A small group of shops, so that pages have something to show. */
async function furnish() {
  await api.post("/v1/nodes", { type: "subsidiary", name: "east", title: "East China 华东" });
  await api.post("/v1/nodes", { type: "project", name: "middle-platform", title: "Middle platform 业务中台", parent: "east" });
  await api.post("/v1/nodes", { type: "project", name: "stores", title: "Stores 门店", parent: "east" });
  for (const [name, vcpus, memoryMiB, diskGiB] of [["r1.small", 1, 512, 4], ["r1.medium", 2, 2048, 20], ["r1.large", 4, 8192, 80]]) await api.post("/v1/flavors", { name, spec: { vcpus, memoryMiB, diskGiB } });
  const project = "east/middle-platform";
  await api.post("/v1/networks", { name: "front", project, spec: { cidr: "10.60.0.0/24", egress: "nat" } });
  await api.post("/v1/securitygroups", { name: "web", project, spec: { rules: [{ protocol: "tcp", fromPort: 80, toPort: 80 }, { protocol: "icmp" }] } });
  await api.post("/v1/dpathchains", { name: "orders", project, spec: { entry: ["trade"], apps: [{ name: "trade", port: 8080, addresses: ["192.0.2.11:8080", "192.0.2.12:8080"] }, { name: "stock", port: 8081, addresses: ["192.0.2.21:8081"] }] } });
  await api.post("/v1/dpathenvs", { name: "flash-sale", project, spec: { chain: "orders", identify: [{ conditions: [{ type: "header", key: "X-Tier", op: "equal", value: ["gold"] }] }] } });
  await api.post("/v1/hosts", { name: "kvm-1", spec: { site: "shanghai", schedulable: true } });
  await api.post("/v1/hosts", { name: "kvm-2", spec: { site: "shanghai", schedulable: false } });
  await api.post("/v1/images", { name: "debian-12", spec: { format: "qcow2", disk: { url: "file:///nowhere/debian.qcow2", sha256: "0".repeat(64), bytes: 1 } } });
  await api.post("/v1/networks", { name: "back", project, spec: { cidr: "10.61.0.0/24" } });
  await api.post("/v1/routers", { name: "inner", project, spec: { networks: ["front", "back"] } });
  // Servers would need a host that answers; ports need none.
  for (const [name, network] of [["web-1", "front"], ["web-2", "front"], ["orders-db", "back"]]) await api.post("/v1/ports", { name, project, spec: { network, securityGroups: ["web"] } });
  await api.put(`/v1/quotas/vcpus?node=${encodeURIComponent("east")}`, { hard: 16, soft: 12 });
  await api.put(`/v1/quotas/networks?node=${encodeURIComponent("east/stores")}`, { hard: 1 });
  await ask();
}

/** Somebody of the stores asks for more than their quota. */
async function ask() {
  const password = "a-patient-keeper-1";
  const keeper = await api.post("/v1/users", { name: "keeper", password });
  const stores = (await api.get("/v1/nodes")).items.find((n) => n.fullName === "east/stores");
  await api.post("/v1/bindings", { user: keeper.id, node: stores.id, role: "member" });
  const theirs = await signedIn(server.url, "keeper", password);
  await theirs.post("/v1/networks", { name: "tills", project: "east/stores", spec: { cidr: "10.62.0.0/24" } });
  const body = { name: "counter-7", project: "east/stores", spec: { cidr: "10.63.0.0/24" } };
  await theirs.post("/v1/requests", { name: "counter-7", project: "east/stores", spec: { method: "POST", path: "/v1/networks", body, comment: "The new counter opens on Monday 新柜台周一开业" } });
}

/** Every page that the router knows, and that there is an object for; its name is its path. */
async function pages(browser) {
  const page = await browser.newPage();
  await signIn(page, server.url, user, server.password);
  const { found, absent } = await addresses(page, api);
  await page.close();
  if (absent.length > 0) console.log(`without an object to show: ${absent.join(" ")}`);
  const name = (path) => path.split("/").filter(Boolean).map((s) => s.replace("$", "")).join("-") || "overview";
  return [...found.map(({ path, address }) => [name(path), address]), ["not-found", "/there/is/none"], ["quotas-networks", "/quotas?metric=networks"], ["quotas-use", "/quotas?by=tenant"]];
}

async function settle(page) {
  await page.getByRole("heading", { level: 1 }).first().waitFor({ timeout: 15_000 }).catch(() => undefined);
  await page.waitForTimeout(700);
}

async function shoot(browser, language, mode, list) {
  const size = process.env.PLAZA_SIZE?.split("x").map(Number) ?? [1280, 800];
  const context = await browser.newContext({ viewport: { width: size[0], height: size[1] }, colorScheme: mode, locale: language === "zh" ? "zh-CN" : "en-US" });
  const page = await context.newPage();
  const path = (name) => `${out}${name}-${language}-${mode}.png`;
  await page.goto(`${server.url}/sign-in`);
  await settle(page);
  await page.screenshot({ path: path("sign-in") });
  await signIn(page, server.url, user, server.password);
  for (const [name, at] of list) {
    await page.goto(server.url + at);
    await settle(page);
    await page.screenshot({ path: path(name), fullPage: true });
  }
  await page.getByRole("button", { name: /^(Operations|操作)/ }).click();
  await page.waitForTimeout(700);
  await page.screenshot({ path: path("drawer") });
  await context.close();
}

await mkdir(out, { recursive: true });
const browser = await startBrowser();
try {
  if (!given) await furnish();
  const only = process.env.PLAZA_PAGES?.split(",");
  const asked = only?.filter((page) => page.startsWith("/")).map((address) => [address.slice(1).replaceAll("/", "-"), address]) ?? [];
  const list = [...(await pages(browser)).filter(([name]) => !only || only.includes(name)), ...asked];
  const looks = process.env.PLAZA_LOOKS?.split(",") ?? ["en-light", "en-dark", "zh-light", "zh-dark"];
  for (const look of looks) await shoot(browser, ...look.split("-"), list);
  console.log(`${(list.length + 2) * looks.length} pictures in ${out}`);
} finally {
  await browser.close();
  await server.stop();
}
