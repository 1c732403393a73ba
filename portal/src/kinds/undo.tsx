import { useQueryClient } from "@tanstack/react-query";
import { App, Button } from "antd";
import { useId } from "react";
import { objects } from "../api/client";
import { keep } from "../api/live";
import { ProblemError } from "../api/problem";
import { keys } from "../api/queries";
import type { Applied, KindObject } from "../api/types";
import { ProblemBody } from "../feedback/ProblemAlert";
import { useWords } from "../i18n/words";
import type { KindInfo } from "./catalogue";

const seconds = 12;

/** Says that an edit was saved, and offers to take it back for a while: the former version, unless somebody changed it since. */
export function useSaved(kind: KindInfo): (before: KindObject, applied: Applied) => void {
  const { t } = useWords();
  const { notification } = App.useApp();
  const cache = useQueryClient();
  const key = useId();
  const failed = (error: unknown) =>
    notification.error({ title: t("undo.failed"), description: error instanceof ProblemError ? <ProblemBody problem={error.problem} /> : String(error), duration: seconds });
  const undo = async (before: KindObject, { object }: Applied) => {
    notification.destroy(key);
    try {
      const applied = await objects.update(kind.plural, object.id, object.version, { spec: before.spec, labels: before.labels ?? {} });
      keep(cache, kind.plural, applied.object);
      notification.success({ title: t("undo.done"), duration: 4 });
      await Promise.all([cache.invalidateQueries({ queryKey: keys.lists(kind.plural) }), cache.invalidateQueries({ queryKey: keys.operations })]);
    } catch (error) {
      failed(error);
    }
  };
  return (before, applied) =>
    notification.success({ key, title: t("form.saved"), duration: seconds, ...(applied.changed ? { actions: <Button size="small" onClick={() => void undo(before, applied)}>{t("undo.undo")}</Button> } : {}) });
}
