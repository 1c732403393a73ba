import { useQuery } from "@tanstack/react-query";
import { Alert, Card, Tabs } from "antd";
import { type ReactNode, useState } from "react";
import { ProblemError } from "../api/problem";
import { queries } from "../api/queries";
import type { KindObject } from "../api/types";
import { EmptyState } from "../feedback/EmptyState";
import { Loading } from "../feedback/Loading";
import { PageHead } from "../feedback/PageHead";
import { PhaseTag } from "../feedback/PhaseTag";
import { ProblemAlert } from "../feedback/ProblemAlert";
import { HistoryTable } from "../history/HistoryTable";
import { useWords } from "../i18n/words";
import { OperationTable } from "../operations/OperationTable";
import type { KindInfo } from "./catalogue";
import { Overview } from "./Facts";
import { NamesContext, useNamesOf } from "./names";
import { ObjectActions } from "./ObjectActions";

function Work({ kind, id }: { kind: KindInfo; id: string }) {
  const { t } = useWords();
  const { data, error, isPending } = useQuery(queries.work(kind.plural, id));
  if (isPending) return <Loading what={t("detail.operations")} />;
  if (error) return <ProblemAlert error={error} />;
  if (data.items.length === 0) return <EmptyState title={t("operations.none")} />;
  return <OperationTable items={data.items} />;
}

function Past({ kind, id }: { kind: KindInfo; id: string }) {
  const { t } = useWords();
  const { data, error, isPending } = useQuery(queries.past(kind.plural, id));
  if (isPending) return <Loading what={t("detail.history")} />;
  if (error) return <ProblemAlert error={error} />;
  return <HistoryTable items={data.items} />;
}

/** The object as last known: what is deleted while it is looked at stays in view, marked as gone. */
function useObject(kind: KindInfo, id: string) {
  const query = useQuery(queries.object(kind.plural, id));
  const gone = query.error instanceof ProblemError && query.error.problem.reason === "NotFound" && !!query.data;
  return { query, object: query.data, gone };
}

interface Tab {
  key: string;
  label: ReactNode;
  children: ReactNode;
}
interface Props {
  kind: KindInfo;
  id: string;
  /** Tabs of the kind's own, after the first. */
  tabs?: (object: KindObject) => Tab[];
  /** What stands first instead of the generic overview. */
  overview?: (object: KindObject) => ReactNode;
  actions?: (object: KindObject) => ReactNode;
  /** Whether an overview of the kind's own tells what the object refers to by name; the generic one does. */
  named?: boolean;
}

/** The page of one object of any kind: state, actions, operations, history. */
export function KindDetail({ kind, id, tabs, overview, actions, named = !overview }: Props) {
  const { t, kind: kindName } = useWords();
  const { query, object, gone } = useObject(kind, id);
  const [tab, setTab] = useState("overview");
  const names = useNamesOf(named || tab !== "overview" ? object : undefined);
  if (query.isPending) return <Loading what={kindName(kind.name)} />;
  if (!object)
    return (
      <div className="page">
        <ProblemAlert error={query.error} retry={() => void query.refetch()} />
      </div>
    );
  const items: Tab[] = [
    { key: "overview", label: t("detail.overview"), children: overview?.(object) ?? <Overview kind={kind} object={object} /> },
    ...(tabs?.(object) ?? []),
    { key: "operations", label: t("detail.operations"), children: <Card styles={{ body: { padding: 0 } }}><Work kind={kind} id={object.id} /></Card> },
    { key: "history", label: t("detail.history"), children: <Card styles={{ body: { padding: 0 } }}><Past kind={kind} id={object.id} /></Card> },
    { key: "raw", label: t("detail.raw"), children: <Card><pre className="mono json" tabIndex={0} aria-label="JSON">{JSON.stringify(object, null, 2)}</pre></Card> },
  ];
  return (
    <div className="page" data-gone={gone}>
      <PageHead
        title={object.name}
        after={<span className="row">{!gone && <PhaseTag phase={object.phase} />}<span className="muted">{kindName(kind.name)}</span></span>}
        extra={!gone && <span className="row">{actions?.(object)}<ObjectActions kind={kind} object={object} /></span>}
      />
      {gone && <Alert type="info" showIcon title={t("detail.gone")} description={t("detail.goneHint")} style={{ marginBottom: 16 }} />}
      <NamesContext value={names}>
        <Tabs items={items} activeKey={tab} onChange={setTab} destroyOnHidden />
      </NamesContext>
    </div>
  );
}
