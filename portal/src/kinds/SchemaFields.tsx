import { MinusCircleOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Card, Collapse, Form, Input, InputNumber, Select, Switch } from "antd";
import type { ReactNode } from "react";
import { useWords } from "../i18n/words";
import { type JsonSchema, referred, schemaOf } from "./catalogue";
import { isMap, typeOf } from "./formValues";
import { ReferenceField } from "./ReferenceField";

type Path = (string | number)[];
interface FieldProps {
  name: string;
  schema: JsonSchema;
  at: Path;
  /** Where the form keeps it, for fields within lists. */
  full: Path;
  required: boolean;
  project?: string;
}

const long = 1000;
const pairRule = (message: string) => ({ validator: (_: unknown, v?: string[]) => (v?.every((p) => /^[^=]+=/.test(p)) ?? true) ? Promise.resolve() : Promise.reject(new Error(message)) });

function useControl({ name, schema, project }: FieldProps): ReactNode {
  const { t } = useWords();
  const type = typeOf(schema);
  const kind = referred(name);
  if (schema.enum) return <Select allowClear options={schema.enum.map((v) => ({ value: v as string, label: String(v) }))} />;
  if (kind && (type === "string" || (type === "array" && typeOf(schemaOf(schema.items ?? {})) === "string"))) return <ReferenceField kind={kind} many={type === "array"} project={project} />;
  if (isMap(schema)) return <Select mode="tags" open={false} suffixIcon={null} placeholder={t("form.pairs")} tokenSeparators={[" "]} />;
  if (type === "array") return <Select mode="tags" open={false} suffixIcon={null} placeholder={t("form.tags")} tokenSeparators={[" ", ","]} />;
  if (type === "integer" || type === "number") return <InputNumber style={{ width: "100%" }} min={schema.minimum} max={schema.maximum} precision={type === "integer" ? 0 : undefined} />;
  if (schema.writeOnly || (schema.maxLength ?? 0) > long) return <Input.TextArea autoSize={{ minRows: 3, maxRows: 14 }} className="mono" spellCheck={false} />;
  return <Input />;
}

function Leaf(props: FieldProps) {
  const { t, field } = useWords();
  const { name, schema, at, required } = props;
  const control = useControl(props);
  const label = field(name);
  const common = { name: at, label, extra: schema.description };
  if (typeOf(schema) === "boolean")
    return (
      <Form.Item {...common} valuePropName="checked" initialValue={schema.default ?? (required ? false : undefined)}>
        <Switch aria-label={label} />
      </Form.Item>
    );
  const rules = [...(required ? [{ required: true, message: t("form.required", { field: label }) }] : []), ...(isMap(schema) ? [pairRule(t("form.pairWrong"))] : [])];
  return (
    <Form.Item {...common} rules={rules}>
      {control}
    </Form.Item>
  );
}

/** A list of objects, each with fields of its own. */
function Rows({ name, schema, at, full, project }: FieldProps) {
  const { t, field } = useWords();
  const row = schemaOf(schema.items ?? {});
  const what = field(name);
  return (
    <Form.List name={at}>
      {(rows, { add, remove }) => (
        <Card size="small" title={what} style={{ marginBottom: 20 }} extra={<Button size="small" icon={<PlusOutlined />} aria-label={t("form.add", { what })} onClick={() => add()} />}>
          {schema.description && <p className="muted" style={{ marginTop: 0 }}>{schema.description}</p>}
          {rows.map((r) => (
            <div key={r.key} style={{ display: "grid", gridTemplateColumns: "1fr auto", gap: 12 }}>
              <div style={{ display: "grid", gridTemplateColumns: "repeat(auto-fit, minmax(150px, 1fr))", gap: "0 12px" }}>
                <Each schema={row} at={[r.name]} full={[...full, r.name]} project={project} />
              </div>
              <Button type="text" icon={<MinusCircleOutlined />} aria-label={t("form.remove", { what })} style={{ marginTop: 30 }} onClick={() => remove(r.name)} />
            </div>
          ))}
        </Card>
      )}
    </Form.List>
  );
}

function Field(props: FieldProps) {
  const { field } = useWords();
  const { name, schema } = props;
  const type = typeOf(schema);
  if (type === "array" && schemaOf(schema.items ?? {}).properties) return <Rows {...props} />;
  if (type === "object" && schema.properties)
    return (
      <Card size="small" title={field(name)} style={{ marginBottom: 20 }}>
        <Each schema={schema} at={props.at} full={props.full} project={props.project} />
      </Card>
    );
  return <Leaf {...props} />;
}

function Each({ schema, at, full, project, only }: { schema: JsonSchema; at: Path; full: Path; project?: string; only?: (name: string) => boolean }) {
  const names = Object.entries(schema.properties ?? {}).filter(([name, s]) => !s.readOnly && (only?.(name) ?? true));
  const needed = new Set(schema.required);
  const rank = (name: string) => (needed.has(name) ? 0 : 1);
  return names
    .toSorted(([a], [b]) => rank(a) - rank(b))
    .map(([name, s]) => <Field key={name} name={name} schema={schemaOf(s)} at={[...at, name]} full={[...full, name]} required={needed.has(name)} project={project} />);
}

/** Fields for every property of a schema: what is needed first, the rest folded away when it is much. */
export function SchemaFields({ schema, at, project }: { schema: JsonSchema; at: Path; project?: string }) {
  const { t } = useWords();
  const needed = new Set(schema.required);
  const optional = Object.entries(schema.properties ?? {}).filter(([n, s]) => !needed.has(n) && !s.readOnly).length;
  if (optional <= 4 || needed.size === 0) return <Each schema={schema} at={at} full={at} project={project} />;
  return (
    <>
      <Each schema={schema} at={at} full={at} project={project} only={(n) => needed.has(n)} />
      <Collapse
        ghost
        items={[{ key: "more", label: t("form.optional"), forceRender: true, children: <Each schema={schema} at={at} full={at} project={project} only={(n) => !needed.has(n)} /> }]}
      />
    </>
  );
}
