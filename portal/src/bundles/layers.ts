export interface Item {
  key: string;
  dependsOn?: string[] | null;
}
export interface Place {
  x: number;
  y: number;
}

/** The layer of each item: one further than the furthest that it depends on. */
export function layersOf(items: Item[]): Map<string, number> {
  const byKey = new Map(items.map((i) => [i.key, i]));
  const layers = new Map<string, number>();
  const visit = (key: string, path: Set<string>): number => {
    const known = layers.get(key);
    if (known !== undefined) return known;
    const below = (byKey.get(key)?.dependsOn ?? []).filter((d) => byKey.has(d) && !path.has(d));
    const layer = below.length > 0 ? 1 + Math.max(...below.map((d) => visit(d, new Set([...path, key])))) : 0;
    layers.set(key, layer);
    return layer;
  };
  for (const i of items) visit(i.key, new Set());
  return layers;
}

/** Places items in columns by layer, each near the middle of what it depends on, so that few lines cross. */
export function place(items: Item[], width: number, height: number): Map<string, Place> {
  const layers = layersOf(items);
  const columns: Item[][] = [];
  for (const i of items) (columns[layers.get(i.key) ?? 0] ??= []).push(i);
  const tallest = Math.max(1, ...columns.map((c) => c.length));
  const places = new Map<string, Place>();
  columns.forEach((column, layer) => {
    const middle = (i: Item) => {
      const ys = (i.dependsOn ?? []).flatMap((d) => places.get(d)?.y ?? []);
      return ys.length > 0 ? ys.reduce((a, b) => a + b, 0) / ys.length : 0;
    };
    const sorted = layer === 0 ? column : column.toSorted((a, b) => middle(a) - middle(b) || a.key.localeCompare(b.key));
    const top = ((tallest - sorted.length) * height) / 2;
    sorted.forEach((i, row) => places.set(i.key, { x: layer * width, y: top + row * height }));
  });
  return places;
}

/** Edges that another path already tells are left out of the drawing. */
export function direct(items: Item[]): [from: string, to: string][] {
  const deps = new Map(items.map((i) => [i.key, (i.dependsOn ?? []).filter((d) => items.some((o) => o.key === d))]));
  const reaches = (from: string, to: string, seen = new Set<string>()): boolean =>
    (deps.get(from) ?? []).some((d) => d === to || (!seen.has(d) && reaches(d, to, seen.add(d))));
  return items.flatMap((i) => {
    const own = deps.get(i.key) ?? [];
    return own.filter((d) => !own.some((other) => other !== d && reaches(other, d))).map((d) => [d, i.key] as [string, string]);
  });
}
