import { expect, it } from "vitest";
import { diskTree } from "./disks";

it("disks hang below their hosts, which tell of them together", () => {
  const disk = (id: number, host: string, up = true) => ({ id, name: `osd.${id}`, host, class: "ssd", up, in: true, totalBytes: 100, usedBytes: id });
  const tree = diskTree([disk(10, "ceph2"), disk(2, "ceph2", false), disk(1, "ceph1")]);
  expect(tree.map((r) => [r.name, r.up, r.all, r.used, r.total])).toEqual([["ceph1", 1, 1, 1, 100], ["ceph2", 1, 2, 12, 200]]);
  expect(tree[1]?.children?.map((r) => r.name)).toEqual(["osd.2", "osd.10"]);
});
