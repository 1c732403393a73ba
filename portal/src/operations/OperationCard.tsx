import { useMutation, useQueryClient } from "@tanstack/react-query";
import { App, Button, Card, Progress } from "antd";
import { client } from "../api/client";
import { unwrap } from "../api/problem";
import { keys } from "../api/queries";
import type { Operation } from "../api/types";
import { Moment } from "../feedback/Moment";
import { StateTag } from "../feedback/PhaseTag";
import { ProblemAlert, ProblemBody } from "../feedback/ProblemAlert";
import { span } from "../i18n/time";
import { useWords } from "../i18n/words";
import { ObjectLink } from "./ObjectLink";
import { useCan } from "../session/permissions";

function useSteer(id: string) {
  const { t } = useWords();
  const { message } = App.useApp();
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (verb: "retry" | "cancel") =>
      unwrap(verb === "retry" ? client.POST("/v1/operations/{id}/retry", { params: { path: { id } } }) : client.POST("/v1/operations/{id}/cancel", { params: { path: { id } } })),
    onSuccess: async (_, verb) => {
      message.success(verb === "retry" ? t("operations.retried") : t("operations.cancelled"));
      await cache.invalidateQueries({ queryKey: keys.operations });
    },
  });
}

export function OperationCard({ operation: o, onGo }: { operation: Operation; onGo?: () => void }) {
  const { t, verb, kind } = useWords();
  const can = useCan();
  const steer = useSteer(o.id);
  const may = can("update", o.kind, o.project);
  return (
    <Card size="small" data-operation={o.state}>
      <div className="stack" style={{ gap: 6 }}>
        <div className="row">
          <strong>
            {verb(o.verb)} · {kind(o.kind)}
          </strong>
          <ObjectLink kind={o.kind} id={o.objectId} name={o.objectName} onGo={onGo} />
          <span style={{ flex: 1 }} />
          <StateTag state={o.state} />
        </div>
        {!o.endedAt && <Progress percent={o.progress} size="small" aria-label={`${verb(o.verb)} ${o.objectName}`} />}
        {o.message && !o.endedAt && <div>{o.message}</div>}
        {o.problem && o.state !== "succeeded" && o.state !== "cancelled" && <ProblemBody problem={o.problem} />}
        <div className="row muted" style={{ fontSize: 12.5 }}>
          <Moment at={o.createdAt} />
          <span>{t("operations.by", { actor: o.actor })}</span>
          {o.endedAt && <span>{t("operations.took", { time: span(o.createdAt, o.endedAt) })}</span>}
          {o.attempts > 1 && <span>{t("operations.attempts", { count: o.attempts })}</span>}
        </div>
        {may && (o.state === "failed" || o.state === "running") && (
          <div>
            <Button size="small" loading={steer.isPending} onClick={() => steer.mutate(o.state === "failed" ? "retry" : "cancel")}>
              {o.state === "failed" ? t("operations.retry") : t("operations.cancel")}
            </Button>
          </div>
        )}
        <ProblemAlert error={steer.error} />
      </div>
    </Card>
  );
}
