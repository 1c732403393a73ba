import { ToneTag } from "../feedback/PhaseTag";
import { useWords } from "../i18n/words";
import { isStage, stageTones } from "./stages";

/** How far an environment is, in colour, icon and words. */
export function StageTag({ stage }: { stage?: string }) {
  const { t } = useWords();
  return isStage(stage) && <ToneTag tone={stageTones[stage]}>{t(`dpath.stages.${stage}`)}</ToneTag>;
}
