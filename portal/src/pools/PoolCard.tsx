import type { Pool } from "../api/types";
import { Meter } from "../feedback/Meter";
import { Moment } from "../feedback/Moment";
import { Panel } from "../feedback/Panel";
import { ToneTag } from "../feedback/PhaseTag";
import { useWords } from "../i18n/words";
import { useMode } from "../shell/mode";
import { amount, fraction, measures, strokes, type Measure } from "./amount";

function Bar({ of }: { of: Measure }) {
  const { t, language } = useWords();
  const mode = useMode();
  const percent = Math.round(fraction(of) * 100);
  const label = t(`pools.${of.name}`);
  return (
    <div>
      <div className="row" style={{ justifyContent: "space-between" }}>
        <strong>{label}</strong>
        <span>{t("pools.free", { free: amount(of.free, of.unit, language) })} · {percent} %</span>
      </div>
      <Meter percent={percent} colour={strokes(fraction(of), mode)} label={`${label} ${percent} %`} />
      <div className="muted" style={{ fontSize: 12.5 }}>
        {t("pools.used", { used: amount(of.used, of.unit, language), capacity: amount(of.capacity, of.unit, language) })}
        {of.others > 0 && ` · ${t("pools.others", { others: amount(of.others, of.unit, language) })}`}
      </div>
    </div>
  );
}

export function PoolCard({ pool: p }: { pool: Pool }) {
  const { t } = useWords();
  const all = p.alive === p.hosts;
  const health = p.storage?.health;
  return (
    <Panel
      title={t(`pools.${p.kind === "total" ? "site" : p.kind}`, { name: p.site })}
      extra={
        <>
          {p.hosts > 0 && <ToneTag tone={all ? "good" : p.alive === 0 ? "bad" : "warn"}>{t("pools.hosts", { alive: p.alive, all: p.hosts })}</ToneTag>}
          {health && <ToneTag tone={health === "HEALTH_OK" ? "good" : health === "HEALTH_ERR" ? "bad" : "warn"}>{health}</ToneTag>}
        </>
      }
    >
      <div className="stack">
        {measures(p).map((m) => (
          <Bar key={m.name} of={m} />
        ))}
        {p.stale && p.observedAt && (
          <div className="muted">
            {t("pools.stale")} <Moment at={p.observedAt} />
          </div>
        )}
      </div>
    </Panel>
  );
}
