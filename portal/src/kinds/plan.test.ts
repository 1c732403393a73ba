import { expect, it } from "vitest";
import { quotaLines } from "./plan";

const usage = [{ node: "n", metric: "vcpus", hard: 10, soft: 6, strict: false, reserved: 1, committed: 4 }];

it("what an order takes stands beside what is held and allowed", () => {
  expect(quotaLines({ vcpus: 1, servers: 1, ports: 0 }, usage)).toEqual([
    { metric: "servers", takes: 1, before: 0, after: 1, limit: -1 },
    { metric: "vcpus", takes: 1, before: 5, after: 6, limit: 10 },
  ]);
  expect(quotaLines({ vcpus: 2 }, usage)[0]?.note).toBe("soft");
  expect(quotaLines({ vcpus: 6 }, usage)[0]?.note).toBe("hard");
  expect(quotaLines({ vcpus: 6 }, undefined)).toEqual([{ metric: "vcpus", takes: 6 }]);
});
