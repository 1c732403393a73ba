import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, Form, Input, Modal } from "antd";
import { useState } from "react";
import { objects } from "../api/client";
import { keep } from "../api/live";
import { keys } from "../api/queries";
import { ProblemAlert } from "../feedback/ProblemAlert";
import { useWords } from "../i18n/words";
import { useCan, useMe } from "../session/permissions";
import { isOpen, isOwn, mayDecide, type Request } from "./decide";

type Act = "approve" | "refuse" | "comment" | "withdraw";
/** The field of an action's input that takes what is said. */
const said: Record<Act, string | undefined> = { approve: "note", refuse: "reason", comment: "text", withdraw: undefined };

function Dialog({ request: r, act, onClose }: { request: Request; act: Act; onClose: () => void }) {
  const { t } = useWords();
  const cache = useQueryClient();
  const field = said[act];
  const needed = act === "refuse" || act === "comment";
  const send = useMutation({
    mutationFn: ({ text }: { text?: string }) => objects.act("requests", r.id, act, field && text ? { [field]: text } : field ? {} : undefined),
    onSuccess: async (applied) => {
      keep(cache, "requests", applied.object);
      onClose();
      await Promise.all([cache.invalidateQueries({ queryKey: keys.lists("requests") }), cache.invalidateQueries({ queryKey: keys.operations })]);
    },
  });
  const [form] = Form.useForm<{ text?: string }>();
  const label = act === "refuse" ? t("requests.reason") : act === "comment" ? t("requests.comment") : t("requests.note");
  return (
    <Modal open title={`${t(`requests.${act}`)}: ${r.name}`} okText={t(`requests.${act}`)} cancelText={t("detail.cancel")} onCancel={onClose} onOk={form.submit} okButtonProps={{ loading: send.isPending, danger: act === "refuse" }}>
      <Form form={form} layout="vertical" onFinish={(v) => send.mutate(v)}>
        {field && (
          <Form.Item name="text" label={label} extra={act === "approve" ? t("requests.noteHint") : undefined} rules={needed ? [{ required: true, whitespace: true, message: t("form.required", { field: label }) }] : []}>
            <Input.TextArea autoFocus maxLength={1000} autoSize={{ minRows: 2, maxRows: 8 }} />
          </Form.Item>
        )}
      </Form>
      <ProblemAlert error={send.error} />
    </Modal>
  );
}

/** The buttons of a request that is open: for who decides, for who asked, and for all who see it. */
export function Decision({ request: r }: { request: Request }) {
  const { t } = useWords();
  const me = useMe();
  const can = useCan();
  const [act, setAct] = useState<Act>();
  if (!isOpen(r)) return null;
  const decides = mayDecide(me, r);
  return (
    <div className="stack" style={{ gap: 8 }}>
      <div className="row">
        {decides && <Button type="primary" onClick={() => setAct("approve")}>{t("requests.approve")}</Button>}
        {decides && <Button danger onClick={() => setAct("refuse")}>{t("requests.refuse")}</Button>}
        {can("comment", "request", r.project) && <Button onClick={() => setAct("comment")}>{t("requests.comment")}</Button>}
        {isOwn(me, r) && <Button onClick={() => setAct("withdraw")}>{t("requests.withdraw")}</Button>}
      </div>
      {!decides && <div className="muted">{isOwn(me, r) ? t("requests.own") : t("requests.notYours")}</div>}
      {act && <Dialog request={r} act={act} onClose={() => setAct(undefined)} />}
    </div>
  );
}
