import { useParams } from "@tanstack/react-router";
import { Alert, Card, Descriptions, Steps } from "antd";
import type { KindObject } from "../api/types";
import { Moment } from "../feedback/Moment";
import { ToneTag } from "../feedback/PhaseTag";
import { useWords } from "../i18n/words";
import { kindOf } from "../kinds/catalogue";
import { Overview } from "../kinds/Facts";
import { KindDetail } from "../kinds/KindDetail";
import { Value } from "../kinds/Value";
import { amount } from "../pools/amount";
import { type Machine, motion, stageOf, stages, toneOfMotion } from "./stages";

/** Where the machine stands, and the step that it is in. */
function Progression({ machine: m }: { machine: Machine }) {
  const { t } = useWords();
  const { provision, target, step, since, error, fault } = m.status;
  const at = stages.indexOf(stageOf(provision));
  const moves = motion(provision);
  const status = { rests: "finish", works: "process", failed: "error" } as const;
  return (
    <Card title={t("baremetal.stage")} extra={<span className="muted">{t("baremetal.since")} <Moment at={since} /></span>}>
      <div className="stack">
        <Steps
          size="small"
          current={at}
          responsive
          items={stages.map((s, i) => ({ title: t(`baremetal.stages.${s}`), content: i === at ? provision : undefined, status: i < at ? ("finish" as const) : i === at ? status[moves] : ("wait" as const) }))}
        />
        <div className="row">
          <ToneTag tone={toneOfMotion[moves]}>{provision || t("phase.")}</ToneTag>
          {target && moves === "works" && <span>{t("baremetal.target", { state: target })}</span>}
          {step && <span>{t("baremetal.step")}: <span className="mono">{step}</span></span>}
          {m.status.maintenance && <ToneTag tone="warn">{t("baremetal.maintenance")}</ToneTag>}
          <ToneTag tone={m.status.usable ? "good" : "wait"}>{t(m.status.usable ? "baremetal.usable" : "baremetal.notUsable")}</ToneTag>
        </div>
        {fault && <Alert type="warning" showIcon title={`${t("baremetal.fault")}: ${fault}`} description={m.spec.reason} />}
        {error && <Alert type="error" showIcon title={t("baremetal.error")} description={<span className="mono">{error}</span>} />}
      </div>
    </Card>
  );
}

function Hardware({ machine: m }: { machine: Machine }) {
  const { t, field, language } = useWords();
  const s = m.status;
  const none = t("detail.none");
  return (
    <Card title={t("baremetal.hardware")}>
      <Descriptions
        column={1}
        size="small"
        styles={{ label: { width: 170 } }}
        items={[
          { key: "class", label: field("resourceClass"), children: m.spec.resourceClass },
          { key: "cpus", label: field("cpus"), children: s.cpus || m.spec.cpus || none },
          { key: "memory", label: t("hosts.memory"), children: s.memoryMiB || m.spec.memoryMiB ? amount(s.memoryMiB || m.spec.memoryMiB || 0, "MiB", language) : none },
          { key: "disk", label: t("hosts.disk"), children: s.diskGiB || m.spec.diskGiB ? amount(s.diskGiB || m.spec.diskGiB || 0, "GiB", language) : none },
          { key: "power", label: t("baremetal.power"), children: s.power || none },
          { key: "macs", label: "MAC", children: <span className="mono">{(s.macs ?? m.spec.macs ?? []).join(" ") || none}</span> },
          { key: "region", label: field("region"), children: <Value values={[m.spec.region]} /> },
        ]}
      />
    </Card>
  );
}

/** A whole machine: what it is going through, and what it is made of. */
export function MachinePage() {
  const { t } = useWords();
  const { id } = useParams({ from: "/frame/pages/baremetals/$id" });
  const kind = kindOf("baremetals");
  if (!kind) return null;
  const overview = (o: KindObject) => {
    const machine = o as unknown as Machine;
    return (
      <div className="stack">
        <Progression machine={machine} />
        <Hardware machine={machine} />
      </div>
    );
  };
  return <KindDetail key={id} named kind={kind} id={id} overview={overview} tabs={(o) => [{ key: "facts", label: t("detail.facts"), children: <Overview kind={kind} object={o} /> }]} />;
}
