import { SafetyCertificateOutlined } from "@ant-design/icons";
import { useMutation } from "@tanstack/react-query";
import { Alert, Button, Card, Checkbox, Spin, Table } from "antd";
import { useState } from "react";
import { client } from "../api/client";
import { unwrap } from "../api/problem";
import { ProblemAlert } from "../feedback/ProblemAlert";
import { useWords } from "../i18n/words";
import { type Report, type Verdict, verdictOf, violationText } from "./proof";

const probes = 500;
const protections: ("guard" | "filter")[] = ["guard", "filter"];
const alerts: Record<Verdict, "success" | "warning" | "error"> = { sound: "success", sees: "success", lost: "warning", unsent: "warning", broken: "error", blind: "error" };

const verify = (bundle: string, control: boolean) =>
  unwrap(client.POST("/v1/bundles/{id}/verify", { params: { path: { id: bundle } }, body: { common: probes, labelled: probes, ...(control ? { without: protections } : {}) } }));

/** How many calls the nodes of each app served, by pool. */
function Served({ report }: { report: Report }) {
  const { t, language } = useWords();
  const calls = (n = 0) => n.toLocaleString(language);
  return (
    <Table
      rowKey="app"
      size="small"
      pagination={false}
      dataSource={Object.entries(report.hops).map(([app, pools]) => ({ app, pools }))}
      columns={[
        { title: t("dpath.app"), dataIndex: "app" },
        { title: t("dpath.public"), align: "right", render: (_, row) => calls(row.pools["public"]) },
        { title: t("dpath.proof.dedicated"), align: "right", render: (_, row) => calls(row.pools["dedicated"]) },
      ]}
    />
  );
}

function Outcome({ report: r, env }: { report: Report; env: string }) {
  const { t, language } = useWords();
  const verdict = verdictOf(r, env);
  const number = (n: number, digits = 0) => n.toLocaleString(language, { maximumFractionDigits: digits });
  const told = [...new Set([...(r.examples ?? []).map(violationText), ...(r.errorSamples ?? [])])];
  return (
    <div className="stack" data-verdict={verdict}>
      <Alert
        type={alerts[verdict]}
        showIcon
        title={t(`dpath.proof.${verdict}`, { count: verdict === "lost" ? r.failed : r.violations, env })}
        description={
          <>
            <div>{t("dpath.proof.counts", { common: number(r.common), labelled: number(r.byEnv[env] ?? 0), env, seconds: number(r.durationSeconds, 1) })}</div>
            {verdict === "sound" && <div>{t("dpath.proof.bound", { percent: number(100 * r.bound, 2) })}</div>}
            {told.map((line) => <div key={line} className="mono" style={{ overflowWrap: "anywhere" }}>{line}</div>)}
          </>
        }
      />
      <Served report={r} />
    </div>
  );
}

/** Proves on what runs that an environment's calls, and all others, keep to their nodes. */
export function Verification({ bundle, env }: { bundle: string; env: string }) {
  const { t } = useWords();
  const [control, off] = useState(false);
  const run = useMutation({ mutationFn: () => verify(bundle, control) });
  return (
    <Card
      title={t("dpath.proof.title")}
      extra={<Button type="primary" icon={<SafetyCertificateOutlined />} loading={run.isPending} onClick={() => run.mutate()}>{t("dpath.proof.start")}</Button>}
    >
      <div className="stack">
        <div className="muted">{t("dpath.proof.lead")}</div>
        <Checkbox checked={control} disabled={run.isPending} onChange={(e) => off(e.target.checked)}>{t("dpath.proof.control")}</Checkbox>
        <ProblemAlert error={run.error} />
        {run.isPending && <div role="status" className="row"><Spin size="small" />{t("dpath.proof.running", { count: probes, env })}</div>}
        {run.data && !run.isPending && <Outcome report={run.data} env={env} />}
      </div>
    </Card>
  );
}
