import { LockOutlined, SafetyOutlined, UserOutlined } from "@ant-design/icons";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useRouter, useSearch } from "@tanstack/react-router";
import { Alert, Button, Card, Form, Input } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { client } from "../api/client";
import { ProblemError, unwrap } from "../api/problem";
import { queries } from "../api/queries";
import type { Schemas } from "../api/types";
import { ProblemAlert } from "../feedback/ProblemAlert";
import { LanguageButton, ModeButton } from "../shell/Preferences";
import { queryClient } from "../shell/queryClient";
import { Logo } from "../shell/Logo";
import { safeTarget } from "./target";

/** An account with a second factor is refused for its code before anything else is told. */
function lacksCode(error: unknown) {
  return error instanceof ProblemError && error.problem.reason === "SecondFactorRequired";
}

function useSignIn(onLack: () => void) {
  const router = useRouter();
  const { to } = useSearch({ strict: false });
  return useMutation({
    mutationFn: (body: Schemas["Credentials"]) => unwrap(client.POST("/v1/login", { body })),
    onSuccess: () => {
      queryClient.clear();
      router.history.push(safeTarget(to));
    },
    onError: (error) => {
      if (lacksCode(error)) onLack();
    },
  });
}

/** The ways to sign in that need no password here. */
function Providers() {
  const { t } = useTranslation();
  const { data } = useQuery(queries.loginProviders);
  if (!data?.items.length) return null;
  return (
    <div className="stack" style={{ marginTop: 16 }}>
      {data.items.map((p) => (
        <Button key={p.name} size="large" block href={p.url}>
          {t("signIn.by", { provider: p.title ?? p.name })}
        </Button>
      ))}
    </div>
  );
}

export function SignIn() {
  const { t } = useTranslation();
  const { ended } = useSearch({ strict: false });
  const [asksCode, setAsksCode] = useState(false);
  const signIn = useSignIn(() => setAsksCode(true));
  const lacks = lacksCode(signIn.error);
  const wrong = !lacks && signIn.error instanceof ProblemError && signIn.error.problem.status === 401;
  useEffect(() => {
    document.title = `${t("signIn.title")} · ${t("app.name")}`;
  }, [t]);
  return (
    <main style={{ minHeight: "100vh", display: "grid", placeItems: "center", padding: 16 }}>
      <div style={{ width: "min(400px, 100%)" }} className="stack">
        <div className="row" style={{ gap: 12 }}>
          <Logo size={44} />
          <div>
            <div style={{ fontSize: 22, fontWeight: 650 }}>{t("app.name")}</div>
            <div className="muted">{t("signIn.lead")}</div>
          </div>
        </div>
        <Card>
          <h1 style={{ fontSize: 18, marginTop: 0 }}>{t("signIn.title")}</h1>
          {ended && !signIn.error && <Alert type="info" showIcon title={t("signIn.ended")} style={{ marginBottom: 16 }} />}
          {wrong && <Alert type="error" showIcon role="alert" title={t(asksCode ? "signIn.wrongCode" : "signIn.wrong")} style={{ marginBottom: 16 }} />}
          {lacks && <Alert type="info" showIcon title={t("signIn.lacksCode")} style={{ marginBottom: 16 }} />}
          {signIn.error && !wrong && !lacks && <ProblemAlert error={signIn.error} />}
          <Form layout="vertical" requiredMark={false} onFinish={(v: Schemas["Credentials"]) => signIn.mutate(v)}>
            <Form.Item name="name" label={t("signIn.name")} rules={[{ required: true, message: t("form.required", { field: t("signIn.name") }) }]}>
              <Input size="large" prefix={<UserOutlined />} autoComplete="username" autoFocus />
            </Form.Item>
            <Form.Item name="password" label={t("signIn.password")} rules={[{ required: true, message: t("form.required", { field: t("signIn.password") }) }]}>
              <Input.Password size="large" prefix={<LockOutlined />} autoComplete="current-password" />
            </Form.Item>
            {asksCode && (
              <Form.Item name="code" label={t("signIn.code")} rules={[{ required: true, message: t("form.required", { field: t("signIn.code") }) }]}>
                <Input size="large" prefix={<SafetyOutlined />} autoComplete="one-time-code" autoFocus />
              </Form.Item>
            )}
            <Button type="primary" size="large" block htmlType="submit" loading={signIn.isPending}>
              {t("signIn.submit")}
            </Button>
          </Form>
          <Providers />
        </Card>
        <div className="muted">{t("signIn.first")}</div>
        <div className="row" style={{ justifyContent: "center" }}>
          <LanguageButton />
          <ModeButton />
        </div>
      </div>
    </main>
  );
}
