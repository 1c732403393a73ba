import { useEffect, useSyncExternalStore } from "react";
import { follow, type LiveState } from "../api/live";
import { listeners } from "../controls/listeners";
import { tones, type Tone } from "../feedback/PhaseTag";
import { useWords } from "../i18n/words";
import { useMode } from "./mode";
import { queryClient } from "./queryClient";

const { subscribe, tell } = listeners();
let state: LiveState = "connecting";
let stop: (() => void) | undefined;

function take(now: LiveState) {
  state = now;
  tell();
}

/** Opens the one connection that tells all pages of changes, once somebody is signed in; it is open when the first page is drawn. */
export function goLive(): void {
  stop ??= follow(queryClient, take);
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
