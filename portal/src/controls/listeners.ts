/** Who wants to know of changes to something that stands outside of React; subscribe answers with what ends that, as useSyncExternalStore wants it. */
export function listeners(): { subscribe: (f: () => void) => () => void; tell: () => void } {
  const all = new Set<() => void>();
  return {
    subscribe: (f) => {
      all.add(f);
      return () => void all.delete(f);
    },
    tell: () => {
      for (const f of all) f();
    },
  };
}
