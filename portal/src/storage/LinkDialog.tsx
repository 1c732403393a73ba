import { useMutation } from "@tanstack/react-query";
import { Button, Form, Modal, Radio } from "antd";
import { client } from "../api/client";
import { unwrap } from "../api/problem";
import { ProblemAlert } from "../feedback/ProblemAlert";
import { exact } from "../i18n/time";
import { useWords } from "../i18n/words";
import { Commands } from "./Keys";

interface Values {
  method: "GET" | "PUT";
  seconds: number;
}

/** Makes a link by which anybody reads or writes one S3 object for a while. */
export function LinkDialog({ bucket, name, close }: { bucket: string; name: string; close: () => void }) {
  const { t, language } = useWords();
  const make = useMutation({ mutationFn: (v: Values) => unwrap(client.POST("/v1/buckets/{id}/links", { params: { path: { id: bucket } }, body: { key: name, ...v } })) });
  const lives = [{ value: 600, label: t("content.minutes", { count: 10 }) }, { value: 3600, label: t("content.hours", { count: 1 }) }, { value: 86_400, label: t("bucket.days", { count: 1 }) }, { value: 604_800, label: t("bucket.days", { count: 7 }) }];
  return (
    <Modal open title={`${t("content.link")}: ${name}`} footer={null} onCancel={close}>
      <div className="stack">
        <div>{t("content.linkLead")}</div>
        <Form layout="vertical" initialValues={{ method: "GET", seconds: 3600 }} onFinish={(v: Values) => make.mutate(v)}>
          <Form.Item name="method" label={t("content.linkFor")}>
            <Radio.Group options={[{ value: "GET", label: t("content.read") }, { value: "PUT", label: t("content.write") }]} />
          </Form.Item>
          <Form.Item name="seconds" label={t("content.life")}>
            <Radio.Group options={lives} optionType="button" />
          </Form.Item>
          <Button type="primary" htmlType="submit" loading={make.isPending}>{t("content.linkMake")}</Button>
        </Form>
        <ProblemAlert error={make.error} />
        {make.data && (
          <div className="stack" style={{ gap: 8 }} aria-live="polite">
            <Commands text={make.data.method === "PUT" ? `curl -T FILE '${make.data.url}'` : make.data.url} />
            <div className="muted">{t("content.until", { at: exact(make.data.expiresAt, language) })}</div>
          </div>
        )}
      </div>
    </Modal>
  );
}
