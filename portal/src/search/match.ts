/** How well a text fits what is looked for: 0 not at all, more is better. Every word must stand in it somewhere. */
export function fit(text: string, query: string): number {
  const t = text.toLowerCase();
  const q = query.trim().toLowerCase();
  if (q === "") return 1;
  if (t === q) return 5;
  if (t.startsWith(q)) return 4;
  const words = q.split(/\s+/);
  if (!words.every((w) => t.includes(w))) return 0;
  return words.every((w) => t.split(/[\s/·.-]+/).some((part) => part.startsWith(w))) ? 3 : 2;
}

/** What fits, the best first; what fits alike stays in its order. */
export function best<T extends { label: string; also?: string }>(items: T[], query: string, most: number): T[] {
  return items
    .map((item) => ({ item, score: Math.max(fit(item.label, query), fit(item.also ?? "", query.trim() === "" ? "-" : query)) }))
    .filter((x) => x.score > 0)
    .toSorted((a, b) => b.score - a.score)
    .slice(0, most)
    .map((x) => x.item);
}
