import { Form, Modal } from "antd";
import type { KindObject } from "../api/types";
import { useWords } from "../i18n/words";
import { type KindInfo } from "./catalogue";
import { schemaOf } from "./schemas";
import { ProblemAlert } from "../feedback/ProblemAlert";
import { SchemaFields } from "./SchemaFields";
import { useAct } from "./ObjectActions";
import { compact } from "./formValues";

/** Asks for what an action needs, by the action's schema. */
export function ActionDialog({ kind, object, action, schema, onClose }: { kind: KindInfo; object: KindObject; action: string; schema: string; onClose: () => void }) {
  const { t, verb } = useWords();
  const act = useAct(kind, object);
  const [form] = Form.useForm<{ input: Record<string, unknown> }>();
  const send = ({ input }: { input?: Record<string, unknown> }) => act.mutate({ name: action, input: compact(input, schemaOf(schema)) ?? {} }, { onSuccess: onClose });
  return (
    <Modal open title={`${verb(action)} ${object.name}`} okText={verb(action)} cancelText={t("detail.cancel")} onCancel={onClose} onOk={form.submit} okButtonProps={{ loading: act.isPending }}>
      <Form form={form} layout="vertical" onFinish={send}>
        <SchemaFields schema={schemaOf(schema)} at={["input"]} project={object.project} />
      </Form>
      <ProblemAlert error={act.error} />
    </Modal>
  );
}
