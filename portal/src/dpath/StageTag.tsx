import { useTranslation } from "react-i18next";
import { ToneTag } from "../feedback/PhaseTag";
import { isStage, stageTones } from "./stages";

/** How far an environment is, in colour, icon and words. */
export function StageTag({ stage }: { stage?: string }) {
  const { t } = useTranslation();
  return isStage(stage) && <ToneTag tone={stageTones[stage]}>{t(`dpath.stages.${stage}`)}</ToneTag>;
}
