import { useQuery } from "@tanstack/react-query";
import { Card, Table } from "antd";
import { queries } from "../api/queries";
import type { Schemas } from "../api/types";
import { Loading } from "../feedback/Loading";
import { ToneTag } from "../feedback/PhaseTag";
import { ProblemAlert } from "../feedback/ProblemAlert";
import { useWords } from "../i18n/words";
import { ObjectLink } from "../operations/ObjectLink";
import { unitOf } from "../overview/units";
import { amount } from "../pools/amount";

export const groupings = ["tenant", "brand", "host", "application"] as const;
export type Grouping = (typeof groupings)[number];
type Group = Schemas["UseGroup"];

const metrics = ["servers", "vcpus", "memory_mib", "disk_gib", "volume_gib"];

/** Use, state and warnings of a node, added up by tenant, brand, host or application. */
export function UseTable({ node, by }: { node: string; by: Grouping }) {
  const { t, metric, language } = useWords();
  const { data, error, isPending, refetch } = useQuery(queries.use(node, by));
  if (isPending) return <Loading what={t("quotas.by.title")} />;
  if (!data) return <ProblemAlert error={error} retry={() => void refetch()} />;
  const all = (g: Group) => Object.values(g.objects).reduce((sum, n) => sum + n, 0);
  return (
    <Card styles={{ body: { padding: 0 } }}>
      <Table<Group>
        rowKey={(g) => g.id ?? ""}
        size="middle"
        pagination={data.items.length > 100 ? { pageSize: 100, showSizeChanger: false } : false}
        dataSource={data.items}
        locale={{ emptyText: t("quotas.by.none") }}
        scroll={{ x: "max-content" }}
        columns={[
          { title: t(`quotas.by.${by}`), render: (_, g) => (g.kind && g.kind !== "node" && g.id && g.name !== g.id ? <ObjectLink kind={g.kind} id={g.id} name={g.name ?? g.id} /> : (g.name ?? (g.id ? t("tenants.root") : <span className="muted">{t("quotas.by.rest")}</span>))) },
          ...metrics.map((m) => ({ title: metric(m), align: "right" as const, render: (_: unknown, g: Group) => amount(g.used[m] ?? 0, unitOf(m), language) })),
          { title: t("quotas.by.ready"), align: "right", render: (_, g) => t("bundles.ready", { ready: g.objects.Ready ?? 0, all: all(g) }) },
          { title: t("quotas.by.warnings"), render: (_, g) => (g.warnings > 0 ? <ToneTag tone="warn">{g.warnings}</ToneTag> : "0") },
        ]}
      />
    </Card>
  );
}
