import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { Alert, Card, Segmented, Select, Table } from "antd";
import { lazy, Suspense, useState } from "react";
import { queries } from "../api/queries";
import { EmptyState } from "../feedback/EmptyState";
import { Loading } from "../feedback/Loading";
import { PageHead } from "../feedback/PageHead";
import { PhaseTag } from "../feedback/PhaseTag";
import { ProblemAlert } from "../feedback/ProblemAlert";
import { useWords } from "../i18n/words";
import { useProjectName } from "../session/project";
import { bundlesOf, type Machine, type Place, type Server } from "./layout";

const Picture = lazy(async () => ({ default: (await import("./Picture")).Picture }));

interface Row {
  key: string;
  place?: Place;
  machine?: Machine;
  server?: Server;
}

/** The same in words: a row for each server, and for each machine without one. */
function List({ of }: { of: { places: Place[]; machines: Machine[]; servers: Server[] } }) {
  const { t } = useWords();
  const projectName = useProjectName();
  const place = new Map(of.places.map((p) => [p.id, p]));
  const machine = new Map(of.machines.map((m) => [`${m.place} ${m.id}`, m]));
  const taken = new Set(of.servers.map((s) => `${s.place} ${s.machine}`));
  const rows: Row[] = [
    ...of.servers.map((s) => ({ key: s.id, place: place.get(s.place ?? ""), machine: machine.get(`${s.place} ${s.machine}`), server: s })),
    ...of.machines.filter((m) => !taken.has(`${m.place} ${m.id}`)).map((m) => ({ key: `${m.place} ${m.id}`, place: place.get(m.place), machine: m })),
  ];
  return (
    <Card styles={{ body: { padding: 0 } }}>
      <Table<Row>
        rowKey="key"
        size="middle"
        dataSource={rows}
        pagination={rows.length > 100 ? { pageSize: 100, showSizeChanger: false } : false}
        scroll={{ x: "max-content" }}
        columns={[
          { title: t("topology.place"), render: (_, r) => (r.place ? `${t(`topology.kinds.${r.place.kind}`)} ${r.place.name}` : t("topology.nowhere")) },
          { title: t("topology.machine"), render: (_, r) => (r.machine ? <>{r.machine.name} <span className="muted">{t(`topology.${r.machine.alive ? (r.machine.open ? "alive" : "closed") : "silent"}`)}</span></> : t("detail.none")) },
          { title: t("topology.server"), render: (_, r) => (r.server ? <Link to="/servers/$id" params={{ id: r.server.id }}>{r.server.name}</Link> : t("detail.none")) },
          { title: t("list.phase"), render: (_, r) => r.server && <PhaseTag phase={r.server.phase} /> },
          { title: t("topology.bundle"), render: (_, r) => (r.server?.bundle ? <Link to="/bundles/$id" params={{ id: r.server.bundle.id }}>{r.server.bundle.name}</Link> : t("detail.none")) },
          { title: t("list.project"), render: (_, r) => projectName(r.server?.project) },
        ]}
      />
    </Card>
  );
}

/** What runs where, from places down to servers, drawn or as a list. */
export function Topology() {
  const { t } = useWords();
  const navigate = useNavigate();
  const { place } = useSearch({ strict: false }) as { place?: string };
  const [view, setView] = useState<"picture" | "list">("picture");
  const [bundle, setBundle] = useState<string>();
  const { data, error, isPending, refetch } = useQuery(queries.topology(place));
  // The names of the other places are kept while one is looked at.
  const everywhere = useQuery({ ...queries.topology(), enabled: !!place }).data ?? data;
  const bundles = bundlesOf(data?.servers ?? []);
  return (
    <div className="page">
      <PageHead title={t("topology.title")} />
      <div className="stack">
        <div className="row">
          <Select allowClear aria-label={t("topology.place")} placeholder={t("topology.allPlaces")} style={{ width: 220 }} value={place} onChange={(v?: string) => void navigate({ to: ".", search: (s: object) => ({ ...s, place: v }) } as never)} options={everywhere?.places.map((p) => ({ value: p.id, label: `${t(`topology.kinds.${p.kind}`)} ${p.name}` }))} />
          {bundles.length > 0 && <Select allowClear aria-label={t("topology.bundleLabel")} placeholder={t("topology.anyBundle")} style={{ width: 200 }} value={bundle} onChange={setBundle} options={bundles.map((b) => ({ value: b.id, label: b.name }))} />}
          <span style={{ flex: 1 }} />
          <Segmented aria-label={t("topology.title")} value={view} onChange={setView} options={[{ value: "picture", label: t("topology.picture") }, { value: "list", label: t("topology.list") }]} />
        </div>
        <ProblemAlert error={error} retry={() => void refetch()} />
        {isPending && <Loading what={t("topology.title")} />}
        {data?.more && <Alert type="info" showIcon title={t("topology.more")} />}
        {data?.places.length === 0 && data.servers.length === 0 && <EmptyState title={t("topology.none")} hint={t("topology.noneHint")} />}
        {data && (data.places.length > 0 || data.servers.length > 0) && (view === "list" ? <List of={data} /> : <Card styles={{ body: { padding: 8 } }}><Suspense fallback={<Loading what={t("topology.picture")} />}><Picture of={data} bundle={bundle} /></Suspense></Card>)}
      </div>
    </div>
  );
}
