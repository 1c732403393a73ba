import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Card, Descriptions, Progress, Table, Typography } from "antd";
import { queries } from "../api/queries";
import type { Schemas } from "../api/types";
import { EmptyState } from "../feedback/EmptyState";
import { Loading } from "../feedback/Loading";
import { Moment } from "../feedback/Moment";
import { PageHead } from "../feedback/PageHead";
import { ToneTag, type Tone } from "../feedback/PhaseTag";
import { ProblemAlert } from "../feedback/ProblemAlert";
import { useWords } from "../i18n/words";
import { amount, strokes } from "../pools/amount";
import { useMode } from "../shell/mode";
import { type DiskRow, diskTree } from "./disks";

type Cluster = Schemas["ClusterObject"];
type Pool = Schemas["DataPoolState"];

const mib = (bytes: number) => bytes / 2 ** 20;
const healthTone = (health: string): Tone => (health === "HEALTH_OK" ? "good" : health === "HEALTH_ERR" ? "bad" : "warn");

function Room({ used, total, label }: { used: number; total: number; label: string }) {
  const { t, language } = useWords();
  const mode = useMode();
  const part = total > 0 ? used / total : 0;
  const percent = Math.round(part * 100);
  return (
    <div style={{ minWidth: 150 }}>
      <Progress percent={percent} size="small" strokeColor={strokes(part, mode)} aria-label={`${label} ${percent} %`} style={{ margin: 0 }} />
      <div className="muted" style={{ fontSize: 12.5 }}>{t("pools.used", { used: amount(mib(used), "MiB", language), capacity: amount(mib(total), "MiB", language) })}</div>
    </div>
  );
}

function Disks({ cluster: c }: { cluster: Cluster }) {
  const { t } = useWords();
  const rows = diskTree(c.status.disks ?? []);
  return (
    <Table<DiskRow>
      key={rows.length}
      rowKey="key"
      size="small"
      pagination={false}
      dataSource={rows}
      scroll={{ x: "max-content" }}
      expandable={{ defaultExpandAllRows: true }}
      columns={[
        { title: t("ceph.disk"), render: (_, r) => <>{r.name}{r.children && <span className="muted"> {t("ceph.disks", { count: r.children.length })}</span>}</> },
        { title: t("ceph.class"), render: (_, r) => r.class },
        { title: t("ceph.state"), render: (_, r) => <span className="row" style={{ gap: 4, flexWrap: "nowrap" }}><ToneTag tone={r.up === r.all ? "good" : r.up === 0 ? "bad" : "warn"}>{r.children ? `${r.up}/${r.all} ${t("ceph.up")}` : t(r.up ? "ceph.up" : "ceph.down")}</ToneTag>{!r.children && !r.in && <ToneTag tone="warn">{t("ceph.out")}</ToneTag>}</span> },
        { title: t("ceph.used"), render: (_, r) => <Room used={r.used} total={r.total} label={r.name} /> },
      ]}
    />
  );
}

function Pools({ pools }: { pools: Pool[] }) {
  const { t, language } = useWords();
  return (
    <Table<Pool>
      rowKey="name"
      size="small"
      pagination={false}
      dataSource={pools}
      scroll={{ x: "max-content" }}
      columns={[
        { title: t("ceph.pool"), dataIndex: "name" },
        { title: t("ceph.use"), render: (_, p) => p.application || t("detail.none") },
        { title: t("ceph.copies"), render: (_, p) => (p.erasure ? t("ceph.erasure") : p.size) },
        { title: "PG", dataIndex: "pgs", align: "right" },
        { title: t("ceph.objects"), align: "right", render: (_, p) => p.objects.toLocaleString(language) },
        { title: t("ceph.stored"), align: "right", render: (_, p) => amount(mib(p.storedBytes), "MiB", language) },
        { title: t("ceph.free"), align: "right", render: (_, p) => amount(mib(p.freeBytes), "MiB", language) },
      ]}
    />
  );
}

function ClusterCard({ cluster: c }: { cluster: Cluster }) {
  const { t } = useWords();
  const s = c.status;
  const flush = { body: { padding: 0 } };
  return (
    <section aria-label={c.name} className="stack">
      <Card
        title={<Link to="/$plural/$id" params={{ plural: "clusters", id: c.id }}><strong>{c.name}</strong></Link>}
        extra={s.alive ? <ToneTag tone={healthTone(s.health)}>{s.health}</ToneTag> : <ToneTag tone="bad">{t("ceph.silent")}</ToneTag>}
      >
        <div className="stack">
          {s.totalBytes > 0 && <Room used={s.usedBytes} total={s.totalBytes} label={c.name} />}
          <div>
            <strong>{t("ceph.checks")}</strong>
            {!s.checks?.length && <div>{t("ceph.fine")}</div>}
            <ul style={{ margin: 0, paddingInlineStart: 18 }}>{s.checks?.map((x) => <li key={x.code}><span className="mono">{x.code}</span> {x.message}</li>)}</ul>
          </div>
          <Descriptions
            size="small"
            column={1}
            styles={{ label: { width: 170 } }}
            items={[
              { key: "quorum", label: t("ceph.quorum"), children: `${s.quorum?.length ?? 0} / ${s.monitors?.length ?? 0}${s.quorum?.length ? `: ${s.quorum.join(", ")}` : ""}` },
              { key: "version", label: t("ceph.version"), children: s.version || t("detail.none") },
              { key: "seen", label: t("hosts.seen"), children: <Moment at={s.lastSeen} /> },
            ]}
          />
        </div>
      </Card>
      <Card size="small" title={t("ceph.pools")} styles={flush}><Pools pools={s.pools ?? []} /></Card>
      <Card size="small" title={t("ceph.tree")} styles={flush}><Disks cluster={c} /></Card>
    </section>
  );
}

/** Every storage cluster: its health, what it complains of, its pools, and its disks by host. */
export function Ceph() {
  const { t } = useWords();
  const { data, error, isPending, refetch } = useQuery(queries.list("clusters", { limit: 100 }));
  const clusters = (data?.items ?? []) as unknown as Cluster[];
  return (
    <div className="page">
      <PageHead title={t("ceph.title")} />
      <div className="stack" style={{ gap: 28 }}>
        <ProblemAlert error={error} retry={() => void refetch()} />
        {isPending && <Loading what={t("ceph.title")} />}
        {data && clusters.length === 0 && (
          <EmptyState title={t("ceph.none")} hint={t("ceph.noneHint")}>
            <Typography.Text code copyable={{ text: "plaza cluster create NAME --type ceph --hosts HOST --schedulable" }}>plaza cluster create NAME --type ceph --hosts HOST --schedulable</Typography.Text>
          </EmptyState>
        )}
        {clusters.map((c) => <ClusterCard key={c.id} cluster={c} />)}
      </div>
    </div>
  );
}
