import { expect, it } from "vitest";
import type { Pool, Schemas } from "../api/types";
import { amount, fraction, measures } from "./amount";

const level = (capacity: number, used: number, others: number): Schemas["Amount"] => ({ physical: capacity, reserved: 0, ratioMilli: 1000, capacity, inUse: used + others, free: capacity - used - others, used, others });
const pool = (p: Partial<Pool>): Pool => ({
  id: "x", site: "x", kind: "site", hosts: 1, alive: 1, servers: 0, volumes: 0, stale: false,
  vcpus: level(16, 4, 0), memoryMiB: level(1024, 512, 0), diskGiB: level(100, 1, 0), volumeGiB: level(0, 0, 0), ...p,
});
const names = (p: Pool) => measures(p).map((m) => m.name);

it("each kind of pool shows what it has", () => {
  expect(names(pool({}))).toEqual(["vcpus", "memory", "disk"]);
  expect(names(pool({ kind: "region", volumeGiB: level(500, 40, 50), network: { stale: false, tenantNetworks: 1, total: 200, used: 15, free: 185 }, baremetal: { stale: false, total: 6, free: 2, used: 1, broken: 1, busy: 2 } }))).toEqual([
    "vcpus", "memory", "disk", "volume", "addresses", "machines",
  ]);
  expect(names(pool({ kind: "cluster", hosts: 0, volumeGiB: level(60, 12, 0), storage: { stale: false, raw: { totalBytes: 2 ** 40, usedBytes: 2 ** 39, freeBytes: 2 ** 39 } } }))).toEqual(["volume", "raw"]);
});

it("what others use is used", () => {
  const [vcpus] = measures(pool({ kind: "region", vcpus: level(16, 4, 8) }));
  expect(vcpus).toMatchObject({ used: 12, others: 8, free: 4 });
  expect(fraction(vcpus!)).toBe(0.75);
});

it("amounts are in the largest unit that fits", () => {
  expect(amount(2 ** 20, "MiB", "en")).toBe("1 TiB");
  expect(amount(1536, "GiB", "en")).toBe("1.5 TiB");
});
