import good from "@ant-design/icons-svg/es/asn/CheckCircleFilled";
import wait from "@ant-design/icons-svg/es/asn/ClockCircleFilled";
import bad from "@ant-design/icons-svg/es/asn/CloseCircleFilled";
import off from "@ant-design/icons-svg/es/asn/DeleteFilled";
import busy from "@ant-design/icons-svg/es/asn/SyncOutlined";
import warn from "@ant-design/icons-svg/es/asn/WarningFilled";
import type { ReactNode } from "react";
import type { Operation, Phase } from "../api/types";
import { Icon } from "../controls/Icon";
import { Tag } from "../controls/Tag";
import { useWords } from "../i18n/words";
import { useMode, type Mode } from "../shell/mode";

export type Tone = "good" | "busy" | "wait" | "warn" | "bad" | "off";

/** Text and ground of each tone, by mode; text has a contrast of at least 4.5:1 on its ground. */
export const tones: Record<Mode, Record<Tone, { text: string; ground: string; line: string }>> = {
  light: {
    good: { text: "#0b6b3a", ground: "#e6f6ec", line: "#7ccf9d" },
    busy: { text: "#1149bd", ground: "#e7efff", line: "#8fb2fb" },
    wait: { text: "#4b5565", ground: "#eef1f5", line: "#b8c0cc" },
    warn: { text: "#8a4b00", ground: "#fff2dc", line: "#f0b862" },
    bad: { text: "#a8191f", ground: "#ffe9e9", line: "#f19a9d" },
    off: { text: "#4b5565", ground: "#eef1f5", line: "#b8c0cc" },
  },
  dark: {
    good: { text: "#7be0a8", ground: "#12301f", line: "#2c7a4f" },
    busy: { text: "#9fc0ff", ground: "#16264a", line: "#3561b8" },
    wait: { text: "#c3ccd8", ground: "#252c38", line: "#4d5868" },
    warn: { text: "#ffce85", ground: "#3a2a0e", line: "#8f6a22" },
    bad: { text: "#ffa3a5", ground: "#3d1719", line: "#9c3a3d" },
    off: { text: "#c3ccd8", ground: "#252c38", line: "#4d5868" },
  },
};

const icons: Record<Tone, ReactNode> = {
  good: <Icon of={good} />,
  busy: <Icon of={busy} spin />,
  wait: <Icon of={wait} />,
  warn: <Icon of={warn} />,
  bad: <Icon of={bad} />,
  off: <Icon of={off} />,
};
const phases: Record<Phase, Tone> = { Pending: "wait", Working: "busy", Ready: "good", Degraded: "warn", Failed: "bad", Deleting: "off" };
const states: Record<Operation["state"], Tone> = { pending: "wait", running: "busy", succeeded: "good", failed: "bad", cancelled: "off" };

export const toneOf = (phase?: Phase | ""): Tone => (phase ? phases[phase] : "wait");

/** Colour, icon and words; never colour alone. */
export function ToneTag({ tone, icon, children }: { tone: Tone; icon?: ReactNode; children: ReactNode }) {
  const c = tones[useMode()][tone];
  return (
    <Tag icon={icon ?? icons[tone]} style={{ color: c.text, background: c.ground, borderColor: c.line }}>
      {children}
    </Tag>
  );
}

export function PhaseTag({ phase }: { phase?: Phase | "" }) {
  const { t } = useWords();
  return <ToneTag tone={toneOf(phase)}>{t(`phase.${phase ?? ""}`)}</ToneTag>;
}

export function StateTag({ state }: { state: Operation["state"] }) {
  const { t } = useWords();
  return <ToneTag tone={states[state]}>{t(`state.${state}`)}</ToneTag>;
}
