import { FilterOutlined } from "@ant-design/icons";
import { Button, Form, Input, Popover, Select } from "antd";
import { useState } from "react";
import { useWords } from "../i18n/words";
import type { KindInfo } from "../kinds/catalogue";
import { type Field, type Filter, filterableOf, format, type Operator, operatorsOf } from "./filters";

const label = "labels.";
interface Values {
  path: string;
  key?: string;
  op: Operator;
  value: string | string[];
}

/** What a value is typed or chosen with, by the field's type. */
function ValueField({ field, op, ...control }: { field: Field; op: Operator; id?: string; value?: string | string[]; onChange?: (v: string | string[]) => void }) {
  const { t } = useWords();
  if (op === "in") return <Select {...control} mode="tags" options={field.values?.map((v) => ({ value: v }))} tokenSeparators={[",", " "]} placeholder={t("form.tags")} />;
  if (field.values) return <Select {...control} options={field.values.map((v) => ({ value: v }))} />;
  const number = field.type === "integer" || field.type === "number";
  return <Input id={control.id} type={field.type === "time" ? "date" : "text"} autoComplete="off" inputMode={number ? "numeric" : undefined} value={control.value} onChange={(e) => control.onChange?.(e.target.value)} />;
}

/** Puts a filter together from a field of the kind, an operator that goes with it, and a value. */
function Editor({ kind, onDone }: { kind: KindInfo; onDone: (filter: Filter) => void }) {
  const { t } = useWords();
  const [form] = Form.useForm<Values>();
  const fields = filterableOf(kind);
  const path = Form.useWatch("path", form) ?? "";
  const op = Form.useWatch("op", form) ?? "=";
  const field: Field = path === label ? { path, type: "text" } : (fields.find((f) => f.path === path) ?? { path, type: "text" });
  const allowed = path === label ? (["=", "!=", "in", "prefix"] as Operator[]) : operatorsOf(field);
  const finish = (v: Values) => onDone({ field: v.path === label ? label + (v.key ?? "").trim() : v.path, op: v.op, value: [v.value].flat().join(",") });
  const needed = (name: string) => [{ required: true, message: t("form.required", { field: name }) }];
  return (
    <Form form={form} layout="vertical" requiredMark={false} style={{ width: 300 }} initialValues={{ path: label, op: "=" }} onFinish={finish}>
      <Form.Item name="path" label={t("lists.field")} style={{ marginBottom: 12 }}>
        <Select showSearch autoFocus options={[{ value: label, label: t("lists.label") }, ...fields.map((f) => ({ value: f.path }))]} onChange={() => form.setFieldsValue({ op: "=", value: undefined })} />
      </Form.Item>
      {path === label && (
        <Form.Item name="key" label={t("lists.labelKey")} rules={needed(t("lists.labelKey"))} style={{ marginBottom: 12 }}>
          <Input autoComplete="off" />
        </Form.Item>
      )}
      <Form.Item name="op" label={t("lists.operator")} style={{ marginBottom: 12 }}>
        <Select options={allowed.map((o) => ({ value: o, label: t(`lists.operators.${o}`) }))} onChange={() => form.setFieldsValue({ value: undefined })} />
      </Form.Item>
      <Form.Item name="value" label={t("lists.value")} rules={needed(t("lists.value"))} style={{ marginBottom: 12 }}>
        <ValueField field={field} op={op} />
      </Form.Item>
      <Button type="primary" htmlType="submit" block>
        {t("lists.add")}
      </Button>
    </Form>
  );
}

/** A button that opens the editor. */
export function FilterForm({ kind, add }: { kind: KindInfo; add: (filter: string) => void }) {
  const { t } = useWords();
  const [open, setOpen] = useState(false);
  const done = (filter: Filter) => (setOpen(false), add(format(filter)));
  return (
    <Popover trigger="click" placement="bottomLeft" open={open} onOpenChange={setOpen} destroyOnHidden title={t("lists.filter")} content={<Editor kind={kind} onDone={done} />}>
      <Button icon={<FilterOutlined />} aria-expanded={open}>
        {t("lists.filter")}
      </Button>
    </Popover>
  );
}
