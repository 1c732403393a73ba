// Starts what the walks need, all of it their own: a plazad on free ports with a fresh state directory, and a browser.
import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** The server under test: the one named by PLAZA_PLAZAD, or one built now with the portal in it. */
function binary(dir) {
  if (process.env.PLAZA_PLAZAD) return process.env.PLAZA_PLAZAD;
  if (!existsSync(join(repository, "portal/dist/index.html"))) throw new Error("the portal is not built: run npm run build");
  const out = join(dir, "plazad");
  const built = spawnSync("go", ["build", "-o", out, "./cmd/plazad"], { cwd: repository, stdio: "inherit" });
  if (built.status !== 0) throw new Error("plazad does not build");
  return out;
}

async function ready(url, child) {
  for (let i = 0; i < 150; i++) {
    if (child.exitCode !== null) throw new Error(`plazad ended with ${child.exitCode}`);
    const answer = await fetch(`${url}/readyz`).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((r) => setTimeout(r, 200));
  }
  throw new Error("plazad is not ready after 30 s");
}

export async function startServer() {
  const dir = await mkdtemp(join(tmpdir(), "plaza-portal-"));
  const [port, bus] = [await freePort(), await freePort()];
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(binary(dir), ["run", "--dir", join(dir, "state"), "--listen", `127.0.0.1:${port}`, "--bus-listen", `127.0.0.1:${bus}`, "--log-level", "warn"], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const stop = async () => {
    const ended = new Promise((r) => child.once("exit", r));
    if (child.exitCode === null && child.kill("SIGTERM")) await ended;
    await rm(dir, { recursive: true, force: true });
  };
  try {
    await ready(url, child);
    const password = (await readFile(join(dir, "state", "initial-admin-password"), "utf8")).trim();
    return { url, password, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Speaks to the API beside the browser, to prepare what a walk needs. */
export async function signedIn(url, name, password) {
  const call = async (method, path, body) => {
    const answer = await fetch(url + path, {
      method,
      headers: { "content-type": "application/json", ...(token ? { authorization: `Bearer ${token}` } : {}) },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : undefined;
  };
  let token = "";
  ({ token } = await call("POST", "/v1/login", { name, password }));
  return { post: (path, body) => call("POST", path, body), get: (path) => call("GET", path), put: (path, body) => call("PUT", path, body), delete: (path) => call("DELETE", path) };
}

export function browserPath() {
  return [process.env.PLAZA_CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((p) => p && existsSync(p));
}

/** How a browser is started; an error when there is none. */
export function launching() {
  const executablePath = browserPath();
  if (!executablePath) throw new Error("no Chromium was found: apt-get install chromium, or set PLAZA_CHROMIUM");
  return { executablePath, headless: true, args: flags };
}

export const startBrowser = () => chromium.launch(launching());

export async function signIn(page, url, name, password) {
  await page.goto(`${url}/sign-in`);
  await page.getByLabel(/User name|用户名/).fill(name);
  await page.getByLabel(/^(Password|密码)$/).fill(password);
  await page.getByRole("button", { name: /^(Sign in|登录)$/ }).click();
  await page.waitForURL((u) => u.pathname !== "/sign-in");
}
