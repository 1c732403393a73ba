import { PauseCircleOutlined, PlayCircleOutlined } from "@ant-design/icons";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { App, Button, Popconfirm } from "antd";
import { objects } from "../api/client";
import { ProblemError } from "../api/problem";
import { keep } from "../api/live";
import { keys } from "../api/queries";
import type { KindObject } from "../api/types";
import { ProblemBody } from "../feedback/ProblemAlert";
import { useWords } from "../i18n/words";
import { useCan } from "../session/permissions";

/** Lets an environment rest, its nodes kept, and take up its traffic again. */
export function Rest({ object: o }: { object: KindObject }) {
  const { t } = useWords();
  const may = useCan()("update", "dpathenv", o.project);
  const cache = useQueryClient();
  const { notification } = App.useApp();
  const drained = o.spec.drained === true;
  const label = t(drained ? "dpath.resume" : "dpath.drain");
  const change = useMutation({
    mutationFn: () => objects.update("dpathenvs", o.id, o.version, { spec: { ...o.spec, drained: !drained } }),
    onSuccess: async (applied) => {
      keep(cache, "dpathenvs", applied.object);
      await cache.invalidateQueries({ queryKey: keys.operations });
    },
    onError: (error) => notification.error({ title: `${label} ${o.name}`, description: error instanceof ProblemError ? <ProblemBody problem={error.problem} /> : error.message, duration: 12 }),
  });
  if (!may || o.phase === "Deleting") return null;
  if (drained) return <Button icon={<PlayCircleOutlined />} loading={change.isPending} onClick={() => change.mutate()}>{label}</Button>;
  return (
    <Popconfirm title={t("detail.actTitle", { action: label, name: o.name })} description={t("dpath.drainHint")} onConfirm={() => change.mutate()}>
      <Button icon={<PauseCircleOutlined />} loading={change.isPending}>{label}</Button>
    </Popconfirm>
  );
}
