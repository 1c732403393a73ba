import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { Card, Descriptions, Progress, Steps, Table } from "antd";
import { queries } from "../api/queries";
import type { KindObject, Schemas } from "../api/types";
import { Moment } from "../feedback/Moment";
import { useWords } from "../i18n/words";
import { kindOf } from "../kinds/catalogue";
import { Overview } from "../kinds/Facts";
import { KindDetail } from "../kinds/KindDetail";
import { useCan } from "../session/permissions";
import { bundleOf } from "./proof";
import { Rest } from "./Rest";
import { conditionText, isStage, stepsOf } from "./stages";
import { Verification } from "./Verification";

type Env = Schemas["DpathenvObject"];

/** Where the environment stands, and who knows of it. */
function Progression({ env }: { env: Env }) {
  const { t } = useWords();
  const { acknowledged, subscribers, version, since, stage: told } = env.status;
  const stage = isStage(told) ? told : "waiting";
  const steps = stepsOf(stage, { drained: env.spec.drained ?? false, deleted: !!env.deletingAt });
  const at = steps.indexOf(stage);
  const settled = env.phase === "Ready" || at === steps.length - 1;
  return (
    <Card title={t("dpath.stage")} extra={<span className="muted"><Moment at={since} /></span>}>
      <div className="stack">
        <Steps
          size="small"
          current={at}
          responsive
          items={steps.map((s, i) => ({ title: t(`dpath.stages.${s}`), content: i === at ? t(`dpath.stageHints.${s}`) : undefined, status: i < at || (i === at && settled) ? ("finish" as const) : i === at ? ("process" as const) : ("wait" as const) }))}
        />
        {version ? (
          <div>
            <div className="row" style={{ justifyContent: "space-between" }}>
              <span>{t("bundles.version", { version })}</span>
              <span>{subscribers > 0 ? t("dpath.acknowledged", { acknowledged, all: subscribers }) : t("dpath.nobody")}</span>
            </div>
            {subscribers > 0 && <Progress percent={Math.round((100 * acknowledged) / subscribers)} size="small" showInfo={false} aria-label={t("dpath.acknowledged", { acknowledged, all: subscribers })} />}
          </div>
        ) : null}
      </div>
    </Card>
  );
}

interface Part {
  app: string;
  own?: Schemas["EnvNodes"];
}

/** Every app of the chain: with the environment's nodes of it, or shared. */
function Parts({ env, apps, groups }: { env: Env; apps: string[]; groups: KindObject[] }) {
  const { t, field } = useWords();
  const group = new Map(groups.map((g) => [g.name, g.id]));
  const own = env.status.nodes ?? [];
  const parts: Part[] = [...own.map((n) => ({ app: n.app, own: n })), ...apps.filter((a) => !own.some((n) => n.app === a)).map((app) => ({ app }))];
  const link = (name: string) => {
    const id = group.get(name);
    return id ? <Link to="/$plural/$id" params={{ plural: "nodegroups", id }}>{name}</Link> : name;
  };
  return (
    <Card title={t("dpath.nodesTitle")} styles={{ body: { padding: 0 } }}>
      <Table<Part>
        rowKey="app"
        size="middle"
        pagination={false}
        dataSource={parts}
        scroll={{ x: "max-content" }}
        columns={[
          { title: t("dpath.app"), dataIndex: "app" },
          { title: field("nodegroup"), render: (_, p) => (p.own ? link(p.own.nodegroup) : t("detail.none")) },
          { title: t("dpath.nodesTitle"), render: (_, p) => (p.own ? t("bundles.ready", { ready: p.own.ready, all: p.own.nodes }) : t("detail.none")) },
          { title: t("dpath.served"), render: (_, p) => t(p.own?.joined ? "dpath.ownNodes" : p.own ? "dpath.sharedYet" : "dpath.sharedNodes") },
        ]}
      />
    </Card>
  );
}

function Rules({ env, chain }: { env: Env; chain?: KindObject }) {
  const { t, field } = useWords();
  const rules = env.spec.identify ?? [];
  return (
    <Card title={t("dpath.rules")}>
      <Descriptions
        column={1}
        size="small"
        styles={{ label: { width: 170 } }}
        items={[
          { key: "chain", label: field("chain"), children: <Link to="/dpathchains/$id" params={{ id: env.spec.chain }}>{chain?.name ?? env.spec.chain.slice(0, 8)}</Link> },
          { key: "env", label: field("env"), children: env.spec.env },
          { key: "policy", label: field("failoverPolicy"), children: t(`dpath.policies.${env.spec.failoverPolicy ?? "failover"}`) },
          {
            key: "identify",
            label: field("identify"),
            children: rules.length === 0 ? t("dpath.noRules") : (
              <ol style={{ margin: 0, paddingInlineStart: 18 }}>
                {rules.map((r) => <li key={JSON.stringify(r)}>{(r.conditions ?? []).map(conditionText).join(` ${t(r.logic === "any" ? "dpath.or" : "dpath.and")} `)}</li>)}
              </ol>
            ),
          },
        ]}
      />
    </Card>
  );
}

function Summary({ env }: { env: Env }) {
  const { data: chain } = useQuery(queries.object("dpathchains", env.spec.chain));
  const groups = useQuery(queries.list("nodegroups", { project: env.project, limit: 1000 })).data?.items ?? [];
  const may = useCan()("update", "bundle", env.project);
  const apps = (chain?.spec.apps ?? []) as Schemas["ChainApp"][];
  const bundle = may ? bundleOf(env, apps, groups) : undefined;
  return (
    <div className="stack">
      <Progression env={env} />
      <div className="columns">
        <Parts env={env} apps={apps.map((a) => a.name)} groups={groups} />
        <Rules env={env} chain={chain} />
      </div>
      {bundle && <Verification bundle={bundle.id} env={env.spec.env ?? env.name} />}
    </div>
  );
}

/** A dedicated environment: how far it is, what it has, and whose traffic it takes. */
export function EnvPage() {
  const { t } = useWords();
  const { id } = useParams({ from: "/frame/pages/dpathenvs/$id" });
  const kind = kindOf("dpathenvs");
  if (!kind) return null;
  return (
    <KindDetail
      key={id}
      kind={kind}
      id={id}
      overview={(o) => <Summary env={o as unknown as Env} />}
      actions={(o) => <Rest object={o} />}
      tabs={(o) => [{ key: "facts", label: t("detail.facts"), children: <Overview kind={kind} object={o} /> }]}
    />
  );
}
