import { useMutation } from "@tanstack/react-query";
import { Link, useLocation, useRouter } from "@tanstack/react-router";
import { Button, Form, Input } from "antd";
import { client } from "../api/client";
import { unwrap } from "../api/problem";
import { ProblemAlert } from "../feedback/ProblemAlert";
import { useWords } from "../i18n/words";
import { shortest } from "../profile/password";
import { queryClient } from "../shell/queryClient";
import { Entrance } from "./Entrance";

interface Values {
  token: string;
  name?: string;
  password: string;
}

/** Makes the account that an invitation is for and signs in. The invitation stands after # in the link: no server's log sees that. */
export function AcceptInvitation() {
  const { t } = useWords();
  const router = useRouter();
  const { hash } = useLocation();
  const accept = useMutation({
    mutationFn: async ({ token, name, password }: Values) => {
      const user = await unwrap(client.POST("/v1/invitations/accept", { body: { token: token.trim(), password, ...(name ? { name: name.trim() } : {}) } }));
      await unwrap(client.POST("/v1/login", { body: { name: user.name, password } }));
    },
    onSuccess: () => {
      queryClient.clear();
      router.history.replace("/");
    },
  });
  const needed = (field: string) => ({ required: true, message: t("form.required", { field }) });
  return (
    <Entrance title={t("accept.title")} below={<Link to="/sign-in" search={{}}>{t("accept.have")}</Link>}>
      <p style={{ marginTop: 0 }}>{t("accept.lead")}</p>
      <Form layout="vertical" requiredMark={false} initialValues={{ token: hash }} onFinish={(v: Values) => accept.mutate(v)}>
        <Form.Item name="token" label={t("accept.token")} rules={[needed(t("accept.token"))]}>
          <Input.Password size="large" autoComplete="off" maxLength={128} autoFocus={!hash} />
        </Form.Item>
        <Form.Item name="name" label={t("signIn.name")} extra={t("accept.nameHint")}>
          <Input size="large" autoComplete="username" maxLength={63} autoFocus={!!hash} />
        </Form.Item>
        <Form.Item name="password" label={t("signIn.password")} extra={t("profile.passwordHint")} rules={[needed(t("signIn.password")), { min: shortest, message: t("profile.passwordHint") }]}>
          <Input.Password size="large" autoComplete="new-password" />
        </Form.Item>
        <Form.Item name="again" label={t("profile.again")} dependencies={["password"]} rules={[({ getFieldValue }) => ({ validator: (_, v) => (v === getFieldValue("password") ? Promise.resolve() : Promise.reject(new Error(t("profile.differs")))) })]}>
          <Input.Password size="large" autoComplete="new-password" />
        </Form.Item>
        <div className="stack">
          <ProblemAlert error={accept.error} />
          <Button type="primary" size="large" block htmlType="submit" loading={accept.isPending}>
            {t("accept.submit")}
          </Button>
        </div>
      </Form>
    </Entrance>
  );
}
