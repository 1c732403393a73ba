import { SafetyCertificateOutlined } from "@ant-design/icons";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Alert, Button, Card, Descriptions, Progress } from "antd";
import { useRef, useState } from "react";
import { queries } from "../api/queries";
import { Moment } from "../feedback/Moment";
import { ProblemAlert } from "../feedback/ProblemAlert";
import { useWords } from "../i18n/words";
import type { Fault } from "./chain";
import { type Progress as Done, type Verdict, verify } from "./verification";

function useFaultText(): (f: Fault) => string {
  const { t } = useWords();
  return (f) => {
    switch (f.what) {
      case "altered": return t("verify.faultAltered", { seq: f.seq });
      case "missing": return t("verify.faultMissing", { seq: f.seq });
      case "deleted": return t("verify.faultDeleted", { seq: f.seq });
      case "signature": return t("verify.faultSignature");
      case "short": return t("verify.faultShort", { seq: f.seq, last: f.last });
    }
  };
}

function Outcome({ verdict: v }: { verdict: Verdict }) {
  const { t, language } = useWords();
  const faultText = useFaultText();
  const count = v.done.toLocaleString(language);
  if (v.fault) return <Alert type="error" showIcon role="alert" title={t("verify.broken")} description={faultText(v.fault)} />;
  if (v.stopped) return <Alert type="info" showIcon title={t("verify.stopped", { done: count })} />;
  return <Alert data-verdict="sound" type="success" showIcon title={v.signature === undefined ? t("verify.unsigned", { count: v.done }) : t("verify.sound", { count: v.done })} />;
}

/** How far the audit's chain goes, and whether it holds: that is found out in the browser. */
export function Chain() {
  const { t } = useWords();
  const head = useQuery(queries.auditHead);
  const [done, tell] = useState<Done>();
  const stop = useRef<AbortController>(null);
  const run = useMutation({
    mutationFn: () => {
      stop.current = new AbortController();
      tell(undefined);
      return verify(tell, stop.current.signal);
    },
  });
  const h = run.data?.head ?? head.data;
  // Browsers hash for pages that came in over TLS or from the machine itself only.
  const able = globalThis.isSecureContext;
  return (
    <Card
      title={t("verify.title")}
      extra={
        run.isPending ? (
          <Button onClick={() => stop.current?.abort()}>{t("verify.stop")}</Button>
        ) : (
          <Button type="primary" icon={<SafetyCertificateOutlined />} disabled={!able || !h} onClick={() => run.mutate()}>{run.data ? t("verify.again") : t("verify.verify")}</Button>
        )
      }
    >
      <div className="stack">
        <div className="muted">{t("verify.lead")} {t("verify.offline")}</div>
        <ProblemAlert error={head.error ?? run.error} />
        {run.isPending && done && <div role="status"><Progress percent={Math.floor((100 * done.done) / Math.max(1, done.all))} aria-label={t("verify.title")} />{t("verify.running", { done: done.done, all: done.all })}</div>}
        {run.data && !run.isPending && <Outcome verdict={run.data} />}
        {h && (
          <Descriptions
            column={1}
            size="small"
            styles={{ label: { width: 190 } }}
            items={[
              { key: "seq", label: t("verify.entries"), children: h.seq.toLocaleString() },
              { key: "at", label: t("verify.signedAt"), children: <Moment at={h.at} /> },
              { key: "hash", label: t("verify.hash"), children: <span className="mono">{h.hash || t("detail.none")}</span> },
              { key: "key", label: t("verify.key"), children: <span className="mono">{h.key}</span> },
            ]}
          />
        )}
      </div>
    </Card>
  );
}
