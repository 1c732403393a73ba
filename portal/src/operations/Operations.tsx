import { useInfiniteQuery } from "@tanstack/react-query";
import { Button, Card, Segmented } from "antd";
import { useState } from "react";
import { queries } from "../api/queries";
import type { Operation } from "../api/types";
import { EmptyState } from "../feedback/EmptyState";
import { Loading } from "../feedback/Loading";
import { PageHead } from "../feedback/PageHead";
import { ProblemAlert } from "../feedback/ProblemAlert";
import { useWords } from "../i18n/words";
import { OperationTable } from "./OperationTable";

const states: Operation["state"][] = ["running", "pending", "failed", "succeeded", "cancelled"];

export function Operations() {
  const { t } = useWords();
  const [state, setState] = useState<Operation["state"] | "">("");
  const query = useInfiniteQuery(queries.allOperations(state || undefined));
  const items = query.data?.pages.flatMap((p) => p.items) ?? [];
  return (
    <div className="page">
      <PageHead title={t("operations.title")} />
      <div className="stack">
        <div>
          <Segmented aria-label={t("list.phase")} value={state} onChange={setState} options={[{ value: "", label: t("operations.any") }, ...states.map((s) => ({ value: s, label: t(`state.${s}`) }))]} />
        </div>
        <ProblemAlert error={query.error} retry={() => void query.refetch()} />
        {query.isPending && <Loading what={t("operations.title")} />}
        {query.data && (
          <Card styles={{ body: { padding: items.length > 0 ? 0 : 24 } }}>
            {items.length > 0 ? <OperationTable items={items} /> : <EmptyState title={t("operations.none")} hint={t("operations.noneHint")} />}
          </Card>
        )}
        {query.hasNextPage && (
          <div>
            <Button loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
              {t("operations.more")}
            </Button>
          </div>
        )}
      </div>
    </div>
  );
}
