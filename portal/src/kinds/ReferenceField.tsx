import { useQuery } from "@tanstack/react-query";
import { Select } from "antd";
import { useDeferredValue, useState } from "react";
import { queries } from "../api/queries";
import { useWords } from "../i18n/words";
import type { KindInfo } from "./catalogue";

interface Props {
  kind: KindInfo;
  many: boolean;
  project?: string;
  // What a form hands to its fields.
  id?: string;
  value?: string | string[];
  onChange?: (value: string | string[]) => void;
}

const shown = 100;
const isId = (v: string) => /^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(v);

/** Chooses objects of a kind by name; objects stored by id are shown by name, too. The server is only asked once it matters, and finds more than fits. */
export function ReferenceField({ kind, many, project, ...field }: Props) {
  const { t, inlinePlural } = useWords();
  const [open, setOpen] = useState(false);
  const [typed, type] = useState("");
  const search = useDeferredValue(typed.trim());
  const scoped = kind.scoping !== "global";
  const chosen = [field.value ?? []].flat();
  const asked = (kind.scoping !== "project" || !!project) && (open || chosen.some(isId));
  const whole = useQuery({ ...queries.list(kind.plural, { limit: shown, project: scoped ? project : undefined }), enabled: asked });
  const found = useQuery({ ...queries.list(kind.plural, { limit: shown, project: scoped ? project : undefined, search }), enabled: asked && search !== "" && !!whole.data?.next });
  const { data, isFetching } = search !== "" && whole.data?.next ? found : whole;
  const options = (data?.items ?? []).map((o) => ({ value: chosen.includes(o.id) ? o.id : o.name, label: o.name }));
  return (
    <Select
      {...field}
      allowClear
      showSearch={{ optionFilterProp: "label", onSearch: type }}
      onOpenChange={setOpen}
      mode={many ? "multiple" : undefined}
      loading={isFetching}
      options={options}
      notFoundContent={isFetching ? t("app.loading", { what: "" }) : t("list.empty", { kinds: inlinePlural(kind.plural) })}
    />
  );
}
