import { PauseCircleFilled, PlayCircleFilled, QuestionCircleFilled } from "@ant-design/icons";
import { ToneTag } from "../feedback/PhaseTag";
import { useWords } from "../i18n/words";

/** Running, at one of its rests, or whatever else the hypervisor calls it. */
export function PowerTag({ power }: { power?: string }) {
  const { t } = useWords();
  if (power === "running") return <ToneTag tone="good" icon={<PlayCircleFilled />}>{t("servers.running")}</ToneTag>;
  if (power === "stopped" || power === "paused" || power === "suspended" || power === "shelved")
    return <ToneTag tone="off" icon={<PauseCircleFilled />}>{t(`servers.${power}`)}</ToneTag>;
  return <ToneTag tone={power ? "warn" : "wait"} icon={<QuestionCircleFilled />}>{power || t("servers.unknown")}</ToneTag>;
}
