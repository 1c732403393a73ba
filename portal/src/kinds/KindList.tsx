import { PlusOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button, Card } from "antd";
import { type ReactNode, useCallback, useMemo, useState } from "react";
import type { ListQuery } from "../api/client";
import { queries } from "../api/queries";
import type { KindObject, KindPage } from "../api/types";
import { ButtonLink } from "../feedback/ButtonLink";
import { EmptyState } from "../feedback/EmptyState";
import { Loading } from "../feedback/Loading";
import { PageHead } from "../feedback/PageHead";
import { ProblemAlert } from "../feedback/ProblemAlert";
import { useWords } from "../i18n/words";
import { ColumnChoice } from "../lists/ColumnChoice";
import { ExportButton } from "../lists/ExportButton";
import { useKeptColumns } from "../lists/kept";
import { ListTools } from "../lists/ListTools";
import { Rows } from "../lists/Rows";
import { type ListState, useListState } from "../lists/state";
import { useCan } from "../session/permissions";
import { useProject } from "../session/project";
import type { KindInfo } from "./catalogue";
import { useAllColumns } from "./columns";

const pageSize = 50;

/** What a list's state asks the server for. */
export function queryOf({ q, filter, sort }: ListState, project: string | undefined): ListQuery {
  return { project, search: q, filter: filter.length > 0 ? filter : undefined, sort: sort as ListQuery["sort"] };
}

/** Where the page stands among all, as far as it is known: lists are counted with their first page. */
export function Footer({ page, before, go }: { page: KindPage; before: Step[]; go: (steps: Step[]) => void }) {
  const { t, language } = useWords();
  const from = before.reduce((n, s) => n + s.rows, 0);
  const to = from + page.items.length;
  const total = page.count ?? before[0]?.count;
  const number = (n: number) => n.toLocaleString(language);
  const all = total && t(total.by === "exact" ? "lists.of" : "lists.ofAbout", { total: number(Math.max(total.objects, to)) });
  const range = page.items.length === 0 ? "" : `${number(from + 1)}–${number(to)} `;
  const step: Step = { after: page.next ?? "", rows: page.items.length, count: total };
  return (
    <div className="row" style={{ marginTop: 12 }}>
      <span role="status">{!page.next && before.length === 0 ? t("list.count", { count: to }) : `${range}${all ?? ""}`}</span>
      <span style={{ flex: 1 }} />
      {before.length > 0 && <Button onClick={() => go(before.slice(0, -1))}>{t("list.previous")}</Button>}
      {page.next && <Button onClick={() => go([...before, step])}>{t("list.next")}</Button>}
    </div>
  );
}

/** A page that was gone on from. */
interface Step {
  after: string;
  rows: number;
  count?: KindPage["count"];
}

export function CreateButton({ kind }: { kind: KindInfo }) {
  const { t, inline } = useWords();
  return (
    <ButtonLink look="solid" icon={<PlusOutlined />} data-shortcut="create" to="/$plural/new" params={{ plural: kind.plural }}>
      {t("list.create", { kind: inline(kind.name) })}
    </ButtonLink>
  );
}

function Nothing({ kind, filtered, clear, create }: { kind: KindInfo; filtered: boolean; clear: () => void; create?: ReactNode }) {
  const { t, inlinePlural, doc } = useWords();
  if (filtered)
    return (
      <EmptyState title={t("list.emptyFiltered")}>
        <Button onClick={clear}>{t("list.clearFilter")}</Button>
      </EmptyState>
    );
  const hint = create ? t("list.emptyHint", { name: kind.name }) : t("list.emptyReader");
  return (
    <EmptyState title={t("list.empty", { kinds: inlinePlural(kind.plural) })} hint={<>{doc(kind.name, kind.doc)} {hint}</>}>
      {create}
    </EmptyState>
  );
}

const none: KindObject[] = [];

/** The list of any kind: its own columns, filters, pages by cursor, live. */
export function KindList({ kind, create, extra }: { kind: KindInfo; create?: ReactNode; extra?: ReactNode }) {
  const { t, plural } = useWords();
  const can = useCan();
  const project = useProject();
  const [state, set] = useListState();
  const [steps, go] = useState<Step[]>([]);
  const projected = kind.scoping !== "global";
  const wanted = queryOf(state, projected ? project?.id : undefined);
  // Another list begins at its beginning.
  const [shown, show] = useState(JSON.stringify(wanted));
  if (shown !== JSON.stringify(wanted)) {
    show(JSON.stringify(wanted));
    go([]);
  }
  const query = useQuery(queries.list(kind.plural, { ...wanted, limit: pageSize, after: steps.at(-1)?.after, count: steps.length === 0 ? "estimated" : undefined }));
  const all = useAllColumns(kind, projected && !project);
  const [kept, keep] = useKeptColumns(kind.plural);
  const chosen = useMemo(() => kept ?? all.filter((c) => c.usual).map((c) => c.key), [kept, all]);
  const columns = useMemo(() => all.filter((c) => c.key === "name" || chosen.includes(c.key)), [all, chosen]);
  const items = query.data?.items ?? none;
  const filtered = !!state.q || state.filter.length > 0;
  const more = !!query.data?.next || steps.length > 0;
  const mayCreate = can("create", kind.name, projected ? project?.id : undefined);
  const button = mayCreate ? (create ?? <CreateButton kind={kind} />) : undefined;
  const order = useCallback((sort: string | undefined) => set({ sort }), [set]);
  return (
    <div className="page">
      <PageHead title={plural(kind.plural)} extra={<>{extra}{items.length > 0 || filtered || more ? button : null}</>} />
      <ListTools kind={kind} state={state} set={set} refresh={() => void query.refetch()} busy={query.isFetching && !query.isPending}>
        <ColumnChoice all={all} chosen={chosen} choose={keep} />
        <ExportButton kind={kind} query={wanted} columns={columns} />
      </ListTools>
      <div className="stack">
        <ProblemAlert error={query.error} retry={() => void query.refetch()} />
        {query.isPending && <Loading what={plural(kind.plural)} />}
      </div>
      {query.data && (
        <Card styles={{ body: { padding: items.length > 0 ? 0 : 24 } }}>
          {items.length > 0 ? (
            <Rows items={items} columns={columns} sort={state.sort} order={order} />
          ) : more ? (
            <EmptyState title={t("lists.lookingOn")} hint={t("lists.lookingOnHint")} />
          ) : (
            <Nothing kind={kind} filtered={filtered} clear={() => set({ q: undefined, filter: [] })} create={button} />
          )}
        </Card>
      )}
      {query.data && (items.length > 0 || more) && <Footer page={query.data} before={steps} go={go} />}
    </div>
  );
}
