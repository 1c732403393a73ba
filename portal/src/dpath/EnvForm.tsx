import { useQuery } from "@tanstack/react-query";
import { useParams, useSearch } from "@tanstack/react-router";
import { Form, Select } from "antd";
import { queries } from "../api/queries";
import { Loading } from "../feedback/Loading";
import { ProblemAlert } from "../feedback/ProblemAlert";
import { useWords } from "../i18n/words";
import { kindNamed, kindOf } from "../kinds/catalogue";
import { EditKind, NewKind } from "../kinds/KindFormPage";
import { lookup } from "../kinds/path";
import { ReferenceField } from "../kinds/ReferenceField";
import { type Hints, HintsContext } from "../kinds/SchemaFields";

interface Control {
  project?: string;
  // What a form hands to its fields.
  id?: string;
  value?: string;
  onChange?: (value: string) => void;
}

/** Chooses one of the apps of the chain that was chosen. */
function AppField({ project, ...control }: Control) {
  const { t } = useWords();
  const chosen = Form.useWatch<string | undefined>(["spec", "chain"]);
  const { data } = useQuery({ ...queries.list("dpathchains", { limit: 1000, project }), enabled: !!project });
  const chain = data?.items.find((c) => c.id === chosen || c.name === chosen);
  const options = lookup(chain, "spec.apps.name").map((name) => ({ value: String(name) }));
  return <Select {...control} showSearch options={options} notFoundContent={t("dpath.chainFirst")} />;
}

const chainKind = kindNamed("dpathchain");
const hints: Hints = {
  controls: {
    "spec.chain": (project) => chainKind && <ReferenceField kind={chainKind} many={false} project={project} />,
    "spec.apps.app": (project) => <AppField project={project} />,
  },
  first: ["chain", "apps", "identify", "failoverPolicy", "apps.app", "apps.count", "apps.nodegroup", "identify.conditions.type", "identify.conditions.key", "identify.conditions.op", "identify.conditions.value"].map((f) => `spec.${f}`),
};
const kind = kindOf("dpathenvs");

// One app and one condition are asked for at once: an environment without them is possible, but seldom meant.
const rows = { apps: [{}], identify: [{ conditions: [{}] }] };

/** A new environment, of the chain that it was asked for at, if any. */
export function EnvNew() {
  const { inline } = useWords();
  const { chain } = useSearch({ strict: false }) as { chain?: string };
  const { data, error } = useQuery({ ...queries.object("dpathchains", chain ?? ""), enabled: !!chain });
  if (!kind) return null;
  if (error) return <div className="page"><ProblemAlert error={error} /></div>;
  if (chain && !data) return <Loading what={inline("dpathchain")} />;
  return (
    <HintsContext value={hints}>
      <NewKind kind={kind} given={data ? { project: data.project, spec: { chain: data.id, ...rows } } : { spec: rows }} />
    </HintsContext>
  );
}

export function EnvEdit() {
  const { id } = useParams({ from: "/frame/pages/dpathenvs/$id/edit" });
  return kind && <HintsContext value={hints}><EditKind key={id} kind={kind} id={id} /></HintsContext>;
}
