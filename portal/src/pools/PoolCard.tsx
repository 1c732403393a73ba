import { Card, Progress } from "antd";
import type { Pool, Schemas } from "../api/types";
import { ToneTag } from "../feedback/PhaseTag";
import { useWords } from "../i18n/words";
import { useMode } from "../shell/theme";
import { amount, fraction, strokes } from "./amount";

function Bar({ label, of, unit }: { label: string; of: Schemas["Amount"]; unit: "count" | "MiB" | "GiB" }) {
  const { t, language } = useWords();
  const mode = useMode();
  const percent = Math.round(fraction(of) * 100);
  return (
    <div>
      <div className="row" style={{ justifyContent: "space-between" }}>
        <strong>{label}</strong>
        <span>{t("pools.free", { free: amount(of.free, unit, language) })}</span>
      </div>
      <Progress percent={percent} size="small" strokeColor={strokes(fraction(of), mode)} aria-label={`${label} ${percent} %`} />
      <div className="muted" style={{ fontSize: 12.5 }}>
        {t("pools.used", { used: amount(of.used, unit, language), capacity: amount(of.capacity, unit, language) })}
      </div>
    </div>
  );
}

export function PoolCard({ pool: p }: { pool: Pool }) {
  const { t } = useWords();
  const all = p.alive === p.hosts;
  return (
    <Card title={t("pools.site", { name: p.site })} extra={<ToneTag tone={all ? "good" : p.alive === 0 ? "bad" : "warn"}>{t("pools.hosts", { alive: p.alive, all: p.hosts })}</ToneTag>}>
      <div className="stack">
        <Bar label={t("pools.vcpus")} of={p.vcpus} unit="count" />
        <Bar label={t("pools.memory")} of={p.memoryMiB} unit="MiB" />
        <Bar label={t("pools.disk")} of={p.diskGiB} unit="GiB" />
      </div>
    </Card>
  );
}
