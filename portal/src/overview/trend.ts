import type { Schemas } from "../api/types";

/** A series as lines and the areas below them, in a box of a size: time to the right, what is used upwards, full at the capacity. A step without a sample is a gap. */
export function path(s: Schemas["Series"], width: number, height: number): { lines: string[]; areas: string[] } {
  const points = s.items.map((p) => ({ at: Date.parse(p.at), used: p.used }));
  const first = points[0];
  const last = points.at(-1);
  if (!first || !last) return { lines: [], areas: [] };
  const top = Math.max(1, ...s.items.map((p) => Math.max(p.capacity, p.used)));
  const x = (at: number) => (last.at > first.at ? ((at - first.at) / (last.at - first.at)) * width : at < first.at ? 0 : width);
  const y = (used: number) => height - (used / top) * height;
  const runs: (typeof points)[] = [];
  for (const p of points) {
    const run = runs.at(-1);
    const before = run?.at(-1);
    if (run && before && p.at - before.at <= 2 * s.stepSeconds * 1000) run.push(p);
    else runs.push([p]);
  }
  const dots = (run: typeof points) => (run.length === 1 && run[0] ? [{ ...run[0], at: run[0].at - s.stepSeconds * 200 }, run[0]] : run);
  const n = (v: number) => Math.round(Math.max(0, v) * 10) / 10;
  const lines = runs.map((run) => `M${dots(run).map((p) => `${n(x(p.at))} ${n(y(p.used))}`).join("L")}`);
  const areas = runs.map((run, i) => `${lines[i]}V${height}H${n(x(dots(run)[0]?.at ?? 0))}Z`);
  return { lines, areas };
}
