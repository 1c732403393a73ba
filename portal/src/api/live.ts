import type { QueryClient } from "@tanstack/react-query";
import { pluralOf } from "../kinds/catalogue";
import type { ListQuery } from "./client";
import { keys } from "./queries";
import type { KindObject, KindPage, WatchEvent } from "./types";

export type LiveState = "connecting" | "live" | "broken";

/** Whether a list stands in the order in which its objects were made, which is that of their ids, and holds all of them. */
const whole = (query?: ListQuery): boolean => !query?.sort && !query?.search && !query?.filter?.length && !query?.phase && !query?.name && !query?.field?.length;

/** Puts an event into a cached page; undefined when only the server can tell what the page is now. */
export function patchPage(page: KindPage, event: WatchEvent, query?: ListQuery): KindPage | undefined {
  const at = page.items.findIndex((o) => o.id === event.objectId);
  const object = event.object as KindObject | undefined;
  if (!object || event.change === "delete") {
    return at < 0 ? page : { ...page, items: page.items.toSpliced(at, 1) };
  }
  const last = page.items.at(-1);
  if (at < 0 && page.next && last && object.id > last.id && whole(query)) return page; // it stands on a later page
  if (at < 0) return undefined;
  if ((page.items[at]?.revision ?? 0) >= object.revision) return page;
  return { ...page, items: page.items.with(at, object) };
}

function patchLists(client: QueryClient, plural: string, event: WatchEvent): boolean {
  let unknown = false;
  for (const [key, page] of client.getQueriesData<KindPage>({ queryKey: keys.lists(plural) })) {
    if (!page) continue;
    const query = key[2] as ListQuery | undefined;
    const other = query?.project && event.project && query.project !== event.project;
    const patched = other ? page : patchPage(page, event, query);
    // A filter may hold no longer, and where a new object stands in the order is the server's to say.
    if (!patched || !(other || whole(query))) unknown = true;
    else if (patched !== page) client.setQueryData(key, patched);
  }
  return unknown;
}

/** Groups refetches, so that a burst of events costs one request of each. */
export class Refresh {
  private readonly due = new Map<string, ReturnType<typeof setTimeout>>();
  private readonly client: QueryClient;
  private readonly delay: number;
  constructor(client: QueryClient, delay = 400) {
    this.client = client;
    this.delay = delay;
  }
  ask(key: readonly unknown[], exact = false): void {
    const id = JSON.stringify(key);
    if (this.due.has(id)) return;
    this.due.set(
      id,
      setTimeout(() => {
        this.due.delete(id);
        void this.client.invalidateQueries({ queryKey: key, exact });
      }, this.delay),
    );
  }
  stop(): void {
    for (const timer of this.due.values()) clearTimeout(timer);
    this.due.clear();
  }
}

/** Keeps the answer to a write, unless the stream was quicker and has told what became of it. It is asked for once more: what the stream told before there was anything to patch is lost. */
export function keep(client: QueryClient, plural: string, object: KindObject): void {
  const key = keys.object(plural, object.id);
  client.setQueryData<KindObject>(key, (have) => (have && have.revision > object.revision ? have : object));
  void client.invalidateQueries({ queryKey: key, exact: true });
}

// What views are put together from, by their keys.
const views: [readonly unknown[], Set<string>][] = [
  [keys.pools, new Set(["host", "region", "cluster", "asset", "server"])],
  [keys.topology, new Set(["host", "region", "cluster", "server"])],
  [keys.networkMap, new Set(["network", "router", "port", "server", "loadbalancer", "floatingip"])],
];

/** Whether an answer is under way that may be older than what the stream tells now, and would undo it. */
const asked = (client: QueryClient, queryKey: readonly unknown[], exact = false) => client.isFetching({ queryKey, exact }) > 0;

/** Takes one event of the stream over into everything cached. */
export function takeEvent(client: QueryClient, refresh: Refresh, event: WatchEvent): void {
  const plural = event.kind && pluralOf(event.kind);
  if (!plural || !event.objectId) return;
  if (patchLists(client, plural, event) || asked(client, keys.lists(plural))) refresh.ask(keys.lists(plural));
  const key = keys.object(plural, event.objectId);
  const object = event.object as KindObject | undefined;
  const have = client.getQueryData<KindObject>(key);
  if (have && object && object.revision > have.revision) client.setQueryData(key, object);
  if (have && event.change === "delete") refresh.ask(key);
  else if (asked(client, key, true)) refresh.ask(key, true);
  if (have) {
    refresh.ask(keys.work(plural, event.objectId));
    refresh.ask(keys.past(plural, event.objectId));
  }
  refresh.ask(keys.operations);
  for (const [view, parts] of views) if (parts.has(event.kind ?? "")) refresh.ask(view);
}

const comeBack = 3000;

/** Follows all changes over one connection until the returned function is called. */
export function follow(client: QueryClient, tell: (state: LiveState) => void): () => void {
  const refresh = new Refresh(client);
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const take = (message: MessageEvent<string>) => takeEvent(client, refresh, JSON.parse(message.data) as WatchEvent);
  const open = (again: boolean) => {
    source = new EventSource("/v1/watch");
    source.addEventListener("put", take);
    source.addEventListener("delete", take);
    source.addEventListener("sync", () => {
      tell("live");
      // What happened between two connections was told to nobody.
      if (again) void client.invalidateQueries({ predicate: (q) => q.queryKey[0] !== "me" });
      again = true;
    });
    source.addEventListener("error", () => {
      tell("broken");
      if (source?.readyState !== EventSource.CLOSED) return;
      timer = setTimeout(() => open(true), comeBack);
    });
  };
  const close = () => {
    source?.close();
    clearTimeout(timer);
  };
  // A page that the browser keeps for going back would keep its connection, of which there are six for all pages.
  const back = (e: PageTransitionEvent) => e.persisted && open(true);
  addEventListener("pagehide", close);
  addEventListener("pageshow", back);
  tell("connecting");
  open(false);
  return () => {
    removeEventListener("pagehide", close);
    removeEventListener("pageshow", back);
    close();
    refresh.stop();
  };
}
