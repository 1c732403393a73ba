import type { Schemas } from "../api/types";

export type Head = Schemas["Head"];
/** An entry in its place; the entry is written as it was hashed, or null when it is gone. */
export interface Link {
  seq: number;
  hash: string;
  entry: string | null;
}
export type Fault = { what: "altered" | "missing" | "deleted" | "signature"; seq: number } | { what: "short"; seq: number; last: number };

// Numbers are hashed as they stand, and a parser would round them: they are carried through as marked text.
const mark = `${Math.random().toString(36).slice(2)}:`;
const token = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const parse = (text: string): unknown => JSON.parse(text.replaceAll(token, (t) => (t.startsWith('"') ? t : `"${mark}${t}"`)));
const numeral = (v: unknown): number => Number(String(v).replace(mark, ""));

/** The order of keys is that of their bytes, which is that of their code points and not of UTF-16. */
function byCodePoint(a: string, b: string): number {
  const [x, y] = [[...a], [...b]];
  for (let i = 0; i < Math.min(x.length, y.length); i++) if (x[i] !== y[i]) return (x[i]?.codePointAt(0) ?? 0) - (y[i]?.codePointAt(0) ?? 0);
  return x.length - y.length;
}

function canonical(v: unknown): string {
  if (Array.isArray(v)) return `[${v.map(canonical).join(",")}]`;
  if (typeof v === "object" && v !== null) {
    const object = v as Record<string, unknown>;
    return `{${Object.keys(object).toSorted(byCodePoint).map((k) => `${canonical(k)}:${canonical(object[k])}`).join(",")}}`;
  }
  if (typeof v !== "string") return JSON.stringify(v);
  if (v.startsWith(mark)) return v.slice(mark.length);
  return JSON.stringify(v).replaceAll("\u2028", String.raw`\u2028`).replaceAll("\u2029", String.raw`\u2029`);
}

/** Reads a page of the chain from the text of the answer. */
export function linksOf(text: string): Link[] {
  const { items } = parse(text) as { items: { seq: unknown; hash: string; entry: unknown }[] };
  return items.map((l) => ({ seq: numeral(l.seq), hash: l.hash, entry: l.entry === null ? null : canonical(l.entry) }));
}

const bytes = (text: string) => new TextEncoder().encode(text);
async function sha256(text: string): Promise<string> {
  const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes(text)));
  return [...sum].map((b) => b.toString(16).padStart(2, "0")).join("");
}

/** The first fault of links that follow one which is known, if any. */
export async function check(before: { seq: number; hash: string }, links: Link[]): Promise<Fault | undefined> {
  let last = before;
  for (const l of links) {
    if (l.seq !== last.seq + 1) return { what: "missing", seq: l.seq };
    if (l.entry === null) return { what: "deleted", seq: l.seq };
    if ((await sha256(`${last.hash}\n${l.seq}\n${l.entry}`)) !== l.hash) return { what: "altered", seq: l.seq };
    last = l;
  }
  return undefined;
}

const decode = (base64: string) => Uint8Array.from(atob(base64), (c) => c.codePointAt(0) ?? 0);

/** Whether a head is signed by the key that it names; undefined where the browser can not tell. */
export async function signed(head: Head): Promise<boolean | undefined> {
  let key: CryptoKey;
  try {
    key = await crypto.subtle.importKey("raw", decode(head.key), "Ed25519", false, ["verify"]);
  } catch {
    return undefined;
  }
  return crypto.subtle.verify("Ed25519", key, decode(head.signature), bytes(`plaza audit\n${head.seq}\n${head.hash}\n${head.at}`));
}
