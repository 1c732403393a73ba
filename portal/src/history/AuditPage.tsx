import { useInfiniteQuery } from "@tanstack/react-query";
import { Button, Card } from "antd";
import { queries } from "../api/queries";
import { Loading } from "../feedback/Loading";
import { PageHead } from "../feedback/PageHead";
import { ProblemAlert } from "../feedback/ProblemAlert";
import { useWords } from "../i18n/words";
import { useProject } from "../session/project";
import { HistoryTable } from "./HistoryTable";

export function AuditPage() {
  const { t } = useWords();
  const query = useInfiniteQuery(queries.audit(useProject()?.id));
  return (
    <div className="page">
      <PageHead title={t("audit.title")} />
      <div className="stack">
        <ProblemAlert error={query.error} retry={() => void query.refetch()} />
        {query.isPending && <Loading what={t("audit.title")} />}
        {query.data && (
          <Card styles={{ body: { padding: 0 } }}>
            <HistoryTable withObject items={query.data.pages.flatMap((p) => p.items)} />
          </Card>
        )}
        {query.hasNextPage && (
          <div>
            <Button loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
              {t("history.more")}
            </Button>
          </div>
        )}
      </div>
    </div>
  );
}
