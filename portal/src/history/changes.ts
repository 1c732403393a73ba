export interface Change {
  path: string;
  before?: string;
  after?: string;
}

const isObject = (v: unknown): v is Record<string, unknown> => typeof v === "object" && v !== null && !Array.isArray(v);
const show = (v: unknown): string | undefined => (v === undefined || v === null ? undefined : typeof v === "string" ? v : JSON.stringify(v));

/** Lists the leaves that differ between two states of an object. */
export function changes(before: unknown, after: unknown, path = ""): Change[] {
  if (isObject(before) || isObject(after)) {
    const b = isObject(before) ? before : {};
    const a = isObject(after) ? after : {};
    const names = [...new Set([...Object.keys(b), ...Object.keys(a)])].toSorted();
    return names.flatMap((n) => changes(b[n], a[n], path ? `${path}.${n}` : n));
  }
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  return [{ path, before: show(before), after: show(after) }];
}
