import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { Schemas } from "../api/types";
import { EmptyState } from "../feedback/EmptyState";
import { Meter } from "../feedback/Meter";
import { Panel } from "../feedback/Panel";
import { useWords } from "../i18n/words";
import { amount } from "../pools/amount";
import { useMe } from "../session/permissions";
import { useMode } from "../shell/mode";
import { bare, unitOf } from "./units";

const capacityOf = (total: Schemas["Pool"], metric: string): number =>
  (({ vcpus: total.vcpus.capacity, memory_mib: total.memoryMiB.capacity, disk_gib: total.diskGiB.capacity, volume_gib: total.volumeGiB.capacity }) as Record<string, number>)[metric] ?? 0;

function Choice({ label, value, choose, options }: { label: string; value: string; choose: (v: string) => void; options: { value: string; label: string }[] }) {
  return (
    <div className="choice" role="group" aria-label={label}>
      {options.map((o) => (
        <button key={o.value} type="button" aria-pressed={o.value === value} onClick={() => choose(o.value)}>
          {o.label}
        </button>
      ))}
    </div>
  );
}

/** The projects that use most, by what one chooses. */
export function Consumers({ lists, total }: { lists: Schemas["TopConsumers"][]; total: Schemas["Pool"] }) {
  const { t, metric, language } = useWords();
  const { nodes } = useMe();
  const ink = useMode() === "dark" ? "#5b8cf5" : "#1554d1";
  const [chosen, choose] = useState("");
  const list = lists.find((l) => l.metric === chosen) ?? lists[0];
  const capacity = list ? capacityOf(total, list.metric) : 0;
  const base = capacity || Math.max(1, ...(list?.items.map((c) => c.used) ?? []));
  return (
    <Panel title={t("consumers.title")}>
      {!list && <EmptyState title={t("consumers.none")} />}
      {list && (
        <div className="stack">
          {lists.length > 1 && <Choice label={t("consumers.by")} value={list.metric} choose={choose} options={lists.map((l) => ({ value: l.metric, label: bare(metric(l.metric)) }))} />}
          {list.items.map((c) => {
            const node = nodes.find((n) => n.id === c.project);
            const percent = Math.min(100, Math.round((100 * c.used) / base));
            const name = node?.title || node?.fullName || c.project;
            return (
              <div key={c.project}>
                <div className="row" style={{ justifyContent: "space-between" }}>
                  <Link to="/quotas" search={{ project: node?.fullName }}>{name}</Link>
                  <span>{amount(c.used, unitOf(list.metric), language)}{capacity > 0 && <span className="muted"> · {t("consumers.of", { share: percent })}</span>}</span>
                </div>
                <Meter percent={percent} colour={ink} label={`${name} ${percent} %`} />
              </div>
            );
          })}
        </div>
      )}
    </Panel>
  );
}
