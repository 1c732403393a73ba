import { useInfiniteQuery } from "@tanstack/react-query";
import { Button, Drawer, Table } from "antd";
import { queries } from "../api/queries";
import type { Schemas } from "../api/types";
import { Loading } from "../feedback/Loading";
import { ProblemAlert } from "../feedback/ProblemAlert";
import { useWords } from "../i18n/words";
import { ObjectLink } from "../operations/ObjectLink";
import { amount } from "../pools/amount";
import { unitOf } from "../overview/units";
import { useProjectName } from "../session/project";
import type { QuotaRow } from "./tree";

/** Which object holds what of a node's quota. */
export function Holders({ row, region, onClose }: { row: QuotaRow; region?: string; onClose: () => void }) {
  const { t, metric, kind, language } = useWords();
  const projectName = useProjectName();
  const query = useInfiniteQuery(queries.holdings(row.id, row.usage.metric, region));
  const items = query.data?.pages.flatMap((p) => p.items) ?? [];
  const text = (n: number) => amount(n, unitOf(row.usage.metric), language);
  return (
    <Drawer open size={640} title={t("quotas.whoTitle", { metric: metric(row.usage.metric), node: row.title || row.fullName || t("tenants.root") })} onClose={onClose}>
      <div className="stack">
        <ProblemAlert error={query.error} retry={() => void query.refetch()} />
        {query.isPending && <Loading what={t("quotas.who")} />}
        {query.data && (
          <Table<Schemas["Holding"]>
            rowKey={(h) => `${h.objectId} ${h.region ?? ""}`}
            size="small"
            pagination={false}
            dataSource={items}
            locale={{ emptyText: t("quotas.nobody") }}
            scroll={{ x: "max-content" }}
            columns={[
              { title: t("quotas.holder"), render: (_, h) => <>{kind(h.kind)} <ObjectLink kind={h.kind} id={h.objectId} name={h.name} /></> },
              { title: t("list.project"), render: (_, h) => projectName(h.project) },
              { title: t("quotas.amount"), align: "right", render: (_, h) => <>{text(h.committed + h.reserved)}{h.reserved > 0 && <div className="muted">{t("quotas.reserved", { count: h.reserved })}</div>}</> },
            ]}
          />
        )}
        {query.hasNextPage && <div><Button loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>{t("quotas.more")}</Button></div>}
      </div>
    </Drawer>
  );
}
