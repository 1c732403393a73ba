import { LinkOutlined } from "@ant-design/icons";
import { Card, Descriptions } from "antd";
import type { Bundle } from "../api/types";
import { Moment } from "../feedback/Moment";
import { ToneTag } from "../feedback/PhaseTag";
import { useWords } from "../i18n/words";
import { Value } from "../kinds/Value";

/** Health is what the workload itself answers. */
export function Health({ bundle }: { bundle: Bundle }) {
  const { t } = useWords();
  const h = bundle.status.health;
  return (
    <Card size="small" title={t("bundles.health")}>
      {!h && <ToneTag tone="wait">{t("bundles.unknown")}</ToneTag>}
      {h && (
        <div className="stack" style={{ gap: 6 }}>
          <div className="row">
            <ToneTag tone={h.ok ? "good" : "warn"}>{h.ok ? t("bundles.healthy") : t("bundles.unhealthy")}</ToneTag>
            <span className="muted">
              <Moment at={h.since} />
            </span>
          </div>
          {h.message && <div>{h.message}</div>}
          <div className="muted mono">{t("bundles.asked", { url: h.url })}</div>
        </div>
      )}
    </Card>
  );
}

/** Where the service is entered, and whatever else the blueprint gives out. */
export function Outputs({ bundle }: { bundle: Bundle }) {
  const { t, field } = useWords();
  const outputs = Object.entries(bundle.status.outputs ?? {}).filter(([name]) => name !== "health");
  return (
    <Card size="small" title={t("bundles.outputs")}>
      {outputs.length === 0 && t("bundles.noOutputs")}
      {outputs.length > 0 && (
        <Descriptions
          column={1}
          size="small"
          items={outputs.map(([name, value]) => ({ key: name, label: field(name), children: <span className="row"><LinkOutlined aria-hidden /><Value values={[value]} /></span> }))}
        />
      )}
    </Card>
  );
}
