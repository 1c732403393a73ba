import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { client, objects, type ListQuery } from "./client";
import { unwrap } from "./problem";

/** Keys of everything cached; the live stream patches by them. */
export const keys = {
  me: ["me"] as const,
  lists: (plural: string) => ["list", plural] as const,
  list: (plural: string, query: ListQuery) => ["list", plural, query] as const,
  object: (plural: string, id: string) => ["object", plural, id] as const,
  work: (plural: string, id: string) => ["object", plural, id, "operations"] as const,
  past: (plural: string, id: string) => ["object", plural, id, "history"] as const,
  operations: ["operations"] as const,
  pools: ["pools"] as const,
};

export const queries = {
  me: queryOptions({ queryKey: keys.me, queryFn: ({ signal }) => unwrap(client.GET("/v1/me", { signal })), staleTime: 60_000, retry: false }),
  list: (plural: string, query: ListQuery) =>
    queryOptions({ queryKey: keys.list(plural, query), queryFn: ({ signal }) => objects.list(plural, query, signal), placeholderData: keepPreviousData }),
  object: (plural: string, id: string) =>
    queryOptions({ queryKey: keys.object(plural, id), queryFn: ({ signal }) => objects.get(plural, id, signal) }),
  work: (plural: string, id: string) => queryOptions({ queryKey: keys.work(plural, id), queryFn: () => objects.operations(plural, id) }),
  past: (plural: string, id: string) => queryOptions({ queryKey: keys.past(plural, id), queryFn: () => objects.history(plural, id) }),
  pools: queryOptions({ queryKey: keys.pools, queryFn: ({ signal }) => unwrap(client.GET("/v1/pools", { signal })) }),
  blueprints: queryOptions({ queryKey: ["blueprints"], queryFn: ({ signal }) => unwrap(client.GET("/v1/blueprints", { signal })), staleTime: 300_000 }),
  loginProviders: queryOptions({ queryKey: ["loginProviders"], queryFn: ({ signal }) => unwrap(client.GET("/v1/login/providers", { signal })), staleTime: 60_000, retry: false }),
  version: queryOptions({ queryKey: ["version"], queryFn: ({ signal }) => unwrap(client.GET("/v1/version", { signal })), staleTime: Number.POSITIVE_INFINITY }),
  // While something runs its progress is asked for too: the live stream tells of objects, not of operations.
  operations: queryOptions({
    queryKey: [...keys.operations, "recent"],
    queryFn: ({ signal }) => unwrap(client.GET("/v1/operations", { params: { query: { limit: 50 } }, signal })),
    refetchInterval: (q) => (q.state.data?.items.some((o) => !o.endedAt) ? 2000 : false),
  }),
  allOperations: (state?: "pending" | "running" | "succeeded" | "failed" | "cancelled") =>
    infiniteQueryOptions({
      queryKey: [...keys.operations, "all", state ?? ""],
      queryFn: ({ pageParam, signal }) =>
        unwrap(client.GET("/v1/operations", { params: { query: { limit: 50, state, before: pageParam || undefined } }, signal })),
      initialPageParam: "",
      getNextPageParam: (page) => page.next,
    }),
  audit: (project?: string) =>
    infiniteQueryOptions({
      queryKey: ["audit", project ?? ""],
      queryFn: ({ pageParam, signal }) =>
        unwrap(client.GET("/v1/audit", { params: { query: { limit: 50, project, before: pageParam || undefined } }, signal })),
      initialPageParam: "",
      getNextPageParam: (page) => page.next,
    }),
};
