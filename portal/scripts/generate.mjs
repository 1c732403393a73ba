// Writes what the portal takes from the API's document: the types of every request and answer, and what the generic
// pages need to know of each kind. With --check it only compares.
import { readFile, writeFile } from "node:fs/promises";
import openapiTS, { astToString } from "openapi-typescript";
import { parse } from "yaml";

const source = new URL(process.env.PLAZA_OPENAPI ?? "../../pkg/api/openapi.yaml", import.meta.url);
const types = new URL("../src/api/schema.d.ts", import.meta.url);
const kinds = new URL("../src/api/kinds.json", import.meta.url);
const schemas = new URL("../src/api/schemas.json", import.meta.url); // apart from the kinds: only forms and filters load them

const text = await readFile(source, "utf8");
const document = parse(text);
const all = document.components.schemas;

/** Follows references from a schema, so that only what forms need is kept. */
function collect(name, into) {
  const schema = all[name];
  if (!schema || into[name]) return;
  into[name] = schema;
  for (const [, found] of JSON.stringify(schema).matchAll(/"#\/components\/schemas\/(\w+)"/g)) collect(found, into);
}

function extract() {
  const infos = document.tags.map((t) => t["x-plaza-kind"]).filter(Boolean).sort((a, b) => a.name.localeCompare(b.name));
  const needed = {};
  for (const info of infos) {
    const create = document.paths[`/v1/${info.plural}`].post.requestBody.content["application/json"].schema.$ref;
    info.schema = create.split("/").pop().replace(/Create$/, "Spec");
    collect(info.schema, needed);
    for (const action of info.actions) if (action.input) collect(action.input, needed);
  }
  const fields = Object.fromEntries(infos.map((info) => [info.name, info.fields]));
  for (const info of infos) delete info.fields;
  return { infos, fields, schemas: Object.fromEntries(Object.entries(needed).sort(([a], [b]) => a.localeCompare(b))) };
}

const json = (value) => JSON.stringify(value, null, 1) + "\n";
const extracted = extract();

const out = new Map([
  [types, "// Generated from the API's OpenAPI document by npm run gen. Do not edit.\n" + astToString(await openapiTS(text))],
  [kinds, json(extracted.infos)],
  [schemas, json({ fields: extracted.fields, schemas: extracted.schemas })],
]);
let differs = false;
for (const [file, want] of out) {
  const have = await readFile(file, "utf8").catch(() => "");
  if (have === want) continue;
  if (process.argv.includes("--check")) {
    console.error(`${file.pathname} differs from the API's document: run npm run gen`);
    differs = true;
  } else {
    await writeFile(file, want);
    console.log(`wrote ${file.pathname}`);
  }
}
process.exit(differs ? 1 : 0);
