import { queryOptions } from "@tanstack/react-query";
import { client } from "../api/client";
import { unwrap } from "../api/problem";
import { keys, queries } from "../api/queries";

/** The lanes of a chain. Calls are no objects that the live stream would tell of, so they are asked for while looked at. */
export const lanesQuery = (chain: string) =>
  queryOptions({
    queryKey: [...keys.object("dpathchains", chain), "lanes"],
    queryFn: ({ signal }) => unwrap(client.GET("/v1/dpathchains/{id}/lanes", { params: { path: { id: chain } }, signal })),
    refetchInterval: 5000,
  });

export const environmentsQuery = (chain: string, project?: string) => queries.list("dpathenvs", { project, limit: 1000, field: [`spec.chain=${chain}`] });
