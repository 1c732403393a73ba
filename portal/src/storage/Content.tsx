import { DeleteOutlined, DownloadOutlined, FileOutlined, FolderOutlined, LinkOutlined, UploadOutlined } from "@ant-design/icons";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { App, Breadcrumb, Button, Card, Popconfirm, Progress, Table } from "antd";
import { useRef, useState } from "react";
import { client } from "../api/client";
import { unwrap } from "../api/problem";
import type { Schemas } from "../api/types";
import { EmptyState } from "../feedback/EmptyState";
import { Moment } from "../feedback/Moment";
import { ProblemAlert } from "../feedback/ProblemAlert";
import { useWords } from "../i18n/words";
import { amount } from "../pools/amount";
import { LinkDialog } from "./LinkDialog";
import { keyIn, nameIn, wayTo } from "./put";
import { contentKey, type Sending, type Sent } from "./useSending";

type Item = Schemas["ContentItem"];

const pageOf = 200;

/** How far each file is, with what went wrong. */
function Files({ sending }: { sending: Sending }) {
  const { t, language } = useWords();
  if (sending.files.length === 0) return null;
  const row = (f: Sent) => (
    <div key={f.key} className="stack" style={{ gap: 4 }}>
      <span className="mono">{f.key}</span>
      {f.error ? <ProblemAlert error={f.error} /> : <Progress percent={f.done ? 100 : Math.min(99, Math.floor((100 * f.sent) / Math.max(f.size, 1)))} aria-label={`${f.key} ${amount(f.size, "B", language)}`} />}
    </div>
  );
  return (
    <Card size="small" title={t(sending.busy ? "content.sending" : "content.sent")} extra={<Button size="small" onClick={sending.busy ? sending.stop : sending.clear}>{t(sending.busy ? "upload.stop" : "content.close")}</Button>}>
      <div className="stack" aria-live="polite">{sending.files.map(row)}</div>
    </Card>
  );
}

/** Takes files; those that would be written over are asked about. */
function Take({ folder, items, sending }: { folder: string; items: Item[]; sending: Sending }) {
  const { t } = useWords();
  const { modal } = App.useApp();
  const input = useRef<HTMLInputElement>(null);
  const take = (list: FileList | null) => {
    const wanted = [...(list ?? [])].map((file) => ({ key: keyIn(folder, file.name), file }));
    if (wanted.length === 0) return;
    const there = wanted.filter((w) => items.some((i) => i.key === w.key)).map((w) => nameIn(folder, w.key));
    if (there.length === 0) sending.send(wanted);
    else modal.confirm({ title: t("content.over"), content: there.join(", "), okText: t("content.overOk"), cancelText: t("detail.cancel"), onOk: () => sending.send(wanted) });
  };
  return (
    <>
      <input ref={input} type="file" multiple hidden aria-label={t("content.files")} onChange={(e) => { take(e.target.files); e.target.value = ""; }} />
      <Button type="primary" icon={<UploadOutlined />} disabled={sending.busy} onClick={() => input.current?.click()}>{t("content.upload")}</Button>
    </>
  );
}

function useContent(bucket: string, folder: string) {
  return useInfiniteQuery({
    queryKey: [...contentKey(bucket), folder],
    queryFn: ({ pageParam, signal }) => unwrap(client.GET("/v1/buckets/{id}/content", { params: { path: { id: bucket }, query: { prefix: folder, limit: pageOf, ...(pageParam && { after: pageParam }) } }, signal })),
    initialPageParam: "",
    getNextPageParam: (last) => last.next || undefined,
  });
}

