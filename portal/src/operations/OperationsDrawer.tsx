import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Drawer } from "antd";
import { queries } from "../api/queries";
import { EmptyState } from "../feedback/EmptyState";
import { Loading } from "../feedback/Loading";
import { ProblemAlert } from "../feedback/ProblemAlert";
import { useWords } from "../i18n/words";
import { OperationCard } from "./OperationCard";

/** Follows the latest operations: progress, cause of failure, hint, retry. */
export function OperationsDrawer({ onClose }: { onClose: () => void }) {
  const { t } = useWords();
  const { data, error, isPending, refetch } = useQuery(queries.operations);
  return (
    <Drawer open size={440} title={t("operations.title")} onClose={onClose} extra={<Link to="/operations" onClick={onClose}>{t("operations.all")}</Link>}>
      <div className="stack" style={{ gap: 12 }}>
        {isPending && <Loading what={t("operations.title")} />}
        <ProblemAlert error={error} retry={() => void refetch()} />
        {data?.items.length === 0 && <EmptyState title={t("operations.none")} hint={t("operations.noneHint")} />}
        {data?.items.slice(0, 30).map((o) => <OperationCard key={o.id} operation={o} onGo={onClose} />)}
      </div>
    </Drawer>
  );
}
