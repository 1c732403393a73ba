import { Button, Card, Form, Input, InputNumber, Radio, Select, Switch } from "antd";
import { ProblemError } from "../api/problem";
import type { Blueprint, Bundle, Schemas } from "../api/types";
import { ProblemAlert } from "../feedback/ProblemAlert";
import { useHelp } from "../i18n/help";
import { useWords } from "../i18n/words";
import { referred } from "../kinds/catalogue";
import { ReferenceField } from "../kinds/ReferenceField";
import { useCan, useMe } from "../session/permissions";
import { useProject } from "../session/project";
import { type Order, orderOf, type OrderValues, parametersOf, sizesOf } from "./order";

function ParameterField({ name, parameter: p }: { name: string; parameter: Schemas["Parameter"] }) {
  const { t, field } = useWords();
  const help = useHelp();
  const project = Form.useWatch<string | undefined>("project");
  const made = (p.generate ?? 0) > 0;
  // A parameter that has a kind's name is one of that kind.
  const kind = p.type === "string" && !p.secret ? referred(name) : undefined;
  const control = kind ? <ReferenceField kind={kind} many={false} project={project} /> : p.type === "integer" ? <InputNumber precision={0} style={{ width: "100%" }} /> : p.secret ? <Input.Password placeholder={made ? t("bundles.generated") : undefined} autoComplete="new-password" /> : <Input />;
  const rules = [
    ...(made || p.default !== undefined || p.type === "boolean" ? [] : [{ required: true, message: t("form.required", { field: field(name) }) }]),
    ...(p.pattern ? [{ pattern: new RegExp(p.pattern), message: p.pattern }] : []),
  ];
  return (
    <Form.Item name={["parameters", name]} label={field(name)} extra={help(p.description)} rules={rules} initialValue={p.default} valuePropName={p.type === "boolean" ? "checked" : "value"}>
      {p.type === "boolean" ? <Switch /> : control}
    </Form.Item>
  );
}

interface Props {
  blueprint: Blueprint;
  existing?: Bundle;
  busy: boolean;
  error: unknown;
  onOrder: (order: Order) => void;
}

/** Name, project, size and parameters of an order. */
export function OrderForm({ blueprint: b, existing, busy, error, onOrder }: Props) {
  const { t } = useWords();
  const help = useHelp();
  const me = useMe();
  const can = useCan();
  const project = useProject();
  const projects = me.nodes.filter((n) => n.type === "project" && can("create", "bundle", n.id));
  const sizes = sizesOf(b);
  const initial = existing
    ? { name: existing.name, project: existing.project, size: existing.spec.size, parameters: existing.spec.parameters }
    : { name: b.name, project: project?.id ?? (projects.length === 1 ? projects[0]?.id : undefined), size: sizes[0]?.[0] };
  const wrong = error instanceof ProblemError ? error.problem : undefined;
  return (
    <Card>
      <Form layout="vertical" initialValues={initial} scrollToFirstError onFinish={(v: OrderValues) => onOrder(orderOf(b.name, { ...v, ...(existing ? { name: existing.name, project: existing.project ?? "" } : {}) }))}>
        <Form.Item name="name" label={t("bundles.name")} extra={t("form.nameHint")} rules={[{ required: true, message: t("form.required", { field: t("form.name") }) }, { pattern: /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, message: t("form.nameHint") }]}>
          <Input maxLength={40} disabled={!!existing} autoComplete="off" />
        </Form.Item>
        <Form.Item name="project" label={t("form.project")} rules={[{ required: true, message: t("form.required", { field: t("form.project") }) }]}>
          <Select disabled={!!existing} options={projects.map((p) => ({ value: p.id, label: p.title ? `${p.title} (${p.fullName})` : p.fullName }))} />
        </Form.Item>
        <Form.Item name="size" label={t("bundles.size")}>
          <Radio.Group>
            <div className="stack" style={{ gap: 8 }}>
              {sizes.map(([name, size]) => (
                <Radio key={name} value={name}>
                  <strong>{name}</strong> · {help(size.description)}
                </Radio>
              ))}
            </div>
          </Radio.Group>
        </Form.Item>
        {parametersOf(b).map(([name, p]) => (
          <ParameterField key={name} name={name} parameter={p} />
        ))}
        <div className="stack">
          <ProblemAlert error={error} title={wrong?.title} />
          <div>
            <Button type="primary" htmlType="submit" loading={busy}>
              {t("bundles.plan")}
            </Button>
          </div>
        </div>
      </Form>
    </Card>
  );
}
