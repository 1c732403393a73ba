import { PlusOutlined, ReloadOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button, Card, Input, Select, Table } from "antd";
import { type ReactNode, useState } from "react";
import { queries } from "../api/queries";
import type { KindObject, KindPage, Phase } from "../api/types";
import { ButtonLink } from "../feedback/ButtonLink";
import { EmptyState } from "../feedback/EmptyState";
import { Loading } from "../feedback/Loading";
import { PageHead } from "../feedback/PageHead";
import { ProblemAlert } from "../feedback/ProblemAlert";
import { useWords } from "../i18n/words";
import { useCan } from "../session/permissions";
import { useProject } from "../session/project";
import type { KindInfo } from "./catalogue";
import { useColumns } from "./columns";

const pageSize = 100;
const phases: Phase[] = ["Ready", "Working", "Pending", "Degraded", "Failed", "Deleting"];

interface Filter {
  name: string;
  phase?: Phase;
}

function useFiltered(kind: KindInfo, filter: Filter, after: string | undefined) {
  const project = useProject();
  const [asked, ask] = useState("");
  const query = useQuery(
    queries.list(kind.plural, { limit: pageSize, after, project: kind.scoping === "project" ? project?.id : undefined, name: asked || undefined, phase: filter.phase }),
  );
  const whole = !after && !query.data?.next && !asked;
  // A page that holds all is searched here, by any part of the name; beyond that the server finds whole names.
  const items = (query.data?.items ?? []).filter((o) => !whole || o.name.includes(filter.name.trim()));
  return { query, items, whole, ask, asked };
}

function Footer({ page, after, go }: { page?: KindPage; after: string[]; go: (cursors: string[]) => void }) {
  const { t } = useWords();
  if (!page) return null;
  const count = page.items.length;
  return (
    <div className="row" style={{ marginTop: 12 }}>
      <span role="status">{page.next ? t("list.countMore", { count }) : t("list.count", { count })}</span>
      <span style={{ flex: 1 }} />
      {after.length > 0 && <Button onClick={() => go(after.slice(0, -1))}>{t("list.previous")}</Button>}
      {page.next && <Button onClick={() => go([...after, page.next ?? ""])}>{t("list.next")}</Button>}
    </div>
  );
}

export function CreateButton({ kind }: { kind: KindInfo }) {
  const { t, inline } = useWords();
  return (
    <ButtonLink color="primary" variant="solid" icon={<PlusOutlined />} to="/$plural/new" params={{ plural: kind.plural }}>
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

/** The list of any kind: its own columns, filters, pages by cursor, live. */
export function KindList({ kind, create, extra }: { kind: KindInfo; create?: ReactNode; extra?: ReactNode }) {
  const { t, plural } = useWords();
  const can = useCan();
  const project = useProject();
  const [filter, setFilter] = useState<Filter>({ name: "" });
  const [after, setAfter] = useState<string[]>([]);
  const { query, items, whole, ask, asked } = useFiltered(kind, filter, after.at(-1));
  const columns = useColumns(kind, kind.scoping === "project" && !project);
  const mayCreate = can("create", kind.name, kind.scoping === "project" ? project?.id : undefined);
  const button = mayCreate ? (create ?? <CreateButton kind={kind} />) : undefined;
  const clear = () => (setFilter({ name: "" }), ask(""), setAfter([]));
  const filtered = !!filter.phase || !!asked || filter.name !== "";
  return (
    <div className="page">
      <PageHead title={plural(kind.plural)} extra={<>{extra}{items.length > 0 || filtered ? button : null}</>} />
      <div className="row" style={{ marginBottom: 12 }}>
        <Input.Search
          allowClear
          aria-label={t("list.filter")}
          placeholder={whole ? t("list.filter") : t("list.filterExact")}
          style={{ width: 260 }}
          value={filter.name}
          onChange={(e) => setFilter({ ...filter, name: e.target.value })}
          onSearch={(v) => (whole && v !== "" ? undefined : (setAfter([]), ask(v.trim())))}
        />
        <Select
          allowClear
          aria-label={t("list.phase")}
          placeholder={t("list.anyPhase")}
          style={{ width: 150 }}
          value={filter.phase}
          onChange={(phase) => (setFilter({ ...filter, phase }), setAfter([]))}
          options={phases.map((p) => ({ value: p, label: t(`phase.${p}`) }))}
        />
        <Button icon={<ReloadOutlined />} aria-label={t("list.refresh")} onClick={() => void query.refetch()} loading={query.isFetching && !query.isPending} />
      </div>
      <div className="stack">
        <ProblemAlert error={query.error} retry={() => void query.refetch()} />
        {query.isPending && <Loading what={plural(kind.plural)} />}
      </div>
      {query.data && (
        <Card styles={{ body: { padding: items.length > 0 ? 0 : 24 } }}>
          {items.length > 0 ? (
            <Table<KindObject> rowKey="id" size="middle" columns={columns} dataSource={items} pagination={false} scroll={{ x: "max-content" }} />
          ) : (
            <Nothing kind={kind} filtered={filtered} clear={clear} create={button} />
          )}
        </Card>
      )}
      {items.length > 0 && <Footer page={query.data && whole ? { items } : query.data} after={after} go={setAfter} />}
    </div>
  );
}
