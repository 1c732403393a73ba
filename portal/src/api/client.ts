import createClient from "openapi-fetch";
import { listeners } from "../controls/listeners";
import { fetchOrTake, header } from "./ahead";
import { unwrap } from "./problem";
import type { paths } from "./schema";
import type { Applied, Audit, KindObject, KindPage, Operation } from "./types";

/** The one client of the API. The header is what tells the server that a change comes from the portal itself. */
export const client = createClient<paths>({ baseUrl: "", headers: header, fetch: fetchOrTake });

const ended = listeners();
/** Calls a function whenever the server says that the session is over. */
export const onSessionEnd = ended.subscribe;

client.use({
  onResponse({ response, schemaPath }) {
    if (response.status === 401 && schemaPath !== "/v1/login" && schemaPath !== "/v1/me" && schemaPath !== "/v1/me/password" && !schemaPath.startsWith("/v1/me/totp")) ended.tell();
    return response;
  },
});

// Every kind has the same routes, so servers' stand for all of them in types.
const list = (plural: string) => `/v1/${plural}` as "/v1/servers";
const one = (plural: string) => `/v1/${plural}/{id}` as "/v1/servers/{id}";
const action = (plural: string, name: string) => `/v1/${plural}/{id}/${name}` as "/v1/servers/{id}/start";

export interface ListQuery {
  project?: string;
  limit?: number;
  after?: string;
  name?: string;
  phase?: KindObject["phase"];
  owner?: string;
  field?: string[];
  filter?: string[];
  search?: string;
  sort?: "name" | "-name" | "phase" | "-phase" | "createdAt" | "-createdAt" | "updatedAt" | "-updatedAt";
  fields?: string[];
  count?: "exact" | "estimated";
}
interface Wanted {
  spec: Record<string, unknown>;
  labels?: Record<string, string>;
}
export interface NewObject extends Wanted {
  name: string;
  project?: string;
}

/** Reads and changes objects of any kind, by its plural. */
export const objects = {
  list: (plural: string, query: ListQuery, signal?: AbortSignal) =>
    unwrap<KindPage>(client.GET(list(plural), { params: { query }, signal }) as never),
  get: (plural: string, id: string, signal?: AbortSignal) =>
    unwrap<KindObject>(client.GET(one(plural), { params: { path: { id } }, signal }) as never),
  create: (plural: string, body: NewObject, dryRun = false) =>
    unwrap<Applied>(client.POST(list(plural), { params: { query: { dryRun } }, body: body as never }) as never),
  update: (plural: string, id: string, version: number, body: Wanted, dryRun = false) =>
    unwrap<Applied>(
      client.PUT(one(plural), { params: { path: { id }, query: { dryRun }, header: { "If-Match": `"${version}"` } }, body: body as never }) as never,
    ),
  remove: (plural: string, id: string) => unwrap<Applied>(client.DELETE(one(plural), { params: { path: { id } } }) as never),
  act: (plural: string, id: string, name: string, input?: unknown) =>
    unwrap<Applied>(client.POST(action(plural, name), { params: { path: { id } }, body: input as never }) as never),
  operations: (plural: string, id: string) =>
    unwrap<{ items: Operation[] }>(client.GET(`/v1/${plural}/{id}/operations` as "/v1/servers/{id}/operations", { params: { path: { id } } })),
  history: (plural: string, id: string) =>
    unwrap<{ items: Audit[] }>(client.GET(`/v1/${plural}/{id}/history` as "/v1/servers/{id}/history", { params: { path: { id } } })),
};
