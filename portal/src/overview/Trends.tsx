import type { Schemas } from "../api/types";
import { EmptyState } from "../feedback/EmptyState";
import { Panel } from "../feedback/Panel";
import { useWords } from "../i18n/words";
import { amount } from "../pools/amount";
import { useMode } from "../shell/mode";
import { path } from "./trend";
import { bare, unitOf } from "./units";

const width = 320;
const height = 64;

/** How a metric went: what was used, against what there was. */
function Trend({ series: s }: { series: Schemas["Series"] }) {
  const { t, metric, language } = useWords();
  const dark = useMode() === "dark";
  const last = s.items.at(-1);
  if (!last) return null;
  const unit = unitOf(s.metric);
  const text = (n: number) => amount(n, unit, language);
  const most = Math.max(...s.items.map((p) => p.used));
  const name = bare(metric(s.metric));
  const told = t("trend.told", { name, used: text(last.used), capacity: text(last.capacity), most: text(most) });
  const line = path(s, width, height);
  const ink = dark ? "#86aefc" : "#1554d1";
  return (
    <div>
      <div className="row" style={{ justifyContent: "space-between" }}>
        <strong>{name}</strong>
        <span>{t("trend.now", { used: text(last.used), capacity: text(last.capacity) })}</span>
      </div>
      <svg role="img" aria-label={told} viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" style={{ width: "100%", height, display: "block", borderBottom: `1px solid ${dark ? "#4d5868" : "#b8c0cc"}` }}>
        {line.areas.map((d) => <path key={d} d={d} fill={ink} opacity={0.18} />)}
        {line.lines.map((d) => <path key={d} d={d} fill="none" stroke={ink} strokeWidth={1.6} vectorEffect="non-scaling-stroke" />)}
      </svg>
      <div className="muted" style={{ fontSize: 12.5 }}>{t("trend.most", { most: text(most) })}</div>
    </div>
  );
}

export function Trends({ trends }: { trends: Schemas["Series"][] }) {
  const { t } = useWords();
  const known = trends.filter((s) => s.items.length > 0 && s.items.some((p) => p.capacity > 0));
  return (
    <Panel title={t("trend.title")}>
      {known.length === 0 && <EmptyState title={t("trend.none")} hint={t("trend.noneHint")} />}
      <div className="stack">{known.map((s) => <Trend key={s.metric} series={s} />)}</div>
    </Panel>
  );
}
