import { Link } from "@tanstack/react-router";
import type { TableColumnsType } from "antd";
import { type ReactNode, useMemo } from "react";
import type { KindObject } from "../api/types";
import { Labels } from "../feedback/Labels";
import { Moment } from "../feedback/Moment";
import { PhaseTag } from "../feedback/PhaseTag";
import { useWords, type Words } from "../i18n/words";
import { useProjectName } from "../session/project";
import { PowerTag } from "../servers/PowerTag";
import type { KindInfo } from "./catalogue";
import { fieldsOf } from "./schemas";
import { lookup } from "./path";
import { Value } from "./Value";

/** A column that a list can have. */
export interface Column {
  /** Path of what it shows. */
  key: string;
  title: string;
  render: (object: KindObject) => ReactNode;
  /** Whether it is there until others are chosen. */
  usual: boolean;
}

const special: Record<string, (values: unknown[]) => ReactNode> = {
  "status.power": (values) => <PowerTag power={values[0] as string | undefined} />,
};

/** Every column a kind's list can have: those that all have, those the kind names, then the rest of its fields. */
export function useAllColumns(kind: KindInfo, withProject: boolean): Column[] {
  const words = useWords();
  const projectName = useProjectName();
  return useMemo(() => columnsOf(kind, withProject, words, projectName), [kind, withProject, words, projectName]);
}

function columnsOf(kind: KindInfo, withProject: boolean, { t, field }: Words, projectName: (id?: string) => string): Column[] {
  const value = (path: string) => (o: KindObject) => special[path]?.(lookup(o, path)) ?? <Value values={lookup(o, path)} />;
  const named = new Set(kind.columns.map((c) => c.path));
  const rest = Object.keys(fieldsOf(kind)).filter((path) => !named.has(path)).toSorted();
  return [
    { key: "name", title: t("list.name"), usual: true, render: (o) => <Link to="/$plural/$id" params={{ plural: kind.plural, id: o.id }}>{o.name}</Link> },
    { key: "phase", title: t("list.phase"), usual: true, render: (o) => <PhaseTag phase={o.phase} /> },
    ...kind.columns.map((c): Column => ({ key: c.path, title: field(c.header), usual: true, render: value(c.path) })),
    ...(kind.scoping !== "global" ? [{ key: "project", title: t("list.project"), usual: withProject, render: (o: KindObject) => projectName(o.project) }] : []),
    { key: "labels", title: t("detail.labels"), usual: false, render: (o) => <Labels plural={kind.plural} of={o.labels} /> },
    { key: "createdAt", title: t("list.created"), usual: false, render: (o) => <Moment at={o.createdAt} /> },
    { key: "updatedAt", title: t("list.updated"), usual: true, render: (o) => <Moment at={o.updatedAt} /> },
    { key: "createdBy", title: t("lists.createdBy"), usual: false, render: value("createdBy") },
    ...rest.map((path): Column => ({ key: path, title: field(path.split(".").at(-1) ?? path), usual: false, render: value(path) })),
  ];
}

/** The columns a list begins with, for tables that are whole and short. */
export function useColumns(kind: KindInfo, withProject: boolean): TableColumnsType<KindObject> {
  const text = (o: KindObject, key: string) => String(lookup(o, key)[0] ?? "");
  return useAllColumns(kind, withProject)
    .filter((c) => c.usual)
    .map((c) => ({ key: c.key, title: c.title, render: (_: unknown, o: KindObject) => c.render(o), sorter: (a: KindObject, b: KindObject) => text(a, c.key).localeCompare(text(b, c.key), undefined, { numeric: true }), ...(c.key === "name" ? { fixed: "left" as const } : {}) }));
}
