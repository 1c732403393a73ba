import { Link } from "@tanstack/react-router";
import type { TableColumnsType } from "antd";
import type { KindObject } from "../api/types";
import { Moment } from "../feedback/Moment";
import { PhaseTag } from "../feedback/PhaseTag";
import { useWords } from "../i18n/words";
import { useProjectName } from "../session/project";
import type { KindInfo } from "./catalogue";
import { lookup } from "./path";
import { Value } from "./Value";
import { PowerTag } from "../servers/PowerTag";

const special: Record<string, (values: unknown[]) => React.ReactNode> = {
  "status.power": (values) => <PowerTag power={values[0] as string | undefined} />,
};

/** The columns a kind names itself, between those that all have. */
export function useColumns(kind: KindInfo, withProject: boolean): TableColumnsType<KindObject> {
  const { t, field } = useWords();
  const projectName = useProjectName();
  return [
    {
      title: t("list.name"),
      key: "name",
      fixed: "left",
      sorter: (a, b) => a.name.localeCompare(b.name),
      render: (_, o) => (
        <Link to="/$plural/$id" params={{ plural: kind.plural, id: o.id }}>
          {o.name}
        </Link>
      ),
    },
    { title: t("list.phase"), key: "phase", sorter: (a, b) => a.phase.localeCompare(b.phase), render: (_, o) => <PhaseTag phase={o.phase} /> },
    ...kind.columns.map((c) => ({
      title: field(c.header),
      key: c.path,
      sorter: (a: KindObject, b: KindObject) => String(lookup(a, c.path)[0] ?? "").localeCompare(String(lookup(b, c.path)[0] ?? ""), undefined, { numeric: true }),
      render: (_: unknown, o: KindObject) => special[c.path]?.(lookup(o, c.path)) ?? <Value values={lookup(o, c.path)} />,
    })),
    ...(withProject ? [{ title: t("list.project"), key: "project", render: (_: unknown, o: KindObject) => projectName(o.project) }] : []),
    { title: t("list.updated"), key: "updated", render: (_, o) => <Moment at={o.updatedAt} /> },
  ];
}
