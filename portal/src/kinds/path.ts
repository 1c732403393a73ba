/** Finds what a dotted path names; lists on the way are entered, so the answer may hold several values. */
export function lookup(from: unknown, path: string): unknown[] {
  let values: unknown[] = [from];
  for (const step of path.split(".")) {
    values = values.flatMap((v) => {
      const next = typeof v === "object" && v !== null ? (v as Record<string, unknown>)[step] : undefined;
      return Array.isArray(next) ? next : next === undefined || next === null ? [] : [next];
    });
  }
  return values;
}
