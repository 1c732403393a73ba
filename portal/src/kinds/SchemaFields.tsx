import { MinusCircleOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Card, Collapse, Form, Input, InputNumber, Select, Switch } from "antd";
import { createContext, type ReactNode, use } from "react";
import { useHelp } from "../i18n/help";
import { useWords } from "../i18n/words";
import { referred } from "./catalogue";
import { type JsonSchema, schemaOf } from "./schemas";
import { blank, isMap, typeOf } from "./formValues";
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

/** What a kind's page knows of fields and their schema does not; fields are named by their path without numbers: spec.apps.app. */
export interface Hints {
  controls?: Record<string, (project?: string) => ReactNode>;
  /** Fields that stand before others, in this order, and are not folded away. */
  first?: string[];
}
export const HintsContext = createContext<Hints>({});
const pathOf = (full: Path): string => full.filter((step) => typeof step === "string").join(".");

const long = 1000;
const pairRule = (message: string) => ({ validator: (_: unknown, v?: string[]) => (v?.every((p) => /^[^=]+=/.test(p)) ?? true) ? Promise.resolve() : Promise.reject(new Error(message)) });

/** A time of the API as an input of the browser takes it, and back. */
const moment = {
  getValueProps: (iso?: string) => ({ value: iso && new Date(Date.parse(iso) - new Date(iso).getTimezoneOffset() * 60_000).toISOString().slice(0, 19) }),
  normalize: (local: string) => (local ? new Date(local).toISOString() : undefined),
};

function useControl({ name, schema, full, project }: FieldProps): ReactNode {
  const { t } = useWords();
  const own = use(HintsContext).controls?.[pathOf(full)];
  if (own) return own(project);
  const type = typeOf(schema);
  const kind = referred(name);
  if (schema.enum) return <Select allowClear options={schema.enum.map((v) => ({ value: v as string, label: String(v) }))} />;
  if (kind && (type === "string" || (type === "array" && typeOf(schemaOf(schema.items ?? {})) === "string"))) return <ReferenceField kind={kind} many={type === "array"} project={project} />;
  if (isMap(schema)) return <Select mode="tags" open={false} suffixIcon={null} placeholder={t("form.pairs")} tokenSeparators={[" "]} />;
  if (type === "array") return <Select mode="tags" open={false} suffixIcon={null} placeholder={t("form.tags")} tokenSeparators={[" ", ","]} />;
  if (type === "integer" || type === "number") return <InputNumber style={{ width: "100%" }} min={schema.minimum} max={schema.maximum} precision={type === "integer" ? 0 : undefined} />;
  if (schema.format === "date-time") return <Input type="datetime-local" step={1} />;
  if (schema.writeOnly || (schema.maxLength ?? 0) > long) return <Input.TextArea autoSize={{ minRows: 3, maxRows: 14 }} className="mono" spellCheck={false} />;
  return <Input />;
}

function Leaf(props: FieldProps) {
  const { t, field } = useWords();
  const { name, schema, at, required } = props;
  const control = useControl(props);
  const help = useHelp();
  const label = field(name);
  const common = { name: at, label, extra: help(schema.description), ...(schema.format === "date-time" ? moment : {}) };
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

// A card within a row takes the row's whole width: its fields have none to spare.
const wide = { marginBottom: 20, gridColumn: "1 / -1" };

/** A list of objects, each with fields of its own. */
function Rows({ name, schema, at, full, project }: FieldProps) {
  const { t, field } = useWords();
  const row = schemaOf(schema.items ?? {});
  const what = field(name);
  const help = useHelp();
  return (
    <Form.List name={at}>
      {(rows, { add, remove }) => (
        <Card size="small" title={what} style={wide} extra={<Button size="small" icon={<PlusOutlined />} aria-label={t("form.add", { what })} onClick={() => add(blank(row))} />}>
          {schema.description && <p className="muted" style={{ marginTop: 0 }}>{help(schema.description)}</p>}
          {rows.map((r) => (
            <div key={r.key} style={{ display: "grid", gridTemplateColumns: "1fr auto", gap: 12 }}>
              <div style={{ display: "grid", gridTemplateColumns: "repeat(auto-fit, minmax(150px, 1fr))", gap: "0 12px" }}>
                <SchemaFields schema={row} at={[r.name]} full={[...full, r.name]} project={project} />
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
      <Card size="small" title={field(name)} style={wide}>
        <Each schema={schema} at={props.at} full={props.full} project={props.project} />
      </Card>
    );
  return <Leaf {...props} />;
}

function Each({ schema, at, full, project, only }: { schema: JsonSchema; at: Path; full: Path; project?: string; only?: (name: string) => boolean }) {
  const rank = useRank(schema, full);
  const names = Object.entries(schema.properties ?? {}).filter(([name, s]) => !s.readOnly && (only?.(name) ?? true));
  const needed = new Set(schema.required);
  return names
    .toSorted(([a], [b]) => rank(a) - rank(b))
    .map(([name, s]) => <Field key={name} name={name} schema={schemaOf(s)} at={[...at, name]} full={[...full, name]} required={needed.has(name)} project={project} />);
}

/** The order of a schema's fields: what hints put first, what is needed, the rest, which is optional. */
function useRank(schema: JsonSchema, full: Path): (name: string) => number {
  const { first = [] } = use(HintsContext);
  const needed = new Set(schema.required);
  return (name) => {
    const at = first.indexOf(pathOf([...full, name]));
    if (at >= 0) return at - first.length;
    return needed.has(name) ? 0 : optionalRank;
  };
}
const optionalRank = 1;

/** Fields for every property of a schema: what is needed first, the rest folded away when it is much. */
export function SchemaFields({ schema, at, full = at, project }: { schema: JsonSchema; at: Path; full?: Path; project?: string }) {
  const { t } = useWords();
  const rank = useRank(schema, full);
  const names = Object.entries(schema.properties ?? {}).filter(([, s]) => !s.readOnly).map(([name]) => name);
  const optional = names.filter((n) => rank(n) === optionalRank).length;
  // Rows are short, and stay whole unless it is known what of them comes first.
  const whole = full === at ? optional <= 4 || optional === names.length : optional === 0 || names.every((n) => rank(n) >= 0);
  if (whole) return <Each schema={schema} at={at} full={full} project={project} />;
  return (
    <>
      <Each schema={schema} at={at} full={full} project={project} only={(n) => rank(n) < optionalRank} />
      <Collapse
        ghost
        style={{ gridColumn: "1 / -1" }}
        items={[{ key: "more", label: t("form.optional"), forceRender: true, children: <Each schema={schema} at={at} full={full} project={project} only={(n) => rank(n) === optionalRank} /> }]}
      />
    </>
  );
}
