import { useSyncExternalStore } from "react";
import { ago, exact } from "../i18n/time";
import { useWords } from "../i18n/words";

const often = 15_000;
const listeners = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

/** One clock for all moments of a page. */
function subscribe(listener: () => void) {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const l of listeners) l();
  }, often);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** A time as "3 minutes ago", exact when pointed at; it stays true while it is looked at. */
export function Moment({ at }: { at?: string }) {
  const { language } = useWords();
  useSyncExternalStore(subscribe, () => now);
  if (!at || at.startsWith("0001-")) return <>—</>;
  return (
    <time dateTime={at} title={exact(at, language)}>
      {ago(at, language)}
    </time>
  );
}
