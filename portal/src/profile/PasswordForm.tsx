import { useMutation, useQueryClient } from "@tanstack/react-query";
import { App, Button, Card, Form, Input } from "antd";
import { client } from "../api/client";
import { unwrap } from "../api/problem";
import { keys } from "../api/queries";
import { ProblemAlert } from "../feedback/ProblemAlert";
import { useWords } from "../i18n/words";
import { shortest } from "./password";

interface Values {
  old: string;
  new: string;
  again: string;
}

/** Changes the password; other sessions end by it. */
export function PasswordForm() {
  const { t } = useWords();
  const { message } = App.useApp();
  const cache = useQueryClient();
  const [form] = Form.useForm<Values>();
  const change = useMutation({
    mutationFn: (v: Values) => unwrap(client.POST("/v1/me/password", { body: { old: v.old, new: v.new } })),
    onSuccess: async () => {
      message.success(t("profile.passwordChanged"));
      form.resetFields();
      await cache.invalidateQueries({ queryKey: keys.sessions });
    },
  });
  const needed = (field: string) => ({ required: true, message: t("form.required", { field }) });
  return (
    <Card size="small" title={t("profile.password")}>
      <Form form={form} layout="vertical" requiredMark={false} onFinish={(v) => change.mutate(v)}>
        <Form.Item name="old" label={t("profile.oldPassword")} rules={[needed(t("profile.oldPassword"))]}>
          <Input.Password autoComplete="current-password" />
        </Form.Item>
        <Form.Item name="new" label={t("profile.newPassword")} extra={t("profile.passwordHint")} rules={[needed(t("profile.newPassword")), { min: shortest, message: t("profile.passwordHint") }]}>
          <Input.Password autoComplete="new-password" />
        </Form.Item>
        <Form.Item name="again" label={t("profile.again")} dependencies={["new"]} rules={[({ getFieldValue }) => ({ validator: (_, v) => (v === getFieldValue("new") ? Promise.resolve() : Promise.reject(new Error(t("profile.differs")))) })]}>
          <Input.Password autoComplete="new-password" />
        </Form.Item>
        <div className="stack" style={{ gap: 10 }}>
          <ProblemAlert error={change.error} />
          <div>
            <Button htmlType="submit" loading={change.isPending}>
              {t("profile.changePassword")}
            </Button>
          </div>
        </div>
      </Form>
    </Card>
  );
}
