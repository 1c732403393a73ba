import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useBlocker, useNavigate } from "@tanstack/react-router";
import { App, Button, Card, Form, InputNumber, Progress, Select } from "antd";
import { useEffect, useRef, useState } from "react";
import { keep } from "../api/live";
import { keys } from "../api/queries";
import { PageHead } from "../feedback/PageHead";
import { ProblemAlert } from "../feedback/ProblemAlert";
import { useWords } from "../i18n/words";
import { kindOf } from "../kinds/catalogue";
import { NameField, ProjectField } from "../kinds/KindForm";
import { amount } from "../pools/amount";
import { useUsualProject } from "../session/project";
import { type Format, formatOf, nameOf, upload } from "./upload";

interface Values {
  name: string;
  project?: string;
  format: Format;
  minMemoryMiB?: number;
}

/** How far it is, how long the rest takes at that pace, and a way to stop. */
function Sending({ sent, size, took, stop }: { sent: number; size: number; took: number; stop: () => void }) {
  const { t, language } = useWords();
  const mib = (n: number) => amount(n / 2 ** 20, "MiB", language);
  const seconds = sent > 0 ? Math.ceil(((took / 1000) * (size - sent)) / sent) : undefined;
  const left = seconds === undefined ? "" : seconds < 100 ? t("upload.seconds", { count: seconds }) : t("upload.minutes", { count: Math.ceil(seconds / 60) });
  const percent = Math.floor((100 * sent) / size);
  return (
    <div className="stack" style={{ gap: 8 }} aria-live="polite">
      <Progress percent={percent} aria-label={`${t("upload.title")} ${percent} %`} />
      <div className="muted">{t("upload.progress", { sent: mib(sent), all: mib(size) })} {left}</div>
      <div><Button onClick={stop}>{t("upload.stop")}</Button></div>
    </div>
  );
}

function useUpload() {
  const { t } = useWords();
  const { message } = App.useApp();
  const cache = useQueryClient();
  const navigate = useNavigate();
  const [state, tell] = useState({ sent: 0, took: 0 }); // bytes, milliseconds
  const ends = useRef<AbortController>(undefined);
  const run = useMutation({
    mutationFn: async ({ file, values: { name, project, format, minMemoryMiB } }: { file: File; values: Values }) => {
      ends.current = new AbortController();
      tell({ sent: 0, took: 0 });
      const begun = Date.now();
      const spec = { format, disk: { url: "plaza:upload", sha256: "", bytes: file.size }, ...(minMemoryMiB ? { minMemoryMiB } : {}) };
      return await upload(file, { name, project, spec }, (sent) => tell({ sent, took: Date.now() - begun }), ends.current.signal);
    },
    onSuccess: async (applied) => {
      keep(cache, "images", applied.object);
      message.success(t("upload.done", { name: applied.object.name }));
      await cache.invalidateQueries({ queryKey: keys.lists("images") });
      await navigate({ to: "/$plural/$id", params: { plural: "images", id: applied.object.id }, ignoreBlocker: true });
    },
    onError: (error) => {
      if (error.name === "AbortError") message.info(t("upload.stopped"));
    },
  });
  // Whoever leaves ends it.
  useEffect(() => () => ends.current?.abort(), []);
  return { run, ...state, stop: () => ends.current?.abort() };
}

/** Makes an image of a file of the user's machine. */
export function Upload() {
  const { t, field } = useWords();
  const kind = kindOf("images");
  const project = useUsualProject();
  const [form] = Form.useForm<Values>();
  const [file, setFile] = useState<File>();
  const { run, sent, took, stop } = useUpload();
  useBlocker({ shouldBlockFn: () => run.isPending && !globalThis.confirm(t("upload.leave")), enableBeforeUnload: () => run.isPending });
  const choose = async (chosen?: File) => {
    setFile(chosen);
    if (!chosen) return;
    form.setFieldsValue({ format: await formatOf(chosen) });
    if (!form.getFieldValue("name")) form.setFieldsValue({ name: nameOf(chosen.name) });
  };
  const error = run.error?.name === "AbortError" ? null : run.error;
  if (!kind) return null;
  return (
    <div className="page" style={{ maxWidth: 760 }}>
      <PageHead title={t("upload.title")} />
      <Card>
        <Form form={form} layout="vertical" disabled={run.isPending} initialValues={{ project: project?.id, format: "qcow2" }} onFinish={(values) => file && run.mutate({ file, values })}>
          <Form.Item label={t("upload.file")} htmlFor="file" extra={t("upload.fileHint")} required>
            <input id="file" type="file" required disabled={run.isPending} onChange={(e) => void choose(e.target.files?.[0])} />
          </Form.Item>
          <NameField />
          <ProjectField kind={kind} hint={t("upload.projectHint")} />
          <Form.Item name="format" label={field("format")} extra={t("upload.formatHint")}>
            <Select options={[{ value: "qcow2" }, { value: "raw" }]} />
          </Form.Item>
          <Form.Item name="minMemoryMiB" label={field("minMemoryMiB")}>
            <InputNumber min={0} precision={0} style={{ width: 200 }} />
          </Form.Item>
          <div className="stack">
            <ProblemAlert error={error} />
            {!run.isPending && <div><Button type="primary" htmlType="submit" disabled={!file}>{t("upload.begin")}</Button></div>}
          </div>
        </Form>
        {run.isPending && file && <Sending sent={sent} size={file.size} took={took} stop={stop} />}
      </Card>
    </div>
  );
}
