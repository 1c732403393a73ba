import { DownloadOutlined } from "@ant-design/icons";
import { useMutation } from "@tanstack/react-query";
import { App, Button } from "antd";
import { useRef, useState } from "react";
import { type ListQuery, objects } from "../api/client";
import { ProblemError } from "../api/problem";
import { ProblemBody } from "../feedback/ProblemAlert";
import { useWords } from "../i18n/words";
import type { KindInfo } from "../kinds/catalogue";
import type { Column } from "../kinds/columns";
import { useProjectName } from "../session/project";
import { exportCsv } from "./csv";

const pageSize = 1000;

function hand(blob: Blob, name: string) {
  const url = URL.createObjectURL(blob);
  const link = Object.assign(document.createElement("a"), { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** Writes all that the filters leave, with the columns that are shown, into a file; a second press stops it. */
export function ExportButton({ kind, query, columns }: { kind: KindInfo; query: ListQuery; columns: Column[] }) {
  const { t } = useWords();
  const { notification } = App.useApp();
  const projectName = useProjectName();
  const [rows, setRows] = useState(0);
  const stop = useRef<AbortController>(undefined);
  const run = useMutation({
    mutationFn: () => {
      const { signal } = (stop.current = new AbortController());
      setRows(0);
      const read = (after?: string) => objects.list(kind.plural, { ...query, count: undefined, limit: pageSize, after, fields: [columns.map((c) => c.key).join(",")] }, signal);
      return exportCsv(read, columns.map((c) => ({ title: c.title, path: c.key, ...(c.key === "project" ? { name: projectName } : {}) })), setRows, signal);
    },
    onSuccess: (blob) => blob && hand(blob, `${kind.plural}-${new Date().toISOString().slice(0, 10)}.csv`),
    onError: (error) => {
      if (!stop.current?.signal.aborted) notification.error({ title: t("lists.exportFailed"), description: error instanceof ProblemError ? <ProblemBody problem={error.problem} /> : error.message, duration: 12 });
    },
  });
  return (
    <Button icon={<DownloadOutlined />} onClick={() => (run.isPending ? stop.current?.abort() : run.mutate())}>
      {run.isPending ? t("lists.exporting", { rows: rows.toLocaleString() }) : t("lists.export")}
    </Button>
  );
}
