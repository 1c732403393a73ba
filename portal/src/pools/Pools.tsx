import { useQuery } from "@tanstack/react-query";
import { Typography } from "antd";
import { queries } from "../api/queries";
import { EmptyState } from "../feedback/EmptyState";
import { Loading } from "../feedback/Loading";
import { PageHead } from "../feedback/PageHead";
import { ProblemAlert } from "../feedback/ProblemAlert";
import { useWords } from "../i18n/words";
import { External } from "./External";
import { HostTable } from "./HostTable";
import { PoolCard } from "./PoolCard";

export function NoHost() {
  const { t } = useWords();
  return (
    <EmptyState title={t("pools.none")} hint={t("pools.noneHint")}>
      <Typography.Text code copyable={{ text: "plaza host enrol-token --site SITE" }}>
        plaza host enrol-token --site SITE
      </Typography.Text>
    </EmptyState>
  );
}

/** Capacity and use of every site, region and storage cluster, the hosts it comes from, and what is in the books only. */
export function Pools() {
  const { t } = useWords();
  const { data, error, isPending, refetch } = useQuery(queries.pools);
  return (
    <div className="page">
      <PageHead title={t("menu.pools")} />
      <div className="stack">
        <ProblemAlert error={error} retry={() => void refetch()} />
        {isPending && <Loading what={t("pools.title")} />}
        {data?.items.length === 0 && <NoHost />}
        <div className="cards">{data?.items.map((p) => <PoolCard key={p.id} pool={p} />)}</div>
        {data && data.items.length > 0 && <div className="muted">{t("pools.overcommit")}</div>}
        {data?.items.some((p) => p.kind === "site") && <HostTable />}
        {data && <External items={data.external} />}
      </div>
    </div>
  );
}
