// Tells how much the first page loads, compressed, and fails when that is more than the budget.
import { readFile, readdir } from "node:fs/promises";
import { gzipSync } from "node:zlib";

const budget = 400 * 1024;
const dist = new URL("../dist/", import.meta.url);
const html = await readFile(new URL("index.html", dist), "utf8");
const first = new Set([...html.matchAll(/(?:src|href)="\/(assets\/[^"]+)"/g)].map((m) => m[1]));
const sizes = new Map();
for (const name of await readdir(new URL("assets/", dist))) sizes.set(`assets/${name}`, gzipSync(await readFile(new URL(`assets/${name}`, dist))).length);
const sum = (names) => [...names].reduce((n, name) => n + (sizes.get(name) ?? 0), 0);
const kB = (n) => `${(n / 1024).toFixed(1)} kB`;
for (const [name, size] of [...sizes].sort((a, b) => b[1] - a[1])) console.log(`${kB(size).padStart(9)}  ${first.has(name) ? "first" : "     "}  ${name}`);
console.log(`${kB(sum(first)).padStart(9)}  first page, gzip (budget ${kB(budget)}); all: ${kB(sum(sizes.keys()))}`);
process.exit(sum(first) > budget ? 1 : 0);
