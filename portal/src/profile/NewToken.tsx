import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Form, Input, Modal, Select } from "antd";
import { client } from "../api/client";
import { unwrap } from "../api/problem";
import { keys } from "../api/queries";
import type { Schemas } from "../api/types";
import { ProblemAlert } from "../feedback/ProblemAlert";
import { useWords } from "../i18n/words";
import { useMe } from "../session/permissions";

interface Values {
  name: string;
  role?: Schemas["NewToken"]["role"];
  node?: string;
  /** A day, which it is valid to the end of. */
  end?: string;
}
const roles = ["reader", "member", "operator", "admin", "subscriber"] as const;

function Made({ secret }: { secret: string }) {
  const { t } = useWords();
  return (
    <div className="stack">
      <Alert type="warning" showIcon title={t("token.once")} description={t("token.onceHint")} />
      <div className="row" style={{ flexWrap: "nowrap" }}>
        <code className="mono" data-secret style={{ flex: 1 }}>{secret}</code>
        <Button onClick={() => void navigator.clipboard.writeText(secret)}>{t("detail.copy")}</Button>
      </div>
    </div>
  );
}

/** Makes a token with a role at most, a node and an end; its secret is shown once. */
export function NewToken({ onClose }: { onClose: () => void }) {
  const { t } = useWords();
  const me = useMe();
  const cache = useQueryClient();
  const [form] = Form.useForm<Values>();
  const make = useMutation({
    mutationFn: ({ name, role, node, end }: Values) => unwrap(client.POST("/v1/tokens", { body: { name, role, node, expiresAt: end ? new Date(`${end}T23:59:59`).toISOString() : undefined } })),
    onSuccess: () => cache.invalidateQueries({ queryKey: keys.tokens }),
  });
  const secret = make.data?.secret;
  const nodes = me.nodes.filter((n) => n.parentId).map((n) => ({ value: n.id, label: n.title ? `${n.title} (${n.fullName})` : n.fullName }));
  return (
    <Modal open title={t("token.create")} onCancel={onClose} mask={{ closable: !secret }} okText={secret ? t("token.kept") : t("form.create")} cancelButtonProps={secret ? { style: { display: "none" } } : {}} cancelText={t("detail.cancel")} okButtonProps={{ loading: make.isPending }} onOk={secret ? onClose : form.submit}>
      {secret ? (
        <Made secret={secret} />
      ) : (
        <Form form={form} layout="vertical" onFinish={(v) => make.mutate(v)}>
          <Form.Item name="name" label={t("list.name")} rules={[{ required: true, message: t("form.required", { field: t("list.name") }) }, { pattern: /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, message: t("token.nameHint") }]} extra={t("token.nameHint")}>
            <Input autoFocus maxLength={63} autoComplete="off" />
          </Form.Item>
          <Form.Item name="role" label={t("token.role")} extra={t("token.roleHint")}>
            <Select allowClear options={roles.map((r) => ({ value: r }))} />
          </Form.Item>
          <Form.Item name="node" label={t("token.node")} extra={t("token.nodeHint")}>
            <Select allowClear showSearch={{ optionFilterProp: "label" }} options={nodes} />
          </Form.Item>
          <Form.Item name="end" label={t("token.end")} extra={t("token.endHint")}>
            <Input type="date" />
          </Form.Item>
          <ProblemAlert error={make.error} />
        </Form>
      )}
    </Modal>
  );
}
