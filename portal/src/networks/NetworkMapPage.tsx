import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Alert, Card, Segmented, Table } from "antd";
import { lazy, Suspense, useState } from "react";
import { queries } from "../api/queries";
import { EmptyState } from "../feedback/EmptyState";
import { Loading } from "../feedback/Loading";
import { PageHead } from "../feedback/PageHead";
import { PhaseTag } from "../feedback/PhaseTag";
import { ProblemAlert } from "../feedback/ProblemAlert";
import { useWords } from "../i18n/words";
import { CreateButton } from "../kinds/KindList";
import { kindOf } from "../kinds/catalogue";
import { useCan } from "../session/permissions";
import { useProject } from "../session/project";
import { membersOf, type NetworkMap } from "./layout";

const Picture = lazy(async () => ({ default: (await import("./Picture")).Picture }));

interface Row {
  key: string;
  network: string;
  plural: string;
  id: string;
  name: string;
  phase: NetworkMap["networks"][number]["phase"];
  address: string;
}

/** The same in words: each network, what joins it, and who is in it. */
function rowsOf(map: NetworkMap): Row[] {
  return map.networks.flatMap((n) => [
    { key: n.id, network: n.name, plural: "networks", id: n.id, name: n.name, phase: n.phase, address: n.cidr },
    ...map.routers.filter((r) => r.networks.includes(n.id)).map((r) => ({ key: `${n.id} ${r.id}`, network: n.name, plural: "routers", id: r.id, name: r.name, phase: r.phase, address: "" })),
    ...membersOf(map, n).map((m) => ({ key: `${n.id} ${m.id}`, network: n.name, plural: m.plural, id: m.id, name: m.name, phase: m.phase, address: [m.address, m.floating].filter(Boolean).join(", ") })),
  ]);
}

function List({ map }: { map: NetworkMap }) {
  const { t, plural } = useWords();
  return (
    <Card styles={{ body: { padding: 0 } }}>
      <Table<Row>
        rowKey="key"
        size="middle"
        pagination={false}
        dataSource={rowsOf(map)}
        scroll={{ x: "max-content" }}
        columns={[
          { title: t("netmap.network"), dataIndex: "network" },
          { title: t("netmap.what"), render: (_, r) => plural(r.plural) },
          { title: t("list.name"), render: (_, r) => <Link to="/$plural/$id" params={{ plural: r.plural, id: r.id }}>{r.name}</Link> },
          { title: t("list.phase"), render: (_, r) => <PhaseTag phase={r.phase} /> },
          { title: t("netmap.address"), render: (_, r) => <span className="mono">{r.address || t("detail.none")}</span> },
        ]}
      />
    </Card>
  );
}

/** The networks of a project, or of all that one sees, with what joins them and who is in them. */
export function NetworkMapPage() {
  const { t } = useWords();
  const project = useProject();
  const can = useCan();
  const kind = kindOf("networks");
  const [view, setView] = useState<"picture" | "list">("picture");
  const { data, error, isPending, refetch } = useQuery(queries.networkMap(project?.id));
  const loose = data?.addresses.filter((a) => !a.server) ?? [];
  const create = kind && can("create", "network", project?.id) && <CreateButton kind={kind} />;
  return (
    <div className="page">
      <PageHead title={t("netmap.title")} extra={data && data.networks.length > 0 && create} />
      <div className="stack">
        <div className="row">
          <span style={{ flex: 1 }} />
          <Segmented aria-label={t("netmap.title")} value={view} onChange={setView} options={[{ value: "picture", label: t("netmap.picture") }, { value: "list", label: t("netmap.list") }]} />
        </div>
        <ProblemAlert error={error} retry={() => void refetch()} />
        {isPending && <Loading what={t("netmap.title")} />}
        {data?.more && <Alert type="info" showIcon title={t("netmap.more")} />}
        {data?.networks.length === 0 && <EmptyState title={t("netmap.none")} hint={t("netmap.noneHint")}>{create}</EmptyState>}
        {data && data.networks.length > 0 && (view === "list" ? <List map={data} /> : <Card styles={{ body: { padding: 8 } }}><Suspense fallback={<Loading what={t("netmap.picture")} />}><Picture map={data} /></Suspense></Card>)}
        {loose.length > 0 && (
          <Card size="small" title={t("netmap.free")}>
            <div className="row">{loose.map((a) => <Link key={a.id} to="/$plural/$id" params={{ plural: "floatingips", id: a.id }}>{a.address ? `${a.name} ${a.address}` : a.name}</Link>)}</div>
          </Card>
        )}
      </div>
    </div>
  );
}
