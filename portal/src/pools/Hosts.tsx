import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Card, Progress, Table } from "antd";
import { queries } from "../api/queries";
import type { Host } from "../api/types";
import { Loading } from "../feedback/Loading";
import { Moment } from "../feedback/Moment";
import { PageHead } from "../feedback/PageHead";
import { ToneTag } from "../feedback/PhaseTag";
import { ProblemAlert } from "../feedback/ProblemAlert";
import { useWords } from "../i18n/words";
import { CreateButton } from "../kinds/KindList";
import { kindOf } from "../kinds/catalogue";
import { useCan } from "../session/permissions";
import { useMode } from "../shell/mode";
import { amount, strokes, type Unit } from "./amount";
import { Orders } from "./Orders";
import { NoHost } from "./Pools";

function Room({ free, all, unit, label }: { free: number; all: number; unit: Unit; label: string }) {
  const { t, language } = useWords();
  const mode = useMode();
  if (!(all > 0)) return <>{t("detail.none")}</>;
  const part = Math.min(1, Math.max(0, 1 - free / all));
  return (
    <div style={{ minWidth: 140 }}>
      <Progress percent={Math.round(part * 100)} size="small" showInfo={false} strokeColor={strokes(part, mode)} aria-label={`${label} ${Math.round(part * 100)} %`} style={{ margin: 0 }} />
      <div className="muted" style={{ fontSize: 12.5 }}>{t("hosts.free", { free: amount(free, unit, language), all: amount(all, unit, language) })}</div>
    </div>
  );
}

function State({ host: h }: { host: Host }) {
  const { t } = useWords();
  if (!h.status.alive) return <ToneTag tone="bad">{t("hosts.silent")}</ToneTag>;
  return h.spec.schedulable ? <ToneTag tone="good">{t("hosts.open")}</ToneTag> : <ToneTag tone="warn">{t("hosts.closed")}</ToneTag>;
}

/** Machines with an agent: whether they answer and take orders, and what room they have. */
export function Hosts() {
  const { t, field, plural } = useWords();
  const can = useCan();
  const kind = kindOf("hosts");
  const { data, error, isPending, refetch } = useQuery(queries.list("hosts", { limit: 1000 }));
  const hosts = (data?.items ?? []) as unknown as Host[];
  const runbooks = kindOf("runbooks") && can("list", "runbook");
  const text = (a: string, b: string) => a.localeCompare(b, undefined, { numeric: true });
  return (
    <div className="page">
      <PageHead title={plural("hosts")} extra={kind && can("create", "host") && <CreateButton kind={kind} />} />
      <div className="stack">
        <div className="muted">{t("hosts.lead")} {runbooks && <Link to="/$plural" params={{ plural: "runbooks" }}>{t("hosts.maintain")}</Link>} {runbooks && t("hosts.maintainHint")}</div>
        <ProblemAlert error={error} retry={() => void refetch()} />
        {isPending && <Loading what={plural("hosts")} />}
        {data && hosts.length === 0 && <NoHost />}
        {hosts.length > 0 && (
          <Card styles={{ body: { padding: 0 } }}>
            <Table<Host>
              rowKey="id"
              size="middle"
              dataSource={hosts}
              pagination={hosts.length > 100 ? { pageSize: 100, showSizeChanger: false } : false}
              showSorterTooltip={false}
              scroll={{ x: "max-content" }}
              columns={[
                { title: t("list.name"), fixed: "left", sorter: (a, b) => text(a.name, b.name), render: (_, h) => <Link to="/$plural/$id" params={{ plural: "hosts", id: h.id }}>{h.name}</Link> },
                { title: field("site"), sorter: (a, b) => text(a.spec.site, b.spec.site), render: (_, h) => h.spec.site },
                { title: t("hosts.state"), render: (_, h) => <State host={h} /> },
                { title: plural("servers"), align: "right", sorter: (a, b) => a.status.runningServers - b.status.runningServers, render: (_, h) => h.status.runningServers ?? 0 },
                { title: t("hosts.load"), align: "right", render: (_, h) => (h.status.cpus ? `${h.status.load1.toFixed(2)} / ${h.status.cpus}` : t("detail.none")) },
                { title: t("hosts.memory"), render: (_, h) => <Room free={h.status.memoryFreeMiB} all={h.status.memoryMiB} unit="MiB" label={`${h.name} ${t("hosts.memory")}`} /> },
                { title: t("hosts.disk"), render: (_, h) => <Room free={h.status.diskFreeGiB} all={h.status.diskGiB} unit="GiB" label={`${h.name} ${t("hosts.disk")}`} /> },
                { title: t("hosts.seen"), render: (_, h) => <Moment at={h.status.lastSeen} /> },
                { title: "", align: "right", render: (_, h) => <Orders host={h} /> },
              ]}
            />
          </Card>
        )}
      </div>
    </div>
  );
}
