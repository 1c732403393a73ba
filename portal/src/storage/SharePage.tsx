import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Button, Card, Table } from "antd";
import { useState } from "react";
import { client } from "../api/client";
import { unwrap } from "../api/problem";
import type { KindObject, Schemas } from "../api/types";
import { EmptyState } from "../feedback/EmptyState";
import { Loading } from "../feedback/Loading";
import { ProblemAlert } from "../feedback/ProblemAlert";
import { useWords } from "../i18n/words";
import { kindOf } from "../kinds/catalogue";
import { Overview } from "../kinds/Facts";
import { KindDetail } from "../kinds/KindDetail";
import { useCan } from "../session/permissions";
import { Use } from "./BucketPage";
import { Commands, Secret } from "./Keys";

type Share = Schemas["ShareObject"];

const nowrap = () => ({ style: { whiteSpace: "nowrap" as const } });
const inOneLine = { onCell: nowrap, onHeaderCell: nowrap };

function Clients({ share: s }: { share: Share }) {
  const { t } = useWords();
  const [wanted, want] = useState(false);
  const { data, error, isFetching } = useQuery({ queryKey: ["credentials", s.id], queryFn: ({ signal }) => unwrap(client.GET("/v1/shares/{id}/credentials", { params: { path: { id: s.id } }, signal })), enabled: wanted, gcTime: 0, retry: false });
  const keys = new Map(data?.clients.map((c) => [c.name, c.key]));
  const may = useCan()("update", "share", s.project);
  const access = s.status.access ?? [];
  if (access.length === 0) return <EmptyState title={t("bucket.noClients")} />;
  const first = access[0];
  const where = `${(s.status.monitors ?? []).join(",")}:${s.status.path ?? "/"}`;
  return (
    <div className="stack" style={{ gap: 12 }}>
      <Table<Schemas["ShareClient"]>
        rowKey="name"
        size="small"
        pagination={false}
        dataSource={access}
        columns={[
          { title: t("list.name"), dataIndex: "name", ...inOneLine },
          { title: t("bucket.level"), ...inOneLine, render: (_, c) => t(c.mode === "rw" ? "bucket.readWrite" : "bucket.readOnly") },
          { title: t("bucket.client"), render: (_, c) => <span className="mono" style={{ overflowWrap: "anywhere" }}>{c.client}</span> },
          ...(data ? [{ title: t("bucket.secret"), render: (_: unknown, c: Schemas["ShareClient"]) => <Secret text={keys.get(c.name) ?? ""} /> }] : []),
        ]}
      />
      {may && !data && <div><Button loading={isFetching} onClick={() => want(true)}>{t("bucket.show")}</Button></div>}
      {isFetching && <Loading what={t("bucket.keys")} />}
      <ProblemAlert error={error} />
      {first && s.status.path && (
        <div>
          <div>{t("bucket.mount")}</div>
          <Commands text={`mount -t ceph ${where} /mnt -o name=${first.client.replace(/^client\./, "")},secretfile=key,mds_namespace=${s.status.fs ?? ""}`} />
        </div>
      )}
    </div>
  );
}

/** A share: how full it is, who may mount it, and how. */
export function SharePage() {
  const { t } = useWords();
  const { id } = useParams({ from: "/frame/pages/shares/$id" });
  const kind = kindOf("shares");
  if (!kind) return null;
  const overview = (o: KindObject) => {
    const share = o as unknown as Share;
    return (
      <div className="columns">
        <Card title={t("bucket.use")}><Use bytes={share.status.usedBytes ?? 0} gib={share.spec.sizeGiB} /></Card>
        <Card title={t("bucket.clients")}><Clients share={share} /></Card>
      </div>
    );
  };
  return <KindDetail key={id} kind={kind} id={id} overview={overview} tabs={(o) => [{ key: "facts", label: t("detail.facts"), children: <Overview kind={kind} object={o} /> }]} />;
}
