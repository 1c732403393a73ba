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
  overview: ["overview"] as const,
  topology: ["topology"] as const,
  networkMap: ["networkMap"] as const,
  quotaTree: ["quotaTree"] as const,
  sessions: ["sessions"] as const,
  tokens: ["tokens"] as const,
  factor: ["factor"] as const,
};

export const queries = {
  me: queryOptions({ queryKey: keys.me, queryFn: ({ signal }) => unwrap(client.GET("/v1/me", { signal })), staleTime: 60_000, retry: false }),
  list: (plural: string, query: ListQuery) =>
    queryOptions({ queryKey: keys.list(plural, query), queryFn: ({ signal }) => objects.list(plural, query, signal), placeholderData: keepPreviousData }),
  object: (plural: string, id: string) =>
    queryOptions({ queryKey: keys.object(plural, id), queryFn: ({ signal }) => objects.get(plural, id, signal) }),
  work: (plural: string, id: string) => queryOptions({ queryKey: keys.work(plural, id), queryFn: () => objects.operations(plural, id) }),
  past: (plural: string, id: string) => queryOptions({ queryKey: keys.past(plural, id), queryFn: () => objects.history(plural, id) }),
  search: (text: string) => queryOptions({ queryKey: ["search", text], queryFn: ({ signal }) => unwrap(client.GET("/v1/search", { params: { query: { q: text } }, signal })), staleTime: 5000, placeholderData: keepPreviousData }),
  // Joined as the API's document has it: the client would repeat the parameter, and of what is repeated the first alone counts.
  names: (ids: string[]) => queryOptions({ queryKey: ["names", ...ids], queryFn: ({ signal }) => unwrap(client.GET("/v1/search/ids", { params: { query: { id: [ids.join(",")] } }, signal })), staleTime: 60_000, enabled: ids.length > 0, placeholderData: keepPreviousData }),
  quota: (node: string) => queryOptions({ queryKey: ["quota", node], queryFn: ({ signal }) => unwrap(client.GET("/v1/quotas", { params: { query: { node } }, signal })), staleTime: 5000 }),
  overview: queryOptions({ queryKey: keys.overview, queryFn: ({ signal }) => unwrap(client.GET("/v1/overview", { signal })), refetchInterval: 15_000 }),
  topology: (place?: string) =>
    queryOptions({ queryKey: [...keys.topology, place ?? ""], queryFn: ({ signal }) => unwrap(client.GET("/v1/topology", { params: { query: { place } }, signal })), placeholderData: keepPreviousData }),
  networkMap: (project?: string) =>
    queryOptions({ queryKey: [...keys.networkMap, project ?? ""], queryFn: ({ signal }) => unwrap(client.GET("/v1/topology/networks", { params: { query: { project } }, signal })), placeholderData: keepPreviousData }),
  quotaTree: (node: string, metric: string, region?: string) =>
    queryOptions({
      queryKey: [...keys.quotaTree, node, metric, region ?? ""],
      queryFn: ({ signal }) => unwrap(client.GET("/v1/quotas/tree", { params: { query: { node, metric, region } }, signal })),
      placeholderData: keepPreviousData,
      refetchInterval: 30_000,
    }),
  use: (node: string, by: "tenant" | "brand" | "host" | "application") =>
    queryOptions({
      queryKey: [...keys.quotaTree, "use", node, by],
      queryFn: ({ signal }) => unwrap(client.GET("/v1/quotas/use", { params: { query: { node, by } }, signal })),
      refetchInterval: 30_000,
    }),
  holdings: (node: string, metric: string, region?: string) =>
    infiniteQueryOptions({
      queryKey: [...keys.quotaTree, "holdings", node, metric, region ?? ""],
      queryFn: ({ pageParam, signal }) => unwrap(client.GET("/v1/quotas/holdings", { params: { query: { node, metric, region, limit: 100, after: pageParam || undefined } }, signal })),
      initialPageParam: "",
      getNextPageParam: (page) => page.next || undefined,
    }),
  // A page of one size, so that the overview's figures and panels share one request.
  most: (plural: string, project?: string) => queries.list(plural, { limit: 1000, project }),
  auditHead: queryOptions({ queryKey: ["auditHead"], queryFn: ({ signal }) => unwrap(client.GET("/v1/audit/head", { signal })), staleTime: 0 }),
  pools: queryOptions({ queryKey: keys.pools, queryFn: ({ signal }) => unwrap(client.GET("/v1/pools", { signal })) }),
  blueprints: queryOptions({ queryKey: ["blueprints"], queryFn: ({ signal }) => unwrap(client.GET("/v1/blueprints", { signal })), staleTime: 300_000 }),
  loginProviders: queryOptions({ queryKey: ["loginProviders"], queryFn: ({ signal }) => unwrap(client.GET("/v1/login/providers", { signal })), staleTime: 60_000, retry: false }),
  sessions: queryOptions({ queryKey: keys.sessions, queryFn: ({ signal }) => unwrap(client.GET("/v1/me/sessions", { signal })) }),
  tokens: queryOptions({ queryKey: keys.tokens, queryFn: ({ signal }) => unwrap(client.GET("/v1/tokens", { signal })) }),
  factor: queryOptions({ queryKey: keys.factor, queryFn: ({ signal }) => unwrap(client.GET("/v1/me/totp", { signal })) }),
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
