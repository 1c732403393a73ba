import { createHash } from "node:crypto";
import { afterEach, expect, it, vi } from "vitest";

// In the portal addresses need no host; Node's requests do.
vi.hoisted(() => {
  const Given = globalThis.Request;
  const origin = "http://plaza.test";
  class Request extends Given {
    constructor(input: RequestInfo | URL, init?: RequestInit) {
      super(typeof input === "string" ? new URL(input, origin) : input, init);
    }
  }
  Object.assign(globalThis, { Request, location: { origin } });
});

import { formatOf, nameOf, upload } from "./upload";

const json = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json" } });
const problem = (status: number, reason: string) => new Response(JSON.stringify({ type: "about:blank", title: "", status, reason, detail: reason }), { status, headers: { "Content-Type": "application/problem+json" } });

/** A server that keeps what came, and says by itself what it makes of a request before. */
function server(refuse: (request: Request, kept: number) => Response | undefined) {
  const got: { bytes: Uint8Array<ArrayBuffer>; sum?: string; offsets: number[] } = { bytes: new Uint8Array(), offsets: [] };
  const answer = async (request: Request): Promise<Response> => {
    const url = new URL(request.url);
    const image = { id: "i1", name: "web", spec: { disk: { url: "plaza:upload", sha256: "", bytes: 10 * 2 ** 20 } } };
    const refused = refuse(request, got.bytes.length);
    if (refused) return refused;
    if (request.method === "POST" && url.pathname === "/v1/images") return json({ object: image });
    if (request.method === "GET" && url.pathname === "/v1/images") return json({ items: [image] });
    if (request.method === "PUT") {
      const offset = Number(url.searchParams.get("offset"));
      got.offsets.push(offset);
      const body = new Uint8Array(await request.arrayBuffer());
      got.bytes = Buffer.concat([got.bytes.slice(0, offset), body]);
    }
    if (url.pathname.endsWith("/finish")) {
      got.sum = ((await request.json()) as { sha256: string }).sha256;
      return json({ object: image });
    }
    return json({ received: got.bytes.length });
  };
  vi.stubGlobal("fetch", (request: Request) => answer(request));
  return got;
}

afterEach(() => vi.unstubAllGlobals());

const data = new Uint8Array(10 * 2 ** 20).map((_, i) => (i * 7919) >> 8);
const order = { name: "web", project: "p", spec: {} };
const sum = createHash("sha256").update(data).digest("hex");
const never = new AbortController().signal;

it("sends a file in pieces, with the sum of all of it", async () => {
  const got = server(() => undefined);
  const told: number[] = [];
  await upload(new Blob([data]), order, (n) => told.push(n), never);
  expect(told).toEqual([4, 8, 10].map((n) => n * 2 ** 20));
  expect(got.sum).toBe(sum);
  expect(Buffer.compare(got.bytes, data)).toBe(0);
});

it("goes on where it broke off, also when a server falls silent or another has it", async () => {
  let broken = 0;
  const got = server((request, kept) => (request.method === "PUT" && kept > 0 && broken++ < 3 ? [problem(503, "Unavailable"), Response.error(), problem(409, "Conflict")][broken - 1] : undefined));
  got.bytes = data.slice(0, 2 ** 20); // of an upload before
  await upload(new Blob([data]), order, () => undefined, never);
  expect(got.offsets[0]).toBe(2 ** 20);
  expect(broken).toBeGreaterThan(3);
  expect(got.sum).toBe(sum);
  expect(Buffer.compare(got.bytes, data)).toBe(0);
});

it("goes on with the image of that name that waits for a file of this size, and with no other", async () => {
  const taken = (request: Request) => (request.method === "POST" && request.url.endsWith("/images?dryRun=false") ? problem(409, "AlreadyExists") : undefined);
  const got = server(taken);
  await upload(new Blob([data]), order, () => undefined, never);
  expect(got.sum).toBe(sum);
  server(taken);
  await expect(upload(new Blob([data.slice(1)]), order, () => undefined, never)).rejects.toThrow("AlreadyExists");
});

it("ends at what the server refuses, and when it is stopped", async () => {
  server((request) => (request.method === "PUT" ? problem(422, "Invalid") : undefined));
  await expect(upload(new Blob([data]), order, () => undefined, never)).rejects.toThrow("Invalid");
  server(() => undefined);
  const stop = new AbortController();
  await expect(upload(new Blob([data]), order, () => stop.abort(), stop.signal)).rejects.toThrow(/abort/i);
});

it("reads format and name from the file", async () => {
  expect(await formatOf(new Blob([new Uint8Array([0x51, 0x46, 0x49, 0xfb, 0, 0, 0, 3])]))).toBe("qcow2");
  expect(await formatOf(new Blob([new Uint8Array(16)]))).toBe("raw");
  expect(nameOf("Debian_12 (cloud).QCOW2")).toBe("debian-12-cloud");
});
