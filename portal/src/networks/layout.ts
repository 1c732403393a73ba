import type { Schemas } from "../api/types";

export type NetworkMap = Schemas["NetworkMap"];
type Network = Schemas["MappedNetwork"];
type Router = Schemas["MappedRouter"];

export interface Member {
  id: string;
  plural: "servers" | "loadbalancers";
  name: string;
  phase: Schemas["MappedServer"]["phase"];
  address?: string;
  /** Floating address that leads to it. */
  floating?: string;
  published: number;
  /** Names of the other networks it is in. */
  also: string[];
}
export interface NetworkBox {
  network: Network;
  members: Member[];
  x: number;
  y: number;
  height: number;
}
export interface RouterBox {
  router: Router;
  x: number;
  y: number;
}
export interface Drawing {
  networks: NetworkBox[];
  routers: RouterBox[];
  /** Where the outside is; absent when nothing reaches it. */
  outside?: { x: number; y: number };
  edges: { from: string; to: string; kind: "nat" | "router" }[];
}

export const size = { width: 280, gap: 44, top: 130, head: 72, member: 34, empty: 30, router: 150, below: 90 };

/** Who is in a network: balancers, then servers, each in the first of its networks. */
export function membersOf(map: NetworkMap, network: Network): Member[] {
  const names = new Map(map.networks.map((n) => [n.id, n.name]));
  const floating = new Map(map.addresses.filter((a) => a.server && a.address).map((a) => [a.server, a.address]));
  const balancers = map.balancers.filter((b) => b.network === network.id).map((b): Member => ({ id: b.id, plural: "loadbalancers", name: b.name, phase: b.phase, floating: b.address, published: 0, also: [] }));
  const servers = map.servers
    .filter((s) => s.networks[0] === network.id)
    .map((s): Member => ({ id: s.id, plural: "servers", name: s.name, phase: s.phase, address: s.address, floating: floating.get(s.id), published: s.public, also: s.networks.slice(1).map((n) => names.get(n) ?? "") }));
  return [...balancers, ...servers];
}

/** Networks of one router stand beside each other, those of none at the end. */
function ordered(map: NetworkMap): Network[] {
  const by = new Map(map.networks.map((n) => [n.id, n]));
  const joined = map.routers.flatMap((r) => r.networks.flatMap((id) => by.get(id) ?? []));
  return [...new Set([...joined, ...map.networks])];
}

/** The outside on top, networks in a row below it with who is in them, routers below those that they join. */
export function layout(map: NetworkMap): Drawing {
  const edges: Drawing["edges"] = [];
  const networks = ordered(map).map((network, i): NetworkBox => {
    const members = membersOf(map, network);
    if (network.egress === "nat") edges.push({ from: "outside", to: network.id, kind: "nat" });
    return { network, members, x: i * (size.width + size.gap), y: size.top, height: size.head + Math.max(members.length * size.member + 6, size.empty) };
  });
  const at = new Map(networks.map((n) => [n.network.id, n]));
  const lowest = Math.max(0, ...networks.map((n) => n.y + n.height));
  const taken: number[] = [];
  const routers = map.routers.map((router): RouterBox => {
    const joined = router.networks.flatMap((id) => at.get(id) ?? []);
    for (const n of joined) edges.push({ from: n.network.id, to: router.id, kind: "router" });
    const middle = joined.length > 0 ? joined.reduce((sum, n) => sum + n.x, 0) / joined.length : 0;
    let x = middle + (size.width - size.router) / 2;
    while (taken.some((other) => Math.abs(other - x) < size.router + 16)) x += size.router + 16;
    taken.push(x);
    return { router, x, y: lowest + size.below };
  });
  const reach = networks.filter((n) => n.network.egress === "nat");
  const outside = reach.length > 0 ? { x: reach.reduce((sum, n) => sum + n.x, 0) / reach.length + (size.width - size.router) / 2, y: 0 } : undefined;
  return { networks, routers, outside, edges };
}
