import { useParams } from "@tanstack/react-router";
import { Card, Segmented, Table } from "antd";
import { useState } from "react";
import { Link } from "@tanstack/react-router";
import type { Bundle, KindObject, Phase, Schemas } from "../api/types";
import { ButtonLink } from "../feedback/ButtonLink";
import { Loading } from "../feedback/Loading";
import { PhaseTag } from "../feedback/PhaseTag";
import { useWords } from "../i18n/words";
import { kindOf, pluralOf } from "../kinds/catalogue";
import { Overview } from "../kinds/Facts";
import { KindDetail } from "../kinds/KindDetail";
import { useCan } from "../session/permissions";
import { DeploymentGraph } from "./DeploymentGraph";
import { Health, Outputs } from "./Health";

type Member = Schemas["Member"];

function Members({ members }: { members: Member[] }) {
  const { t, kind } = useWords();
  const name = (m: Member) => {
    const plural = pluralOf(m.kind);
    return plural && m.id ? <Link to="/$plural/$id" params={{ plural, id: m.id }}>{m.name}</Link> : m.name;
  };
  return (
    <Table<Member>
      rowKey="key"
      size="small"
      pagination={false}
      dataSource={members}
      scroll={{ x: "max-content" }}
      columns={[
        { title: t("bundles.member"), render: (_, m) => name(m) },
        { title: t("bundles.kind"), render: (_, m) => kind(m.kind) },
        { title: t("list.phase"), render: (_, m) => <PhaseTag phase={m.phase as Phase} /> },
        { title: t("bundles.dependsOn"), render: (_, m) => m.dependsOn?.join(", ") || t("detail.none") },
        { title: t("history.note"), render: (_, m) => m.message },
      ]}
    />
  );
}

function Deployment({ bundle }: { bundle: Bundle }) {
  const { t } = useWords();
  const [view, setView] = useState<"graph" | "list">("graph");
  const members = bundle.status.resources ?? [];
  const ready = members.filter((m) => m.phase === "Ready").length;
  return (
    <Card
      title={<span>{t("bundles.graph")} <span className="muted" style={{ fontWeight: 400 }}>{t("bundles.ready", { ready, all: members.length })}</span></span>}
      extra={<Segmented size="small" value={view} onChange={setView} options={[{ value: "graph", label: t("bundles.asGraph") }, { value: "list", label: t("bundles.asList") }]} />}
    >
      {members.length === 0 && <Loading what={t("bundles.graph")} />}
      {members.length > 0 && (view === "graph" ? <DeploymentGraph items={members.map((m) => ({ ...m, phase: m.phase as Phase }))} /> : <Members members={members} />)}
    </Card>
  );
}

function ChangeButton({ bundle: o }: { bundle: KindObject }) {
  const { t } = useWords();
  if (!useCan()("update", "bundle", o.project)) return null;
  return (
    <ButtonLink to="/bundles/order/$blueprint" params={{ blueprint: String(o.spec.blueprint) }} search={{ bundle: o.id } as never} disabled={o.phase === "Deleting"}>
      {t("bundles.change")}
    </ButtonLink>
  );
}

/** A deployment as it happens: the graph, what the workload answers, where to enter. */
export function BundlePage() {
  const { t } = useWords();
  const { id } = useParams({ from: "/frame/pages/bundles/$id" });
  const kind = kindOf("bundles");
  if (!kind) return null;
  const overview = (o: KindObject) => {
    const bundle = o as unknown as Bundle;
    return (
      <div className="stack">
        <div className="columns">
          <Health bundle={bundle} />
          <Outputs bundle={bundle} />
        </div>
        <Deployment bundle={bundle} />
      </div>
    );
  };
  return (
    <KindDetail key={id} kind={kind} id={id} overview={overview} actions={(o) => <ChangeButton bundle={o} />} tabs={(o) => [{ key: "facts", label: t("detail.facts"), children: <Overview kind={kind} object={{ ...o, status: {} }} /> }]} />
  );
}
