import { CloseOutlined, ReloadOutlined } from "@ant-design/icons";
import { Button, Input, Select, Tag } from "antd";
import { type ReactNode, useEffect, useEffectEvent, useState } from "react";
import { useWords } from "../i18n/words";
import type { KindInfo } from "../kinds/catalogue";
import { FilterForm } from "./FilterForm";
import { phases, split, withPhases } from "./filters";
import { SavedFilters } from "./SavedFilters";
import type { ListState } from "./state";

const settle = 250;

/** The search as it is typed; the list follows when the typing rests. */
function SearchField({ q = "", search }: { q?: string; search: (q: string) => void }) {
  const { t } = useWords();
  const [typed, type] = useState(q);
  const [seen, see] = useState(q);
  // The address may change by other ways than typing: a saved filter, the browser's back.
  if (q !== seen) {
    see(q);
    if (q !== typed.trim()) type(q);
  }
  const go = useEffectEvent(search);
  useEffect(() => {
    if (typed.trim() === q) return undefined;
    const timer = setTimeout(() => go(typed.trim()), settle);
    return () => clearTimeout(timer);
  }, [typed, q]);
  return <Input.Search allowClear data-shortcut="find" aria-label={t("list.filter")} placeholder={t("list.filter")} maxLength={200} style={{ width: 260 }} value={typed} onChange={(e) => type(e.target.value)} onSearch={(v) => search(v.trim())} />;
}

interface Props {
  kind: KindInfo;
  state: ListState;
  set: (change: Partial<ListState>) => void;
  refresh: () => void;
  busy: boolean;
  /** Tools that stand at the end. */
  children?: ReactNode;
}

/** What stands above a list: search, filters, and what holds them. */
export function ListTools({ kind, state, set, refresh, busy, children }: Props) {
  const { t } = useWords();
  const { phases: chosen, others } = split(state.filter);
  const without = (filter: string) => set({ filter: state.filter.filter((f) => f !== filter) });
  return (
    <div className="stack" style={{ gap: 8, marginBottom: 12 }}>
      <div className="row">
        <SearchField q={state.q} search={(q) => set({ q })} />
        <Select
          mode="multiple"
          allowClear
          maxTagCount="responsive"
          aria-label={t("list.phase")}
          placeholder={t("list.anyPhase")}
          style={{ width: 180 }}
          value={chosen}
          onChange={(list) => set({ filter: withPhases(state.filter, list) })}
          options={phases.map((p) => ({ value: p, label: t(`phase.${p}`) }))}
        />
        <FilterForm kind={kind} add={(filter) => set({ filter: [...new Set([...state.filter, filter])] })} />
        <SavedFilters plural={kind.plural} state={state} set={set} />
        <Button icon={<ReloadOutlined />} aria-label={t("list.refresh")} onClick={refresh} loading={busy} />
        <span style={{ flex: 1 }} />
        {children}
      </div>
      {others.length > 0 && (
        <div className="row" role="group" aria-label={t("lists.active")}>
          {others.map((f) => (
            <Tag key={f} className="mono" style={{ marginInlineEnd: 0, whiteSpace: "normal" }}>
              {f}
              <Button type="text" size="small" icon={<CloseOutlined />} aria-label={t("lists.remove", { filter: f })} onClick={() => without(f)} />
            </Tag>
          ))}
          <Button type="link" size="small" onClick={() => set({ filter: [], q: undefined })}>
            {t("list.clearFilter")}
          </Button>
        </div>
      )}
    </div>
  );
}
