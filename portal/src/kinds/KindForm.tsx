import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useRouter } from "@tanstack/react-router";
import { Alert, App, Button, Card, Form, Input, Select } from "antd";
import { useState } from "react";
import { objects } from "../api/client";
import { ProblemError } from "../api/problem";
import { keep } from "../api/live";
import { keys } from "../api/queries";
import type { Applied, KindObject } from "../api/types";
import { ProblemAlert } from "../feedback/ProblemAlert";
import { useWords } from "../i18n/words";
import { useCan, useMe } from "../session/permissions";
import { useProject } from "../session/project";
import { type KindInfo, schemaOf } from "./catalogue";
import { blank, compact, expand, formPath, mapOf, pairsOf } from "./formValues";
import { SchemaFields } from "./SchemaFields";

export interface Values {
  name: string;
  project?: string;
  labels?: string[];
  spec?: Record<string, unknown>;
}

function useSave(kind: KindInfo, object: KindObject | undefined, form: ReturnType<typeof Form.useForm<Values>>[0]) {
  const { t, kind: kindName } = useWords();
  const { message } = App.useApp();
  const cache = useQueryClient();
  const navigate = useNavigate();
  const schema = schemaOf(kind.schema);
  return useMutation({
    mutationFn: ({ values, dryRun }: { values: Values; dryRun: boolean }): Promise<Applied> => {
      const spec = (compact(values.spec, schema) ?? {}) as Record<string, unknown>;
      const labels = mapOf(values.labels ?? []);
      if (object) return objects.update(kind.plural, object.id, object.version, { spec, labels });
      return objects.create(kind.plural, { name: values.name, spec, labels, ...(kind.scoping === "project" ? { project: values.project } : {}) }, dryRun);
    },
    onSuccess: async (applied, { dryRun }) => {
      if (dryRun) return;
      const named = { kind: kindName(kind.name), name: applied.object.name };
      message.success(object ? t("form.saved") : t(applied.operation ? "form.accepted" : "form.made", named));
      keep(cache, kind.plural, applied.object);
      await Promise.all([cache.invalidateQueries({ queryKey: keys.lists(kind.plural) }), cache.invalidateQueries({ queryKey: keys.operations })]);
      await navigate({ to: "/$plural/$id", params: { plural: kind.plural, id: applied.object.id } });
    },
    onError: (error) => {
      const wrong = error instanceof ProblemError ? (error.problem.fields ?? []) : [];
      form.setFields(wrong.map((f) => ({ name: formPath(f.path) as never, errors: [f.message] })));
    },
  });
}

function Checked({ applied }: { applied: Applied }) {
  const { t, metric } = useWords();
  const list = Object.entries(applied.charges ?? {}).map(([m, n]) => `${metric(m)} ${n}`);
  return <Alert type="success" showIcon title={t("form.checked")} description={list.length > 0 ? t("form.takes", { list: list.join(", ") }) : t("form.takesNothing")} />;
}

function ProjectField({ kind }: { kind: KindInfo }) {
  const { t } = useWords();
  const me = useMe();
  const can = useCan();
  const projects = me.nodes.filter((n) => n.type === "project" && can("create", kind.name, n.id));
  return (
    <Form.Item name="project" label={t("form.project")} rules={[{ required: true, message: t("form.required", { field: t("form.project") }) }]}>
      <Select showSearch={{ optionFilterProp: "label" }} options={projects.map((p) => ({ value: p.id, label: p.title ? `${p.title} (${p.fullName})` : p.fullName }))} />
    </Form.Item>
  );
}

/** Creates or changes an object of any kind by its schema; refusals stand at the fields they are about. */
export function KindForm({ kind, object, given }: { kind: KindInfo; object?: KindObject; given?: Partial<Values> }) {
  const { t } = useWords();
  const router = useRouter();
  const me = useMe();
  const project = useProject();
  const [form] = Form.useForm<Values>();
  const [dry, setDry] = useState(false);
  const save = useSave(kind, object, form);
  const projects = me.nodes.filter((n) => n.type === "project");
  const chosen = Form.useWatch("project", form) ?? object?.project;
  const schema = schemaOf(kind.schema);
  const initial = object
    ? { name: object.name, labels: pairsOf(object.labels), spec: expand(object.spec, schema) as Record<string, unknown> }
    : { project: project?.id ?? (projects.length === 1 ? projects[0]?.id : undefined), ...given, spec: { ...blank(schema), ...given?.spec } };
  const send = (dryRun: boolean) => form.validateFields().then((values) => (setDry(dryRun), save.mutate({ values, dryRun })), () => undefined);
  return (
    <Card>
      <Form form={form} layout="vertical" initialValues={initial} scrollToFirstError onFinish={() => void send(false)}>
        {!object && (
          <Form.Item name="name" label={t("form.name")} extra={t("form.nameHint")} rules={[{ required: true, message: t("form.required", { field: t("form.name") }) }, { pattern: /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, message: t("form.nameHint") }]}>
            <Input autoFocus maxLength={63} autoComplete="off" />
          </Form.Item>
        )}
        {!object && kind.scoping === "project" && <ProjectField kind={kind} />}
        <SchemaFields schema={schema} at={["spec"]} project={chosen} />
        <Form.Item name="labels" label={t("form.labels")}>
          <Select mode="tags" open={false} suffixIcon={null} placeholder={t("form.pairs")} tokenSeparators={[" "]} />
        </Form.Item>
        <div className="stack">
          <ProblemAlert error={save.error} />
          {save.data && dry && <Checked applied={save.data} />}
          <div className="row">
            <Button type="primary" htmlType="submit" loading={save.isPending && !dry}>
              {object ? t("detail.save") : t("form.create")}
            </Button>
            {!object && (
              <Button onClick={() => void send(true)} loading={save.isPending && dry}>
                {t("form.check")}
              </Button>
            )}
            <Button type="text" onClick={() => router.history.back()}>
              {t("detail.cancel")}
            </Button>
          </div>
        </div>
      </Form>
    </Card>
  );
}
