import { Alert, Button, Card, Table } from "antd";
import { useMemo } from "react";
import type { Plan, Schemas } from "../api/types";
import { ToneTag, type Tone } from "../feedback/PhaseTag";
import { ProblemAlert, ProblemBody } from "../feedback/ProblemAlert";
import { useWords } from "../i18n/words";
import { DeploymentGraph } from "./DeploymentGraph";

type Change = Schemas["Change"];
const tone: Record<Change["action"], Tone> = { create: "good", update: "warn", delete: "bad", keep: "off" };
const show = (v: unknown) => (v === undefined ? "∅" : typeof v === "string" ? v : JSON.stringify(v));

function Changes({ changes }: { changes: Change[] }) {
  const { t, kind } = useWords();
  return (
    <Table<Change>
      rowKey="key"
      size="small"
      pagination={false}
      dataSource={changes}
      scroll={{ x: "max-content" }}
      expandable={{
        rowExpandable: (c) => (c.fields?.length ?? 0) > 0,
        expandedRowRender: (c) => c.fields?.map((f) => <div key={f.path} className="mono">{f.path}: {show(f.before)} → {show(f.after)}</div>),
      }}
      columns={[
        { title: t("bundles.action"), render: (_, c) => <ToneTag tone={tone[c.action]} icon={<></>}>{t(`bundles.${c.action}`)}</ToneTag> },
        { title: t("bundles.kind"), render: (_, c) => kind(c.kind) },
        { title: t("bundles.resource"), dataIndex: "name" },
      ]}
    />
  );
}

function Quota({ lines }: { lines: Schemas["QuotaLine"][] }) {
  const { t, metric } = useWords();
  return (
    <Table
      rowKey="metric"
      size="small"
      pagination={false}
      dataSource={lines}
      columns={[
        { title: t("bundles.metric"), render: (_, l) => metric(l.metric) },
        { title: t("bundles.before"), dataIndex: "before", align: "right" },
        { title: t("bundles.after"), align: "right", render: (_, l) => <strong style={{ fontWeight: l.after === l.before ? 400 : 650 }}>{l.after}</strong> },
        { title: t("bundles.limit"), align: "right", render: (_, l) => (l.hard < 0 ? t("bundles.unlimited") : l.hard) },
      ]}
    />
  );
}

interface Props {
  plan: Plan;
  stale: boolean;
  busy: boolean;
  error: unknown;
  onBack: () => void;
  onApply: () => void;
}

/** What applying an order would do, shown before anything is done. */
export function PlanView({ plan, stale, busy, error, onBack, onApply }: Props) {
  const { t } = useWords();
  const changes = useMemo(() => plan.changes ?? [], [plan]);
  // Like resources are refused for like reasons: each is told once.
  const refused = [...new Map((plan.refused ?? []).map((r) => [JSON.stringify(r), r])).values()];
  const idle = changes.every((c) => c.action === "keep");
  return (
    <div className="stack">
      {stale && <Alert type="warning" showIcon title={t("bundles.stale")} />}
      {refused.map((r) => (
        <Alert key={JSON.stringify(r)} type="error" showIcon role="alert" title={t("bundles.refused")} description={<ProblemBody problem={r} />} />
      ))}
      <Card title={t("bundles.planTitle")} extra={<span data-plan={plan.id}>{idle ? t("bundles.nothing") : t("bundles.summary", { ...plan.summary })}</span>}>
        <DeploymentGraph items={changes} />
      </Card>
      <div className="columns">
        <Card size="small" styles={{ body: { padding: 0 } }}>
          <Changes changes={changes} />
        </Card>
        <Card size="small" title={t("bundles.quota")} styles={{ body: { padding: 0 } }}>
          <Quota lines={plan.quota ?? []} />
        </Card>
      </div>
      <ProblemAlert error={error} />
      <div className="row">
        <Button onClick={onBack}>{t("bundles.back")}</Button>
        <Button type="primary" disabled={refused.length > 0} loading={busy} onClick={onApply}>
          {t("bundles.apply")}
        </Button>
      </div>
    </div>
  );
}
