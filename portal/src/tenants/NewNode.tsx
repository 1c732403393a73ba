import { useMutation, useQueryClient } from "@tanstack/react-query";
import { App, Form, Input, Modal, Select } from "antd";
import { client } from "../api/client";
import { unwrap } from "../api/problem";
import { keys } from "../api/queries";
import type { Node, Schemas } from "../api/types";
import { ProblemAlert } from "../feedback/ProblemAlert";
import { useWords } from "../i18n/words";

const types: Node["type"][] = ["project", "subsidiary", "brand", "region", "store"];

/** Adds a node to the tree. */
export function NewNode({ below, onClose }: { below: Node; onClose: () => void }) {
  const { t } = useWords();
  const { message } = App.useApp();
  const cache = useQueryClient();
  const [form] = Form.useForm<Schemas["NewNode"]>();
  const add = useMutation({
    mutationFn: (v: Schemas["NewNode"]) => unwrap(client.POST("/v1/nodes", { body: { ...v, parent: below.id } })),
    onSuccess: async (node) => {
      message.success(t("tenants.made", { name: node.fullName }));
      onClose();
      await cache.invalidateQueries({ queryKey: keys.me });
    },
  });
  return (
    <Modal open title={`${t("tenants.create")}: ${below.fullName || t("tenants.root")}`} okText={t("form.create")} cancelText={t("detail.cancel")} onCancel={onClose} onOk={form.submit} okButtonProps={{ loading: add.isPending }}>
      <Form form={form} layout="vertical" initialValues={{ type: "project" }} onFinish={(v) => add.mutate(v)}>
        <Form.Item name="type" label={t("tenants.type")}>
          <Select options={types.map((v) => ({ value: v, label: t(`tenants.${v}` as "tenants.project") }))} />
        </Form.Item>
        <Form.Item name="name" label={t("tenants.name")} extra={t("form.nameHint")} rules={[{ required: true, message: t("form.required", { field: t("tenants.name") }) }]}>
          <Input autoFocus maxLength={63} autoComplete="off" />
        </Form.Item>
        <Form.Item name="title" label={t("tenants.titleField")}>
          <Input maxLength={128} />
        </Form.Item>
      </Form>
      <ProblemAlert error={add.error} />
    </Modal>
  );
}
