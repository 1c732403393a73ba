import { useInfiniteQuery } from "@tanstack/react-query";
import { Button, Card } from "antd";
import { queries } from "../api/queries";
import { Loading } from "../feedback/Loading";
import { PageHead } from "../feedback/PageHead";
import { ProblemAlert } from "../feedback/ProblemAlert";
import { HistoryTable } from "../history/HistoryTable";
import { useWords } from "../i18n/words";
import { allowedOn } from "../session/nodes";
import { useMe } from "../session/permissions";
import { useProject } from "../session/project";
import { Chain } from "./Chain";

/** What was done, and, for who may see all of it, the proof that nobody wrote it anew. */
export function AuditPage() {
  const { t } = useWords();
  const me = useMe();
  const project = useProject();
  const query = useInfiniteQuery(queries.audit(project?.id));
  const root = me.nodes.find((n) => !n.parentId);
  return (
    <div className="page">
      <PageHead title={t("audit.title")} />
      <div className="stack">
        {root && !project && allowedOn(me, "list", "audit", root.id) && <Chain />}
        <ProblemAlert error={query.error} retry={() => void query.refetch()} />
        {query.isPending && <Loading what={t("audit.title")} />}
        {query.data && (
          <Card styles={{ body: { padding: 0 } }}>
            <HistoryTable withObject items={query.data.pages.flatMap((p) => p.items)} />
          </Card>
        )}
        {query.hasNextPage && (
          <div>
            <Button loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>{t("history.more")}</Button>
          </div>
        )}
      </div>
    </div>
  );
}
