import { useQuery } from "@tanstack/react-query";
import { useBlocker, useParams } from "@tanstack/react-router";
import { Button, Card, Descriptions, Progress } from "antd";
import { useState } from "react";
import { client } from "../api/client";
import { unwrap } from "../api/problem";
import type { KindObject, Schemas } from "../api/types";
import { Loading } from "../feedback/Loading";
import { ProblemAlert } from "../feedback/ProblemAlert";
import { useWords } from "../i18n/words";
import { kindOf } from "../kinds/catalogue";
import { Overview } from "../kinds/Facts";
import { KindDetail } from "../kinds/KindDetail";
import { amount, strokes } from "../pools/amount";
import { useCan } from "../session/permissions";
import { useMode } from "../shell/mode";
import { Content } from "./Content";
import { Commands, Secret } from "./Keys";
import { useSending } from "./useSending";

type Bucket = Schemas["BucketObject"];

/** How full something is that holds at most so much. */
export function Use({ bytes, gib }: { bytes: number; gib: number }) {
  const { t, language } = useWords();
  const mode = useMode();
  const part = gib > 0 ? bytes / (gib * 2 ** 30) : 0;
  const percent = Math.min(100, Math.round(part * 100));
  return (
    <div>
      <Progress percent={percent} strokeColor={strokes(part, mode)} aria-label={`${t("bucket.use")} ${percent} %`} />
      <div className="muted">{t("pools.used", { used: amount(bytes / 2 ** 20, "MiB", language), capacity: amount(gib, "GiB", language) })}</div>
    </div>
  );
}

/** The keys are asked for when somebody wants to see them, not before. */
function Keys({ bucket: b }: { bucket: Bucket }) {
  const { t } = useWords();
  const [wanted, want] = useState(false);
  const { data, error, isFetching } = useQuery({ queryKey: ["credentials", b.id, b.status.accessKey], queryFn: ({ signal }) => unwrap(client.GET("/v1/buckets/{id}/credentials", { params: { path: { id: b.id } }, signal })), enabled: wanted, gcTime: 0, retry: false });
  if (!wanted) return <Button onClick={() => want(true)}>{t("bucket.show")}</Button>;
  if (isFetching) return <Loading what={t("bucket.keys")} />;
  if (!data) return <ProblemAlert error={error} />;
  const host = `aws --endpoint-url ${data.endpoint} s3 ls s3://${data.bucket}`;
  return (
    <div className="stack" style={{ gap: 10 }}>
      <Descriptions column={1} size="small" styles={{ label: { width: 170 } }} items={[{ key: "access", label: t("bucket.access"), children: <span className="mono">{data.accessKey}</span> }, { key: "secret", label: t("bucket.secret"), children: <Secret text={data.secretKey} /> }]} />
      <div>{t("bucket.how")}</div>
      <Commands text={host} />
    </div>
  );
}

function Summary({ bucket: b }: { bucket: Bucket }) {
  const { t, language } = useWords();
  const can = useCan();
  const none = t("detail.none");
  return (
    <div className="columns">
      <Card title={t("bucket.use")}>
        <div className="stack">
          <Use bytes={b.status.bytes ?? 0} gib={b.spec.quotaGiB} />
          <Descriptions
            column={1}
            size="small"
            styles={{ label: { width: 170 } }}
            items={[
              { key: "objects", label: t("bucket.objects"), children: (b.status.objects ?? 0).toLocaleString(language) },
              { key: "bucket", label: t("bucket.bucket"), children: <span className="mono">{b.status.bucket || none}</span> },
              { key: "endpoint", label: t("bucket.endpoint"), children: <span className="mono">{b.status.endpoint || none}</span> },
              { key: "kept", label: t("bucket.kept"), children: t(b.spec.versioning ? "bucket.keptYes" : "bucket.keptNo") },
              { key: "expire", label: t("bucket.expire"), children: b.spec.expireDays ? t("bucket.days", { count: b.spec.expireDays }) : t("bucket.never") },
            ]}
          />
        </div>
      </Card>
      {can("update", "bucket", b.project) && b.status.accessKey && <Card title={t("bucket.keys")}><Keys bucket={b} /></Card>}
    </div>
  );
}

/** A bucket: how full it is, how it is reached, its keys, and what is in it. */
export function BucketPage() {
  const { t } = useWords();
  const { id } = useParams({ from: "/frame/pages/buckets/$id" });
  const can = useCan();
  const sending = useSending(id); // here, as it goes on when another tab is looked at
  useBlocker({ shouldBlockFn: () => sending.busy && !globalThis.confirm(t("content.leave")), enableBeforeUnload: () => sending.busy });
  const kind = kindOf("buckets");
  if (!kind) return null;
  const tabs = (o: KindObject) => [
    ...(can("update", "bucket", o.project) && (o as unknown as Bucket).status.accessKey ? [{ key: "content", label: t("content.title"), children: <Content bucket={id} sending={sending} /> }] : []),
    { key: "facts", label: t("detail.facts"), children: <Overview kind={kind} object={o} /> },
  ];
  return <KindDetail key={id} kind={kind} id={id} overview={(o: KindObject) => <Summary bucket={o as unknown as Bucket} />} tabs={tabs} />;
}
