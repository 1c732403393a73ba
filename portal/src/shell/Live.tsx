import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, use, useEffect, useState } from "react";
import { follow, type LiveState } from "../api/live";
import { tones, type Tone } from "../feedback/PhaseTag";
import { useWords } from "../i18n/words";
import { useMode } from "./mode";

const LiveContext = createContext<LiveState>("connecting");
const toneOf: Record<LiveState, Tone> = { live: "good", connecting: "busy", broken: "warn" };

/** Holds the one connection that tells all pages of changes. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const [state, setState] = useState<LiveState>("connecting");
  useEffect(() => follow(client, setState), [client]);
  return <LiveContext value={state}>{children}</LiveContext>;
}

export function LiveMark() {
  const { t } = useWords();
  const state = use(LiveContext);
  const colour = tones[useMode()][toneOf[state]].text;
  return (
    <span role="status" className="row" data-live={state} title={state === "broken" ? t("live.brokenHint") : t("live.liveHint")} style={{ color: colour, gap: 6, flexWrap: "nowrap", whiteSpace: "nowrap", padding: "0 6px" }}>
      <span aria-hidden className={state === "live" ? undefined : "breathing"} style={{ width: 8, height: 8, borderRadius: 4, background: colour }} />
      {t(`live.${state}`)}
    </span>
  );
}
