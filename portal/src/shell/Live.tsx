import { useQueryClient } from "@tanstack/react-query";
import { Tooltip } from "antd";
import { createContext, type ReactNode, use, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { follow, type LiveState } from "../api/live";
import { tones, type Tone } from "../feedback/PhaseTag";
import { useMode } from "./theme";

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
  const { t } = useTranslation();
  const state = use(LiveContext);
  const colour = tones[useMode()][toneOf[state]].text;
  return (
    <Tooltip title={state === "broken" ? t("live.brokenHint") : t("live.liveHint")}>
      <span role="status" className="row" data-live={state} style={{ color: colour, gap: 6, flexWrap: "nowrap", whiteSpace: "nowrap", padding: "0 6px" }}>
        <span aria-hidden className={state === "live" ? undefined : "breathing"} style={{ width: 8, height: 8, borderRadius: 4, background: colour }} />
        {t(`live.${state}`)}
      </span>
    </Tooltip>
  );
}
