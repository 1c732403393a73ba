import { useQuery } from "@tanstack/react-query";
import { Segmented } from "antd";
import { useState } from "react";
import { queries } from "../api/queries";
import { EmptyState } from "../feedback/EmptyState";
import { Loading } from "../feedback/Loading";
import { PageHead } from "../feedback/PageHead";
import { ProblemAlert } from "../feedback/ProblemAlert";
import { useWords } from "../i18n/words";
import { useMe } from "../session/permissions";
import { useProject } from "../session/project";
import { isOpen, isOwn, mayDecide, type Request } from "./decide";
import { RequestCard } from "./RequestCard";

const views = ["mine", "asked", "open", "all"] as const;
type View = (typeof views)[number];

/** What was asked for: what the user can decide about stands first. */
export function Requests() {
  const { t } = useWords();
  const me = useMe();
  const project = useProject();
  const [view, setView] = useState<View>("mine");
  const { data, error, isPending, refetch } = useQuery(queries.list("requests", { limit: 200, sort: "-createdAt", project: project?.id }));
  const all = (data?.items ?? []) as unknown as Request[];
  const of: Record<View, Request[]> = { mine: all.filter((r) => mayDecide(me, r)), asked: all.filter((r) => isOwn(me, r)), open: all.filter(isOpen), all };
  return (
    <div className="page" style={{ maxWidth: 1000 }}>
      <PageHead title={t("cloudMenu.requests")} />
      <div className="stack">
        <div>
          <Segmented aria-label={t("list.phase")} value={view} onChange={setView} options={views.map((v) => ({ value: v, label: `${t(`requests.${v}`)} (${of[v].length}${data?.next ? "+" : ""})` }))} />
        </div>
        <ProblemAlert error={error} retry={() => void refetch()} />
        {isPending && <Loading what={t("cloudMenu.requests")} />}
        {data && of[view].length === 0 && <EmptyState title={view === "mine" ? t("requests.none") : t("requests.noneAll")} hint={t("requests.noneHint")} />}
        {of[view].map((r) => <RequestCard key={r.id} request={r} />)}
      </div>
    </div>
  );
}
