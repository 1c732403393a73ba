import { useMutation, useQueryClient } from "@tanstack/react-query";
import { App, Button, Form, InputNumber, Popover, Switch } from "antd";
import { EditOutlined } from "@ant-design/icons";
import { useState } from "react";
import { client } from "../api/client";
import { unwrap } from "../api/problem";
import { keys } from "../api/queries";
import { ProblemAlert } from "../feedback/ProblemAlert";
import { useWords } from "../i18n/words";
import type { QuotaRow } from "./tree";

interface Values {
  hard?: number | null;
  soft?: number | null;
  strict?: boolean;
}
interface Props {
  row: QuotaRow;
  region?: string;
}

function Fields({ row, region, onClose }: Props & { onClose: () => void }) {
  const { t } = useWords();
  const { message } = App.useApp();
  const cache = useQueryClient();
  const u = row.usage;
  const set = useMutation({
    mutationFn: (v: Values) =>
      unwrap(client.PUT("/v1/quotas/{metric}", { params: { path: { metric: u.metric }, query: { node: row.id, region } }, body: { hard: v.hard ?? -1, soft: v.soft ?? -1, strict: v.strict ?? false } })),
    onSuccess: async () => {
      message.success(t("quotas.saved", { node: row.title || row.fullName || t("tenants.root") }));
      onClose();
      await cache.invalidateQueries({ queryKey: keys.quotaTree });
    },
  });
  const given = (n: number) => (n < 0 ? undefined : n);
  return (
    <Form<Values> layout="vertical" style={{ width: 280 }} initialValues={{ hard: given(u.hard), soft: given(u.soft), strict: u.strict }} onFinish={(v) => set.mutate(v)}>
      <Form.Item name="hard" label={t("quotas.hard")} extra={t("quotas.hardHint")}>
        <InputNumber autoFocus min={0} precision={0} style={{ width: "100%" }} />
      </Form.Item>
      <Form.Item name="soft" label={t("quotas.soft")} extra={t("quotas.softHint")}>
        <InputNumber min={0} precision={0} style={{ width: "100%" }} />
      </Form.Item>
      {row.type !== "project" && (
        <Form.Item name="strict" label={t("quotas.strictOn")} extra={t("quotas.strictHint")} valuePropName="checked">
          <Switch aria-label={t("quotas.strictOn")} />
        </Form.Item>
      )}
      <div className="stack" style={{ gap: 10 }}>
        <ProblemAlert error={set.error} />
        <div className="row">
          <Button type="primary" htmlType="submit" loading={set.isPending}>{t("quotas.save")}</Button>
          <Button type="text" onClick={onClose}>{t("quotas.cancel")}</Button>
        </div>
      </div>
    </Form>
  );
}

/** Sets a node's limit where it stands. */
export function LimitForm(props: Props) {
  const { t } = useWords();
  const [open, setOpen] = useState(false);
  const { row } = props;
  const label = t("quotas.edit", { node: row.title || row.fullName || t("tenants.root") });
  return (
    <Popover open={open} onOpenChange={setOpen} trigger="click" placement="bottomRight" title={label} destroyOnHidden content={<Fields {...props} onClose={() => setOpen(false)} />}>
      <Button size="small" type="text" icon={<EditOutlined />} aria-label={label} />
    </Popover>
  );
}
