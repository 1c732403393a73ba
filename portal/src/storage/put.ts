import { header } from "../api/ahead";
import { problemOf, unreachable } from "../api/problem";

/** The key of a file in a folder; "" is the bucket itself. */
export const keyIn = (folder: string, name: string): string => folder + name;

/** The folders that lead to a folder, each with its name: photos/2026/ as photos/, photos/2026/. */
export function wayTo(folder: string): { key: string; name: string }[] {
  const names = folder.split("/").slice(0, -1);
  return names.map((name, at) => ({ key: `${names.slice(0, at + 1).join("/")}/`, name }));
}

/** What is shown of a key in a folder. */
export const nameIn = (folder: string, key: string): string => key.slice(folder.length) || key;

function told(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Writes a file into a bucket and tells how many bytes are sent, which fetch does not. */
export function put(bucket: string, key: string, file: File, tell: (bytes: number) => void, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const ask = new URLSearchParams({ key, type: file.type });
    request.open("PUT", `/v1/buckets/${bucket}/content?${ask}`);
    for (const [name, value] of Object.entries({ ...header, "Content-Type": "application/octet-stream" })) request.setRequestHeader(name, value);
    request.upload.addEventListener("progress", (e) => tell(e.loaded));
    request.addEventListener("load", () => (request.status < 300 ? resolve() : reject(problemOf(told(request.responseText), request.status))));
    request.addEventListener("error", () => reject(unreachable()));
    request.addEventListener("abort", () => reject(new DOMException("stopped", "AbortError")));
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(file);
  });
}
