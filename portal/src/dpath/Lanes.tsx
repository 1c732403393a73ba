import { PlusOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Alert, Card, Segmented } from "antd";
import { useMemo, useState } from "react";
import type { Schemas } from "../api/types";
import { ButtonLink } from "../feedback/ButtonLink";
import { EmptyState } from "../feedback/EmptyState";
import { Loading } from "../feedback/Loading";
import { ProblemAlert } from "../feedback/ProblemAlert";
import { useWords } from "../i18n/words";
import { useCan } from "../session/permissions";
import { Follow } from "./Follow";
import { LanePicture } from "./LanePicture";
import { LaneTable } from "./LaneTable";
import type { Environment, LaneMap } from "./lanes";
import { environmentsQuery, lanesQuery } from "./queries";

export type Chain = Schemas["DpathchainObject"];

/** What is wrong, and what is only not yet as it will be. */
function Banners({ map, warnings }: { map: LaneMap; warnings: string[] }) {
  const { t } = useWords();
  return (
    <>
      {map.violations > 0 && <Alert type="error" showIcon role="alert" title={<strong>{t("dpath.violations", { count: map.violations })}</strong>} description={t("dpath.violationsHint")} />}
      {map.behind > 0 && <Alert type="warning" showIcon title={t("dpath.behind", { behind: map.behind, all: map.subscribers, version: map.version })} description={t("dpath.behindHint")} />}
      {map.disabled && <Alert type="info" showIcon title={t("dpath.disabled")} />}
      {warnings.length > 0 && <Alert type="warning" showIcon title={t("dpath.warnings")} description={warnings.map((w) => <div key={w}>{w}</div>)} />}
    </>
  );
}

function Counts({ map }: { map: LaneMap }) {
  const { t } = useWords();
  return (
    <div className="row muted" style={{ gap: "4px 20px", fontSize: 12.5 }}>
      <span>{t("bundles.version", { version: map.version })}</span>
      <span>{t("dpath.reporting", { reporting: map.reporting, all: map.subscribers })}</span>
      {map.rejects > 0 && <span>{t("dpath.rejects", { count: map.rejects })}</span>}
      {map.invalid > 0 && <span>{t("dpath.invalid", { count: map.invalid })}</span>}
    </div>
  );
}

function NoEnvironment({ chain }: { chain: Chain }) {
  const { t } = useWords();
  const may = useCan()("create", "dpathenv", chain.project);
  return (
    <EmptyState title={t("dpath.noEnvironment")} hint={t(may ? "dpath.noEnvironmentHint" : "list.emptyReader")}>
      {may && <CreateEnvironment chain={chain} />}
    </EmptyState>
  );
}

function CreateEnvironment({ chain }: { chain: Chain }) {
  const { t, inline } = useWords();
  return (
    <ButtonLink look="solid" icon={<PlusOutlined />} to="/dpathenvs/new" search={{ chain: chain.id } as never}>
      {t("list.create", { kind: inline("dpathenv") })}
    </ButtonLink>
  );
}

/** The lanes of a chain as they are now, and what there is to do. */
export function Lanes({ chain }: { chain: Chain }) {
  const { t, plural } = useWords();
  const [view, setView] = useState<"graph" | "list">("graph");
  const lanes = useQuery(lanesQuery(chain.id));
  const list = useQuery(environmentsQuery(chain.id, chain.project));
  const map = lanes.data;
  const environments = useMemo(() => (list.data?.items ?? []).map((o): Environment => ({ env: String(o.spec.env), id: o.id, stage: String(o.status.stage ?? "waiting") })), [list.data]);
  return (
    <div className="stack">
      <ProblemAlert error={lanes.error ?? list.error} retry={() => void lanes.refetch()} />
      {map && <Banners map={map} warnings={chain.status.warnings ?? []} />}
      <Card
        title={t("dpath.map")}
        extra={<Segmented size="small" value={view} onChange={setView} options={[{ value: "graph", label: t("bundles.asGraph") }, { value: "list", label: t("bundles.asList") }]} />}
      >
        {lanes.isPending && <Loading what={t("dpath.map")} />}
        {map && (
          <div className="stack">
            {view === "graph" ? <LanePicture map={map} environments={environments} /> : <LaneTable map={map} environments={environments} />}
            <Counts map={map} />
            <div className="muted" style={{ fontSize: 12.5 }}>{t("dpath.legend")}</div>
          </div>
        )}
      </Card>
      {list.data?.items.length === 0 && <Card title={plural("dpathenvs")}><NoEnvironment chain={chain} /></Card>}
      {map?.reporting === 0 && chain.status.config && <Card title={t("dpath.follow")}><Follow config={chain.status.config} projectId={chain.project} /></Card>}
    </div>
  );
}
