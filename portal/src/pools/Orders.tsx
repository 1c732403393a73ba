import { useMutation, useQueryClient } from "@tanstack/react-query";
import { App, Button, Popconfirm } from "antd";
import { objects } from "../api/client";
import { keep } from "../api/live";
import { ProblemError } from "../api/problem";
import { keys } from "../api/queries";
import type { Host, KindObject } from "../api/types";
import { ProblemBody } from "../feedback/ProblemAlert";
import { useWords } from "../i18n/words";
import { useCan } from "../session/permissions";

/** Lets a host take no more orders, or take them again; what runs there stays. */
export function Orders({ host }: { host: Host }) {
  const { t } = useWords();
  const may = useCan()("update", "host");
  const cache = useQueryClient();
  const { notification } = App.useApp();
  const open = host.spec.schedulable;
  const label = t(open ? "hosts.close" : "hosts.reopen");
  const change = useMutation({
    mutationFn: () => objects.update("hosts", host.id, host.version, { spec: { ...(host as unknown as KindObject).spec, schedulable: !open } }),
    onSuccess: async (applied) => {
      keep(cache, "hosts", applied.object);
      await cache.invalidateQueries({ queryKey: keys.lists("hosts") });
    },
    onError: (error) => notification.error({ title: `${label}: ${host.name}`, description: error instanceof ProblemError ? <ProblemBody problem={error.problem} /> : error.message, duration: 12 }),
  });
  if (!may || host.phase === "Deleting") return null;
  const button = <Button size="small" loading={change.isPending} aria-label={`${label}: ${host.name}`} onClick={open ? undefined : () => change.mutate()}>{label}</Button>;
  return open ? <Popconfirm title={`${label}: ${host.name}?`} description={t("hosts.closeHint")} onConfirm={() => change.mutate()}>{button}</Popconfirm> : button;
}
