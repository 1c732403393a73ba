import type { KindObject } from "../api/types";
import { lookup } from "../kinds/path";

export interface CsvColumn {
  title: string;
  /** What is asked of the server. */
  path: string;
  /** Ids that have names, such as projects. */
  name?: (value: string) => string;
}
interface Page {
  items: KindObject[];
  next?: string;
}

const mark = "\uFEFF"; // spreadsheets take the file for UTF-8 by it
const text = (v: unknown): string => (typeof v === "object" && v !== null ? JSON.stringify(v) : String(v));

/** One value; texts that a spreadsheet would run as a formula begin with an apostrophe. */
export function cell(value: string): string {
  const safe = /^[=+\-@\t\r]/.test(value) && Number.isNaN(Number(value)) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function row(object: KindObject, columns: CsvColumn[]): string {
  const values = columns.map(({ path, name }) => {
    const found = path === "labels" ? Object.entries(object.labels ?? {}).map(([k, v]) => `${k}=${v}`) : lookup(object, path).map(text);
    return cell(found.map((v) => name?.(v) ?? v).join(" "));
  });
  return `${values.join(",")}\r\n`;
}

/** Reads all pages one after the other and writes each at once, so that only text is kept; null when it was stopped. */
export async function exportCsv(read: (after?: string) => Promise<Page>, columns: CsvColumn[], told: (rows: number) => void, signal: AbortSignal): Promise<Blob | null> {
  const parts: Blob[] = [new Blob([`${mark}${columns.map((c) => cell(c.title)).join(",")}\r\n`])];
  let rows = 0;
  let after: string | undefined;
  do {
    const page = await read(after);
    if (signal.aborted) return null;
    parts.push(new Blob(page.items.map((o) => row(o, columns))));
    rows += page.items.length;
    told(rows);
    after = page.next;
  } while (after);
  return new Blob(parts, { type: "text/csv;charset=utf-8" });
}
