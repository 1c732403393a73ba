import { useInfiniteQuery } from "@tanstack/react-query";
import { Button, Card, Tag } from "antd";
import { queries } from "../api/queries";
import type { Node } from "../api/types";
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
  const chosen = useProject();
  const root = me.nodes.find((n) => !n.parentId);
  const readable = (n: Node) => allowedOn(me, "list", "audit", n.id);
  const all = root !== undefined && readable(root);
  // Who may not read all of it is shown a project that may be read, until another is chosen.
  const project = chosen ?? (all ? undefined : me.nodes.find((n) => n.type === "project" && readable(n)));
  const query = useInfiniteQuery({ ...queries.audit(project?.id), enabled: all || project !== undefined });
  return (
    <div className="page">
      <PageHead title={t("audit.title")} after={project && <Tag>{project.title || project.fullName}</Tag>} />
      <div className="stack">
        {all && !project && <Chain />}
        <ProblemAlert error={query.error} retry={() => void query.refetch()} />
        {query.isLoading && <Loading what={t("audit.title")} />}
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
