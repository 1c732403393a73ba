import { LockOutlined, SafetyOutlined, UserOutlined } from "@ant-design/icons";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useRouter, useSearch } from "@tanstack/react-router";
import { Alert, Button, Form, Input } from "antd";
import { useEffect, useState } from "react";
import { client } from "../api/client";
import { ProblemError, unwrap } from "../api/problem";
import { queries } from "../api/queries";
import type { Schemas } from "../api/types";
import { ProblemAlert } from "../feedback/ProblemAlert";
import { useWords } from "../i18n/words";
import { queryClient } from "../shell/queryClient";
import { Entrance } from "./Entrance";
import { forgetRefusal, readRefusal } from "./refusal";
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
  const { t } = useWords();
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

/** Why a provider's way in ended, if it just did; it is told on this visit and no other. */
function useRefusal(): ProblemError | undefined {
  const [problem] = useState(() => readRefusal(document.cookie));
  useEffect(forgetRefusal, []);
  return problem && new ProblemError(problem);
}

export function SignIn() {
  const { t } = useWords();
  const { ended } = useSearch({ strict: false });
  const [asksCode, setAsksCode] = useState(false);
  const refusal = useRefusal();
  const signIn = useSignIn(() => setAsksCode(true));
  const lacks = lacksCode(signIn.error);
  const wrong = !lacks && signIn.error instanceof ProblemError && signIn.error.problem.status === 401;
  return (
    <Entrance title={t("signIn.title")} below={t("signIn.first")}>
      {refusal && !signIn.error && (
        <div style={{ marginBottom: 16 }}>
          <ProblemAlert error={refusal} title={t("signIn.providerRefused")} />
        </div>
      )}
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
    </Entrance>
  );
}
