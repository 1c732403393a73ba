import type { Schemas } from "../api/types";

type Disk = Schemas["ClusterDisk"];

/** A host with its disks, or one disk. */
export interface DiskRow {
  key: string;
  name: string;
  class: string;
  up: number;
  all: number;
  in: boolean;
  used: number;
  total: number;
  children?: DiskRow[];
}

/** Disks below the hosts that they are in, both by name; numbers in names count as numbers. */
export function diskTree(disks: Disk[]): DiskRow[] {
  const byName = (a: { name: string }, b: { name: string }) => a.name.localeCompare(b.name, undefined, { numeric: true });
  return [...new Set(disks.map((d) => d.host))]
    .map((host): DiskRow => {
      const own = disks.filter((d) => d.host === host);
      const sum = (of: (d: Disk) => number) => own.reduce((n, d) => n + of(d), 0);
      return {
        key: `host ${host}`,
        name: host,
        class: [...new Set(own.map((d) => d.class))].toSorted().join(", "),
        up: sum((d) => (d.up ? 1 : 0)),
        all: own.length,
        in: own.every((d) => d.in),
        used: sum((d) => d.usedBytes),
        total: sum((d) => d.totalBytes),
        children: own.map((d) => ({ key: `disk ${d.id}`, name: d.name, class: d.class, up: d.up ? 1 : 0, all: 1, in: d.in, used: d.usedBytes, total: d.totalBytes })).toSorted(byName),
      };
    })
    .toSorted(byName);
}
