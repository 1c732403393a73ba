import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useRouter } from "@tanstack/react-router";
import { App, Button, Card, Form, Input, Select } from "antd";
import { objects } from "../api/client";
import { ProblemError } from "../api/problem";
import { keep } from "../api/live";
import { keys } from "../api/queries";
import type { Applied, KindObject } from "../api/types";
import { ProblemAlert } from "../feedback/ProblemAlert";
import { useWords } from "../i18n/words";
import { useCan, useMe } from "../session/permissions";
import { useUsualProject } from "../session/project";
import { type KindInfo } from "./catalogue";
import { schemaOf } from "./schemas";
import { blank, compact, expand, formPath, mapOf, pairsOf } from "./formValues";
import { PlanCard } from "./PlanCard";
import { SchemaFields } from "./SchemaFields";
import { useSaved } from "./undo";
import { usePlan } from "./usePlan";

export interface Values {
  name: string;
  project?: string;
  labels?: string[];
  spec?: Record<string, unknown>;
}

/** What a form's values ask the API for. */
function requestOf(kind: KindInfo, values: Values) {
  const spec = (compact(values.spec, schemaOf(kind.schema)) ?? {}) as Record<string, unknown>;
  return { name: values.name, spec, labels: mapOf(values.labels ?? []), ...(kind.scoping === "global" || !values.project ? {} : { project: values.project }) };
}

function apply(kind: KindInfo, object: KindObject | undefined, values: Values, dryRun: boolean): Promise<Applied> {
  const { spec, labels, ...rest } = requestOf(kind, values);
  return object ? objects.update(kind.plural, object.id, object.version, { spec, labels }, dryRun) : objects.create(kind.plural, { ...rest, spec, labels }, dryRun);
}

function useSave(kind: KindInfo, object: KindObject | undefined, form: ReturnType<typeof Form.useForm<Values>>[0]) {
  const { t, kind: kindName } = useWords();
  const { message } = App.useApp();
  const cache = useQueryClient();
  const navigate = useNavigate();
  const saved = useSaved(kind);
  return useMutation({
    // What it was before is kept here: the stream may tell the change before its answer comes.
    mutationFn: async (values: Values) => ({ before: object, applied: await apply(kind, object, values, false) }),
    onSuccess: async ({ before, applied }) => {
      keep(cache, kind.plural, applied.object);
      if (before) saved(before, applied);
      else message.success(t(applied.operation ? "form.accepted" : "form.made", { kind: kindName(kind.name), name: applied.object.name }));
      await Promise.all([cache.invalidateQueries({ queryKey: keys.lists(kind.plural) }), cache.invalidateQueries({ queryKey: keys.operations })]);
      await navigate({ to: "/$plural/$id", params: { plural: kind.plural, id: applied.object.id } });
    },
    onError: (error) => {
      const wrong = error instanceof ProblemError ? (error.problem.fields ?? []) : [];
      form.setFields(wrong.map((f) => ({ name: formPath(f.path) as never, errors: [f.message] })));
    },
  });
}

/** What it is to be called. */
export function NameField({ autoFocus }: { autoFocus?: boolean }) {
  const { t } = useWords();
  return (
    <Form.Item name="name" label={t("form.name")} extra={t("form.nameHint")} rules={[{ required: true, message: t("form.required", { field: t("form.name") }) }, { pattern: /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, message: t("form.nameHint") }]}>
      <Input autoFocus={autoFocus} maxLength={63} autoComplete="off" />
    </Form.Item>
  );
}

/** Whose it is to be: of the projects that the user may make such a thing in. */
export function ProjectField({ kind, hint }: { kind: KindInfo; hint?: string }) {
  const { t } = useWords();
  const me = useMe();
  const can = useCan();
  const projects = me.nodes.filter((n) => n.type === "project" && can("create", kind.name, n.id));
  return (
    <Form.Item name="project" label={t("form.project")} extra={hint} rules={[{ required: kind.scoping === "project", message: t("form.required", { field: t("form.project") }) }]}>
      <Select allowClear={kind.scoping === "shared"} showSearch={{ optionFilterProp: "label" }} options={projects.map((p) => ({ value: p.id, label: p.title ? `${p.title} (${p.fullName})` : p.fullName }))} />
    </Form.Item>
  );
}

/** Creates or changes an object of any kind by its schema; refusals stand at the fields they are about. */
export function KindForm({ kind, object, given }: { kind: KindInfo; object?: KindObject; given?: Partial<Values> }) {
  const { t, inline } = useWords();
  const router = useRouter();
  const project = useUsualProject();
  const [form] = Form.useForm<Values>();
  const save = useSave(kind, object, form);
  const chosen = Form.useWatch("project", form) ?? object?.project;
  const schema = schemaOf(kind.schema);
  const initial = object
    ? { name: object.name, labels: pairsOf(object.labels), spec: expand(object.spec, schema) as Record<string, unknown> }
    : { project: project?.id, ...given, spec: { ...blank(schema), ...given?.spec } };
  const plan = usePlan<Values, Applied>(form, `${kind.plural} ${object?.id ?? ""} ${object?.version ?? ""}`, (values) => apply(kind, object, values, true));
  return (
    <Card>
      <Form form={form} layout="vertical" initialValues={initial} scrollToFirstError onFinish={(values) => save.mutate(values)}>
        {!object && <NameField autoFocus />}
        {!object && kind.scoping !== "global" && <ProjectField kind={kind} />}
        <SchemaFields schema={schema} at={["spec"]} project={chosen} />
        <Form.Item name="labels" label={t("form.labels")}>
          <Select mode="tags" open={false} suffixIcon={null} placeholder={t("form.pairs")} tokenSeparators={[" "]} />
        </Form.Item>
        <div className="stack">
          <ProblemAlert error={save.error} />
          <PlanCard kind={inline(kind.name)} object={object} project={chosen} {...plan} />
          <div className="row">
            <Button type="primary" htmlType="submit" loading={save.isPending}>
              {object ? t("detail.save") : t("form.create")}
            </Button>
            <Button type="text" onClick={() => router.history.back()}>
              {t("detail.cancel")}
            </Button>
          </div>
        </div>
      </Form>
    </Card>
  );
}
