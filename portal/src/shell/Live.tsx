import { useEffect, useSyncExternalStore } from "react";
import { follow, type LiveState } from "../api/live";
import { tones, type Tone } from "../feedback/PhaseTag";
import { useWords } from "../i18n/words";
import { useMode } from "./mode";
import { queryClient } from "./queryClient";

const listeners = new Set<() => void>();
let state: LiveState = "connecting";
let stop: (() => void) | undefined;

function tell(now: LiveState) {
  state = now;
  for (const f of listeners) f();
}

/** Opens the one connection that tells all pages of changes, once somebody is signed in; it is open when the first page is drawn. */
export function goLive(): void {
  stop ??= follow(queryClient, tell);
}

function endLive() {
  stop?.();
  stop = undefined;
}

/** Keeps the connection as long as the frame stands. */
export const useStream = () =>
  useEffect(() => {
    goLive();
    return endLive;
  }, []);

function subscribe(f: () => void) {
  listeners.add(f);
  return () => void listeners.delete(f);
}

const toneOf: Record<LiveState, Tone> = { live: "good", connecting: "busy", broken: "warn" };

export function LiveMark() {
  const { t } = useWords();
  const now = useSyncExternalStore(subscribe, () => state);
  const colour = tones[useMode()][toneOf[now]].text;
  return (
    <span role="status" className="row" data-live={now} title={now === "broken" ? t("live.brokenHint") : t("live.liveHint")} style={{ color: colour, gap: 6, flexWrap: "nowrap", whiteSpace: "nowrap", padding: "0 6px" }}>
      <span aria-hidden className={now === "live" ? undefined : "breathing"} style={{ width: 8, height: 8, borderRadius: 4, background: colour }} />
      {t(`live.${now}`)}
    </span>
  );
}