/** What can be done with one S3 object. */
function Actions({ bucket, item, name }: { bucket: string; item: Item; name: string }) {
  const { t } = useWords();
  const cache = useQueryClient();
  const { message } = App.useApp();
  const [links, link] = useState(false);
  const onError = (e: Error) => void message.error(e.message);
  const download = useMutation({
    mutationFn: () => unwrap(client.POST("/v1/buckets/{id}/links", { params: { path: { id: bucket } }, body: { key: item.key, method: "GET", seconds: 600, save: true } })),
    onSuccess: ({ url }) => location.assign(url), // what is to be saved leaves the page where it is
    onError,
  });
  const remove = useMutation({
    mutationFn: () => unwrap(client.DELETE("/v1/buckets/{id}/content", { params: { path: { id: bucket }, query: { key: item.key } } })),
    onSuccess: () => cache.invalidateQueries({ queryKey: contentKey(bucket) }),
    onError,
  });
  const button = (label: string, icon: React.ReactNode, more: { onClick?: () => void; loading?: boolean; danger?: boolean }) => <Button size="small" type="text" title={label} aria-label={`${label}: ${name}`} icon={icon} {...more} />;
  return (
    <span className="row" style={{ gap: 2, flexWrap: "nowrap" }}>
      {button(t("content.download"), <DownloadOutlined />, { onClick: () => download.mutate(), loading: download.isPending })}
      {button(t("content.link"), <LinkOutlined />, { onClick: () => link(true) })}
      <Popconfirm title={t("content.deleteTitle", { name })} okText={t("content.delete")} cancelText={t("detail.cancel")} onConfirm={() => remove.mutateAsync()}>
        {button(t("content.delete"), <DeleteOutlined />, { danger: true, loading: remove.isPending })}
      </Popconfirm>
      {links && <LinkDialog bucket={bucket} name={item.key} close={() => link(false)} />}
    </span>
  );
}

/** What is in a bucket, folder by folder: S3 knows none, the / in keys makes them. */
export function Content({ bucket, sending }: { bucket: string; sending: Sending }) {
  const { t, language } = useWords();
  const [folder, go] = useState("");
  const { data, error, isPending, hasNextPage, fetchNextPage, isFetchingNextPage, refetch } = useContent(bucket, folder);
  const items = data?.pages.flatMap((p) => p.items) ?? [];
  const open = (key: string, name: string) => <Button type="link" size="small" style={{ padding: 0 }} onClick={() => go(key)}>{name}</Button>;
  const way = [{ key: "", name: t("content.top") }, ...wayTo(folder)];
  return (
    <div className="stack">
      <div className="row" style={{ justifyContent: "space-between" }}>
        <Breadcrumb items={way.map((f, at) => ({ key: f.key, title: at === way.length - 1 ? f.name || "/" : open(f.key, f.name || "/") }))} />
        <Take folder={folder} items={items} sending={sending} />
      </div>
      <Files sending={sending} />
      {error ? (
        <ProblemAlert error={error} retry={() => void refetch()} />
      ) : (
        <Card styles={{ body: { padding: 0 } }}>
          <Table<Item>
            rowKey="key"
            size="small"
            loading={isPending}
            dataSource={items}
            pagination={false}
            scroll={{ x: "max-content" }}
            locale={{ emptyText: isPending ? " " : <EmptyState title={t("content.none")} hint={t("content.noneHint")} /> }}
            columns={[
              { title: t("content.name"), render: (_, i) => <span className="row" style={{ gap: 8, flexWrap: "nowrap" }}>{i.folder ? <><FolderOutlined aria-hidden />{open(i.key, nameIn(folder, i.key))}</> : <><FileOutlined aria-hidden /><span style={{ overflowWrap: "anywhere" }}>{nameIn(folder, i.key)}</span></>}</span> },
              { title: t("content.size"), align: "right", render: (_, i) => (i.folder ? "" : amount(i.bytes, "B", language)) },
              { title: t("content.modified"), render: (_, i) => (i.folder ? "" : <Moment at={i.modifiedAt} />) },
              { title: t("content.actions"), render: (_, i) => !i.folder && <Actions bucket={bucket} item={i} name={nameIn(folder, i.key)} /> },
            ]}
          />
        </Card>
      )}
      {hasNextPage && <div><Button loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>{t("content.more")}</Button></div>}
    </div>
  );
}
