import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Alert, Badge, Button, Card, Select } from "antd";
import { useState } from "react";
import { queries } from "../api/queries";
import type { KindObject, Schemas } from "../api/types";
import { EmptyState } from "../feedback/EmptyState";
import { Loading } from "../feedback/Loading";
import { Moment } from "../feedback/Moment";
import { PageHead } from "../feedback/PageHead";
import { ToneTag, type Tone } from "../feedback/PhaseTag";
import { ProblemAlert } from "../feedback/ProblemAlert";
import { useWords } from "../i18n/words";
import { ActionDialog } from "../kinds/ActionDialog";
import { kindOf } from "../kinds/catalogue";
import { useAct } from "../kinds/ObjectActions";
import { ObjectLink } from "../operations/ObjectLink";
import { useCan } from "../session/permissions";
import { useProjectName } from "../session/project";
import { actionsOf, columnsOf, type Drift, type Sort } from "./board";

const kind = kindOf("drifts");
const states: Record<string, Tone> = { open: "warn", repairing: "busy", adopting: "busy", adopted: "good", ignored: "off" };
const shown = 500;

function Actions({ drift: d }: { drift: Drift }) {
  const { verb } = useWords();
  const can = useCan();
  const object = d as unknown as KindObject;
  const act = useAct(kind!, object);
  const [asking, ask] = useState<string>();
  const may = actionsOf(d).filter((a) => can(a, "drift"));
  const input = asking && kind?.actions.find((a) => a.name === asking)?.input;
  return (
    <div className="row">
      {may.map((a) => (
        <Button key={a} size="small" loading={act.isPending} onClick={() => (kind?.actions.find((x) => x.name === a)?.input ? ask(a) : act.mutate({ name: a }))}>
          {verb(a)}
        </Button>
      ))}
      {asking && input && kind && <ActionDialog kind={kind} object={object} action={asking} schema={input} onClose={() => ask(undefined)} />}
    </div>
  );
}

function Fields({ fields }: { fields: Schemas["DriftField"][] }) {
  const { t } = useWords();
  return (
    <table style={{ borderCollapse: "collapse", fontSize: 12.5 }}>
      <thead>
        <tr>{[t("drift.fields"), t("drift.declared"), t("drift.observed")].map((h) => <th key={h} style={{ textAlign: "left", paddingInlineEnd: 12, fontWeight: 600 }}>{h}</th>)}</tr>
      </thead>
      <tbody>
        {fields.map((f) => <tr key={f.name}><td style={{ paddingInlineEnd: 12 }}>{f.name}</td><td className="mono" style={{ paddingInlineEnd: 12 }}>{f.declared || t("detail.none")}</td><td className="mono">{f.observed || t("detail.none")}</td></tr>)}
      </tbody>
    </table>
  );
}

function DriftCard({ drift: d }: { drift: Drift }) {
  const { t, shelf, kind: kindName } = useWords();
  const projectName = useProjectName();
  const state = d.status.state ?? "open";
  const words = shelf("drift.states");
  return (
    <Card size="small" data-drift={d.spec.difference}>
      <div className="stack" style={{ gap: 6 }}>
        <div className="row">
          <strong>{kindName(d.spec.kind)}</strong>
          {d.spec.object && d.spec.difference !== "zombie" ? <ObjectLink kind={d.spec.kind} id={d.spec.object} name={d.spec.objectName ?? d.spec.object} /> : <Link to="/$plural/$id" params={{ plural: "drifts", id: d.id }}>{d.spec.backendName || d.spec.backend || d.name}</Link>}
        </div>
        <div><ToneTag tone={states[state] ?? "wait"}>{words[state] ?? state}</ToneTag></div>
        <div style={{ overflowWrap: "anywhere" }}>{d.spec.detail}</div>
        {d.spec.twin && <div>{t("drift.twin")}</div>}
        {d.spec.fields && d.spec.fields.length > 0 && <Fields fields={d.spec.fields} />}
        {d.status.message && <div className="muted">{d.status.message}</div>}
        {d.spec.ignore && state === "ignored" && <div className="muted">{t("drift.by", { who: d.spec.ignore.by })}: {d.spec.ignore.reason}</div>}
        <div className="row muted" style={{ fontSize: 12.5 }}>
          <span>{t("drift.at", { place: d.spec.placeName })}</span>
          {d.spec.project && <span>{projectName(d.spec.project)}</span>}
          {d.spec.tenantName && <span>{t("drift.tenant", { tenant: d.spec.tenantName })}</span>}
          <Moment at={d.spec.firstSeen} />
        </div>
        <Actions drift={d} />
      </div>
    </Card>
  );
}

/** What is declared and what is there, where they differ: a column for each sort of difference. */
export function DriftBoard() {
  const { t, kind: kindName } = useWords();
  const [only, setOnly] = useState<{ kind?: string; place?: string }>({});
  const { data, error, isPending, refetch } = useQuery(queries.list("drifts", { limit: shown }));
  const all = (data?.items ?? []) as unknown as Drift[];
  const columns = columnsOf(all.filter((d) => (!only.kind || d.spec.kind === only.kind) && (!only.place || d.spec.placeName === only.place)));
  const options = (of: (d: Drift) => string, label = (v: string) => v) => [...new Set(all.map(of))].toSorted().map((v) => ({ value: v, label: label(v) }));
  return (
    <div className="page">
      <PageHead title={t("cloudMenu.drift")} />
      <div className="stack">
        <div className="row">
          <span className="muted">{t("drift.lead")}</span>
          <span style={{ flex: 1 }} />
          <Select allowClear aria-label={t("drift.allKinds")} placeholder={t("drift.allKinds")} style={{ width: 160 }} value={only.kind} onChange={(v?: string) => setOnly({ ...only, kind: v })} options={options((d) => d.spec.kind, kindName)} />
          <Select allowClear aria-label={t("drift.allPlaces")} placeholder={t("drift.allPlaces")} style={{ width: 160 }} value={only.place} onChange={(v?: string) => setOnly({ ...only, place: v })} options={options((d) => d.spec.placeName)} />
        </div>
        <ProblemAlert error={error} retry={() => void refetch()} />
        {isPending && <Loading what={t("cloudMenu.drift")} />}
        {data?.next && <Alert type="info" showIcon title={t("drift.more", { count: shown })} />}
        {data && all.length === 0 && <EmptyState title={t("drift.none")} hint={t("drift.noneHint")} />}
        {all.length > 0 && (
          <div style={{ display: "grid", gridTemplateColumns: "repeat(auto-fit, minmax(min(270px, 100%), 1fr))", gap: 16, alignItems: "start" }}>
            {columns.map(([type, items]: [Sort, Drift[]]) => (
              <section key={type} aria-label={t(`drift.types.${type}`)} className="stack" style={{ gap: 10 }}>
                <div>
                  <h2 style={{ fontSize: 15, margin: 0 }} className="row">{t(`drift.types.${type}`)} <Badge count={items.length} showZero color="#4b5565" /></h2>
                  <div className="muted" style={{ fontSize: 12.5 }}>{t(`drift.typeHints.${type}`)}</div>
                </div>
                {items.map((d) => <DriftCard key={d.id} drift={d} />)}
              </section>
            ))}
          </div>
        )}
      </div>
    </div>
  );
}
