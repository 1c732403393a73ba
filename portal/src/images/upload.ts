import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { client, type NewObject, objects } from "../api/client";
import { ProblemError, unwrap } from "../api/problem";
import type { Applied, KindObject } from "../api/types";

/** What is read, summed and sent at once. */
const piece = 4 * 2 ** 20;
/** How often a piece is tried before the upload ends, after half a second, one, two … */
const most = 6;

export type Format = "qcow2" | "raw";

/** What a file begins like; the server looks closer. */
export async function formatOf(file: Blob): Promise<Format> {
  const head = new Uint8Array(await file.slice(0, 4).arrayBuffer());
  return String.fromCharCode(...head) === "QFI\xfb" ? "qcow2" : "raw";
}

/** A name for the image of a file, of what names may have. */
export const nameOf = (file: string): string =>
  file
    .replace(/\.(qcow2|img|raw)$/i, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9.]+/g, "-")
    .replaceAll(/^[-.]+|[-.]+$/g, "")
    .slice(0, 63);

/** Makes the image, or finds the one that an upload of a file of this size was begun for. */
async function begin(order: NewObject, size: number): Promise<KindObject> {
  try {
    return (await objects.create("images", order)).object;
  } catch (error) {
    if (!(error instanceof ProblemError) || error.problem.reason !== "AlreadyExists") throw error;
    const { items } = await objects.list("images", { name: order.name, project: order.project });
    const disk = items[0]?.spec.disk as { url: string; sha256?: string; bytes?: number } | undefined;
    if (!items[0] || disk?.url !== "plaza:upload" || disk.sha256 || disk.bytes !== size) throw error;
    return items[0];
  }
}

const received = async (id: string): Promise<number> => (await unwrap(client.GET("/v1/images/{id}/upload", { params: { path: { id } } }))).received;

/** A conflict comes when the server still keeps what a connection brought that is gone. */
const passes = (error: unknown) => error instanceof ProblemError && (error.problem.status === 0 || error.problem.status >= 500 || error.problem.reason === "Conflict");

const pause = (ms: number, signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });

/** Sends the file until an offset, again from where it broke off, and returns how far the server has it. */
async function deliver(id: string, file: Blob, from: number, to: number, signal: AbortSignal): Promise<number> {
  for (let tries = 1; from < to; tries++) {
    try {
      const body = file.slice(from, to);
      const sent = await unwrap(client.PUT("/v1/images/{id}/upload", { params: { path: { id }, query: { offset: from } }, body: body as never, bodySerializer: (b) => b as never, headers: { "Content-Type": "application/octet-stream" }, signal }));
      from = sent.received;
      tries = 0;
    } catch (error) {
      if (!passes(error) || tries >= most) throw error;
      await pause(250 * 2 ** tries, signal);
      signal.throwIfAborted();
      from = await received(id).catch(() => from);
    }
  }
  return from;
}

/** Uploads a file as a new image, or goes on with that, and tells how many bytes are there. The image keeps what came for a day. */
export async function upload(file: Blob, order: NewObject, tell: (bytes: number) => void, signal: AbortSignal): Promise<Applied> {
  const { id } = await begin(order, file.size);
  const sum = sha256.create();
  let there = await received(id);
  for (let at = 0; at < file.size; ) {
    const part = file.slice(at, at + piece);
    sum.update(new Uint8Array(await part.arrayBuffer()));
    at += part.size;
    there = await deliver(id, file, there, at, signal);
    signal.throwIfAborted();
    tell(at);
  }
  return objects.act("images", id, "finish", { sha256: bytesToHex(sum.digest()) });
}
