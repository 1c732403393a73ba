import { TeamOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Button, Card, Progress, Segmented, Select, Table } from "antd";
import { useMemo, useState } from "react";
import { queries } from "../api/queries";
import { Loading } from "../feedback/Loading";
import { PageHead } from "../feedback/PageHead";
import { ToneTag, type Tone } from "../feedback/PhaseTag";
import { ProblemAlert } from "../feedback/ProblemAlert";
import { useWords } from "../i18n/words";
import { amount, strokes } from "../pools/amount";
import { unitOf } from "../overview/units";
import { useMe } from "../session/permissions";
import { useProject } from "../session/project";
import { useMode } from "../shell/mode";
import { Holders } from "./Holders";
import { LimitForm } from "./LimitForm";
import { type Grouping, groupings, UseTable } from "./UseTable";
import { mayLimit, nearness, type Nearness, type QuotaRow, rows, tops, usedOf } from "./tree";

const tones: Record<Exclude<Nearness, "fine">, Tone> = { over: "bad", full: "bad", soon: "warn" };

function Use({ row }: { row: QuotaRow }) {
  const { t, language } = useWords();
  const mode = useMode();
  const { usage: u } = row;
  const near = nearness(u);
  const part = u.hard > 0 ? usedOf(u) / u.hard : 0;
  const percent = Math.min(100, Math.round(part * 100));
  const text = amount(usedOf(u), unitOf(u.metric), language);
  return (
    <div className="row" style={{ flexWrap: "nowrap", minWidth: 220 }}>
      <span style={{ minWidth: 70 }}>{text}</span>
      {u.hard > 0 && <Progress percent={percent} status="normal" size="small" strokeColor={strokes(part, mode)} aria-label={`${row.fullName} ${percent} %`} style={{ width: 130, margin: 0 }} />}
      {near !== "fine" && <ToneTag tone={tones[near]}>{t(`quotas.${near}`)}</ToneTag>}
    </div>
  );
}

function useColumns(region: string | undefined, ask: (row: QuotaRow) => void) {
  const { t, language } = useWords();
  const me = useMe();
  const limit = (u: QuotaRow["usage"], n: number) => (n < 0 ? <span className="muted">{t("quotas.none")}</span> : amount(n, unitOf(u.metric), language));
  return [
    { title: t("quotas.node"), width: 240, render: (_: unknown, r: QuotaRow) => <>{r.title || r.name || t("tenants.root")} <span className="muted">{t(`tenants.${r.type}`)}</span></> },
    { title: t("quotas.use"), width: 290, render: (_: unknown, r: QuotaRow) => <Use row={r} /> },
    { title: t("quotas.hard"), width: 110, align: "right" as const, render: (_: unknown, r: QuotaRow) => <span className="row" style={{ justifyContent: "end", flexWrap: "nowrap", gap: 2 }}>{limit(r.usage, r.usage.hard)}{mayLimit(me, r) && <LimitForm row={r} region={region} />}</span> },
    { title: t("quotas.soft"), width: 100, align: "right" as const, render: (_: unknown, r: QuotaRow) => limit(r.usage, r.usage.soft) },
    { title: t("quotas.strict"), width: 130, render: (_: unknown, r: QuotaRow) => r.usage.hard >= 0 && r.type !== "project" && t(r.usage.strict ? "quotas.strictOn" : "quotas.strictOff") },
    { title: "", width: 120, align: "right" as const, render: (_: unknown, r: QuotaRow) => usedOf(r.usage) > 0 && <Button size="small" icon={<TeamOutlined />} aria-label={`${t("quotas.who")}: ${r.fullName || t("tenants.root")}`} onClick={() => ask(r)}>{t("quotas.who")}</Button> },
  ];
}

// A tree of thousands of stores is drawn as far as it is seen.
const many = 200;

/** Limits and use of a metric over the whole tree, set where they stand. */
export function Quotas() {
  const { t, shelf, metric: metricName } = useWords();
  const { nodes } = useMe();
  const project = useProject();
  const navigate = useNavigate();
  const { metric = "vcpus", region, by } = useSearch({ strict: false }) as { metric?: string; region?: string; by?: Grouping };
  const top = project ?? tops(nodes)[0];
  const [asked, ask] = useState<QuotaRow>();
  const { data, error, isPending, refetch } = useQuery({ ...queries.quotaTree(top?.id ?? "", metric, region), enabled: !!top && !by });
  const tree = useMemo(() => (top && data ? rows(nodes, top, metric, data.items) : []), [nodes, top, metric, data]);
  const columns = useColumns(region, ask);
  const known = Object.keys(shelf("metrics"));
  const options = [...new Set([...known, metric])].map((m) => ({ value: m, label: metricName(m) }));
  const count = top ? nodes.filter((n) => n.path.startsWith(top.path)).length : 0;
  const go = (to: object) => void navigate({ to: ".", search: (s: object) => ({ ...s, ...to }) } as never);
  return (
    <div className="page">
      <PageHead title={t("cloudMenu.quotas")} />
      <div className="stack">
        <div className="row">
          <Segmented aria-label={t("quotas.by.title")} value={by ?? "limits"} onChange={(v) => go({ by: v === "limits" ? undefined : v })} options={["limits", ...groupings].map((v) => ({ value: v, label: t(`quotas.by.${v as Grouping}`) }))} />
          <span style={{ flex: 1 }} />
          {!by && <Select aria-label={t("quotas.metric")} showSearch={{ optionFilterProp: "label" }} style={{ width: 240 }} value={metric} options={options} onChange={(m) => go({ metric: m })} />}
        </div>
        <span className="muted">{t(by ? "quotas.by.lead" : "quotas.lead")}</span>
        {by && top && <UseTable node={top.id} by={by} />}
        <ProblemAlert error={error} retry={() => void refetch()} />
        {!by && isPending && <Loading what={t("cloudMenu.quotas")} />}
        {!by && data && (
          <Card styles={{ body: { padding: 0 } }}>
            <Table<QuotaRow>
              key={`${top?.id} ${tree.length}`}
              rowKey="id"
              size="middle"
              pagination={false}
              dataSource={tree}
              columns={columns}
              virtual={count > many}
              scroll={count > many ? { x: 990, y: 640 } : { x: "max-content" }}
              expandable={count <= many ? { defaultExpandAllRows: true } : { defaultExpandedRowKeys: tree.map((r) => r.id) }}
            />
          </Card>
        )}
      </div>
      {asked && <Holders row={asked} region={region} onClose={() => ask(undefined)} />}
    </div>
  );
}
