import { useQuery } from "@tanstack/react-query";
import { Select } from "antd";
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

/** Chooses objects of a kind by name; objects stored by id are shown by name, too. */
export function ReferenceField({ kind, many, project, ...field }: Props) {
  const { t, inlinePlural } = useWords();
  const scoped = kind.scoping === "project";
  const { data, isFetching } = useQuery({ ...queries.list(kind.plural, { limit: 1000, project: scoped ? project : undefined }), enabled: !scoped || !!project });
  const chosen = new Set([field.value ?? []].flat());
  const options = (data?.items ?? []).map((o) => ({ value: chosen.has(o.id) ? o.id : o.name, label: o.name }));
  return (
    <Select
      {...field}
      allowClear
      showSearch
      mode={many ? "multiple" : undefined}
      loading={isFetching}
      options={options}
      notFoundContent={isFetching ? t("app.loading", { what: "" }) : t("list.empty", { kinds: inlinePlural(kind.plural) })}
    />
  );
}
