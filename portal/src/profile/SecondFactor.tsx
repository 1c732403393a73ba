import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Card, Form, Input, QRCode } from "antd";
import { useState } from "react";
import { client } from "../api/client";
import { unwrap } from "../api/problem";
import { keys, queries } from "../api/queries";
import type { Schemas } from "../api/types";
import { Loading } from "../feedback/Loading";
import { Moment } from "../feedback/Moment";
import { ProblemAlert } from "../feedback/ProblemAlert";
import { useWords } from "../i18n/words";

/** Asks for one text, such as a code, and hands it on. */
function Ask({ label, button, secret, danger, busy, onDone }: { label: string; button: string; secret?: boolean; danger?: boolean; busy: boolean; onDone: (text: string) => void }) {
  const { t } = useWords();
  return (
    <Form layout="vertical" requiredMark={false} onFinish={({ text }: { text: string }) => onDone(text.trim())}>
      <Form.Item name="text" label={label} rules={[{ required: true, message: t("form.required", { field: label }) }]}>
        {secret ? <Input.Password autoComplete="current-password" /> : <Input autoComplete="one-time-code" maxLength={64} style={{ maxWidth: 220 }} />}
      </Form.Item>
      <Button htmlType="submit" danger={danger} loading={busy}>
        {button}
      </Button>
    </Form>
  );
}

/** The key as a picture and as text, and the code that proves it arrived. */
function Confirm({ enrolment, busy, onCode }: { enrolment: Schemas["Enrolment"]; busy: boolean; onCode: (code: string) => void }) {
  const { t } = useWords();
  return (
    <div className="stack">
      <div>{t("factor.scan")}</div>
      <div role="img" aria-label={t("factor.qr")} style={{ background: "#fff", padding: 10, borderRadius: 8, width: "fit-content" }}>
        <div aria-hidden>
          <QRCode type="svg" value={enrolment.url} size={188} bordered={false} color="#000" bgColor="#fff" marginSize={1} />
        </div>
      </div>
      <div>
        {t("factor.typed")} <code className="mono">{enrolment.secret.match(/.{1,4}/g)?.join(" ")}</code>
      </div>
      <Ask label={t("factor.code")} button={t("factor.confirm")} busy={busy} onDone={onCode} />
    </div>
  );
}

function RecoveryCodes({ codes, onDone }: { codes: string[]; onDone: () => void }) {
  const { t } = useWords();
  return (
    <div className="stack">
      <Alert type="warning" showIcon title={t("factor.recovery")} description={t("factor.recoveryHint")} />
      <ul className="mono" style={{ columns: 2, margin: 0 }} data-recovery>
        {codes.map((c) => (
          <li key={c}>{c}</li>
        ))}
      </ul>
      <div className="row">
        <Button onClick={() => void navigator.clipboard.writeText(codes.join("\n"))}>{t("detail.copy")}</Button>
        <Button type="primary" onClick={onDone}>
          {t("factor.kept")}
        </Button>
      </div>
    </div>
  );
}

function useFactor() {
  const cache = useQueryClient();
  const [enrolment, setEnrolment] = useState<Schemas["Enrolment"]>();
  const [codes, setCodes] = useState<string[]>();
  const again = () => cache.invalidateQueries({ queryKey: keys.factor });
  const enrol = useMutation({ mutationFn: (password: string) => unwrap(client.POST("/v1/me/totp", { body: { password } })), onSuccess: setEnrolment });
  const confirm = useMutation({
    mutationFn: (code: string) => unwrap(client.POST("/v1/me/totp/confirm", { body: { code } })),
    onSuccess: ({ recoveryCodes }) => (setCodes(recoveryCodes), setEnrolment(undefined), again()),
  });
  const remove = useMutation({ mutationFn: (code: string) => unwrap(client.POST("/v1/me/totp/remove", { body: { code } })), onSuccess: again });
  return { enrolment, codes, enrol, confirm, remove, done: () => setCodes(undefined) };
}

/** Codes of an authenticator as a second factor: how to get one, and how to do without. */
export function SecondFactor() {
  const { t } = useWords();
  const { data, error } = useQuery(queries.factor);
  const { enrolment, codes, enrol, confirm, remove, done } = useFactor();
  const [removing, setRemoving] = useState(false);
  const failed = [confirm, enrol, remove].find((m) => m.error)?.error;
  return (
    <Card size="small" title={t("factor.title")} data-factor={data?.enabled}>
      <div className="stack">
        {!data && !error && <Loading what={t("factor.title")} />}
        {codes && <RecoveryCodes codes={codes} onDone={done} />}
        {data?.enabled && !codes && (
          <div>
            {t("factor.on")} <Moment at={data.confirmedAt} />. {t("factor.left", { count: data.recoveryCodes })}
          </div>
        )}
        {data?.enabled && !codes && !removing && <div><Button onClick={() => setRemoving(true)}>{t("factor.remove")}</Button></div>}
        {data?.enabled && removing && <Ask label={t("factor.lastCode")} button={t("factor.remove")} danger busy={remove.isPending} onDone={(code) => remove.mutate(code, { onSuccess: () => setRemoving(false) })} />}
        {data && !data.enabled && !enrolment && (
          <>
            <div>{t("factor.off")}</div>
            <Ask label={t("profile.oldPassword")} button={t("factor.begin")} secret busy={enrol.isPending} onDone={enrol.mutate} />
          </>
        )}
        {enrolment && <Confirm enrolment={enrolment} busy={confirm.isPending} onCode={confirm.mutate} />}
        <ProblemAlert error={error ?? failed} />
      </div>
    </Card>
  );
}
