import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { keep, patchPage, Refresh, takeEvent } from "./live";
import { keys } from "./queries";
import type { KindObject, KindPage, WatchEvent } from "./types";

const object = (id: string, revision: number, phase = "Ready") => ({ id, revision, phase, name: id, kind: "server" }) as unknown as KindObject;
const put = (o: KindObject): WatchEvent => ({ revision: o.revision, change: "put", kind: "server", objectId: o.id, object: o });

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("a page", () => {
  const page: KindPage = { items: [object("a", 1), object("b", 2)] };
  it("takes newer states, and no older ones", () => {
    expect(patchPage(page, put(object("a", 5, "Failed")))?.items[0]?.phase).toBe("Failed");
    expect(patchPage(page, put(object("b", 1, "Failed")))).toBe(page);
  });
  it("loses what was deleted", () => {
    expect(patchPage(page, { revision: 9, change: "delete", kind: "server", objectId: "a" })?.items.map((o) => o.id)).toEqual(["b"]);
  });
  it("leaves new objects to the server", () => {
    expect(patchPage(page, put(object("c", 9)))).toBeUndefined();
  });
  it("is not concerned by what stands on a later page, unless the order is another", () => {
    const first = { ...page, next: "b" };
    expect(patchPage(first, put(object("c", 9)), { limit: 2 })).toBe(first);
    expect(patchPage(first, put(object("c", 9)), { sort: "-createdAt" })).toBeUndefined();
    expect(patchPage(first, put(object("aa", 9)), { limit: 2 })).toBeUndefined();
  });
});

it("the answer to a write does not undo what the stream told since", () => {
  const client = new QueryClient();
  const state = () => client.getQueryData<KindObject>(keys.object("servers", "a"))?.phase;
  keep(client, "servers", object("a", 2, "Working"));
  expect(state()).toBe("Working");
  takeEvent(client, new Refresh(client), put(object("a", 4, "Ready")));
  keep(client, "servers", object("a", 3, "Working"));
  expect(state()).toBe("Ready");
});

it("an answer under way does not undo what the stream told meanwhile", async () => {
  const client = new QueryClient();
  const key = keys.object("servers", "a");
  const answers: ((o: KindObject) => void)[] = [];
  const query = { queryKey: key, queryFn: () => new Promise<KindObject>((resolve) => void answers.push(resolve)) };
  const observer = new QueryObserver(client, query);
  const stop = observer.subscribe(() => undefined);
  const refresh = new Refresh(client, 100);
  takeEvent(client, refresh, put(object("a", 4, "Ready"))); // there is nothing to patch yet
  answers[0]?.(object("a", 3, "Working"));
  await vi.advanceTimersByTimeAsync(0);
  expect(client.getQueryData<KindObject>(key)?.phase).toBe("Working");
  await vi.advanceTimersByTimeAsync(100);
  answers[1]?.(object("a", 4, "Ready"));
  await vi.advanceTimersByTimeAsync(0);
  expect(client.getQueryData<KindObject>(key)?.phase).toBe("Ready");
  expect(answers.length).toBe(2);
  stop();
});

it("a burst of events costs one refetch", () => {
  const client = new QueryClient();
  const refetch = vi.spyOn(client, "invalidateQueries");
  client.setQueryData(keys.list("servers", {}), { items: [] });
  const refresh = new Refresh(client, 100);
  for (let i = 0; i < 50; i++) takeEvent(client, refresh, put(object(`s${i}`, i + 1)));
  vi.advanceTimersByTime(100);
  expect(refetch.mock.calls.filter(([f]) => f?.queryKey?.[0] === "list").length).toBe(1);
});
