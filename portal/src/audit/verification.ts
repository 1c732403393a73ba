import { client } from "../api/client";
import { unwrap } from "../api/problem";
import { check, type Fault, type Head, linksOf, signed } from "./chain";

export interface Progress {
  done: number;
  all: number;
}
export interface Verdict {
  head: Head;
  done: number;
  fault?: Fault;
  /** Undefined where the browser can not check signatures. */
  signature?: boolean;
  stopped?: boolean;
}

const page = 1000;

/** Fetches the chain up to its head, page by page, and checks every entry; ends at the first fault, or when it is asked to stop. */
export async function verify(tell: (p: Progress) => void, signal: AbortSignal): Promise<Verdict> {
  const head = await unwrap(client.GET("/v1/audit/head", {}));
  let last = { seq: 0, hash: "" };
  while (last.seq < head.seq) {
    if (signal.aborted) return { head, done: last.seq, stopped: true };
    const text = await unwrap(client.GET("/v1/audit/chain", { params: { query: { after: last.seq, limit: page } }, parseAs: "text" }));
    const links = linksOf(String(text)).filter((l) => l.seq <= head.seq);
    const fault = await check(last, links);
    if (fault) return { head, done: last.seq, fault };
    const end = links.at(-1);
    if (!end) return { head, done: last.seq, fault: { what: "short", seq: head.seq, last: last.seq } };
    last = end;
    tell({ done: last.seq, all: head.seq });
  }
  if (last.hash !== head.hash) return { head, done: last.seq, fault: { what: "altered", seq: head.seq } };
  const signature = await signed(head);
  return { head, done: last.seq, signature, ...(signature === false ? { fault: { what: "signature", seq: head.seq } } : {}) };
}
