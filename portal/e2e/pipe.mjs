// Speaks to Chromium by its pipe alone. What else listens to a page, as Playwright does, lets it collect where each function stands in
// its file and costs it a third of its time, which no user's browser spends.
import { spawn } from "node:child_process";
import { launching } from "./rig.mjs";

/** Starts a Chromium with a profile; answers with what calls it, and what ends it. */
export function startBare(profile) {
  const { executablePath, args } = launching();
  const child = spawn(executablePath, ["--headless", "--remote-debugging-pipe", "--window-size=1280,800", "--lang=en-US", `--user-data-dir=${profile}`, ...args, "about:blank"], {
    stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
  });
  const [, , , commands, answers] = child.stdio;
  const waiting = new Map();
  let last = 0;
  let text = "";
  const settle = ({ id, error, result }) => {
    const { resolve, reject } = waiting.get(id) ?? {};
    waiting.delete(id);
    if (error) reject?.(new Error(error.message));
    else resolve?.(result);
  };
  answers.setEncoding("utf8").on("data", (more) => {
    const messages = (text + more).split("\0");
    text = messages.pop() ?? "";
    messages.map((m) => JSON.parse(m)).forEach(settle);
  });
  child.once("exit", () => {
    for (const { reject } of waiting.values()) reject(new Error("Chromium ended"));
  });
  const call = (method, params = {}, sessionId = undefined) =>
    new Promise((resolve, reject) => {
      last += 1;
      waiting.set(last, { resolve, reject });
      commands.write(`${JSON.stringify({ id: last, method, params, sessionId })}\0`);
    });
  const stop = async () => {
    const ended = new Promise((r) => child.once("exit", r));
    if (child.exitCode === null && child.kill()) await ended;
  };
  return { call, stop };
}

/** A tab: what calls it. */
export async function openTab(call) {
  const { targetId } = await call("Target.createTarget", { url: "about:blank" });
  const { sessionId } = await call("Target.attachToTarget", { targetId, flatten: true });
  return (method, params) => call(method, params, sessionId);
}
