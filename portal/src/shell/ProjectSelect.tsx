import { useNavigate } from "@tanstack/react-router";
import { Select } from "antd";
import { useMemo } from "react";
import type { Node } from "../api/types";
import { useWords } from "../i18n/words";
import { useMe } from "../session/permissions";
import { useProject } from "../session/project";

const depth = (node: Node) => node.path.split("/").filter(Boolean).length;

/** The tree as one indented list in which only projects can be chosen. */
export function choices(nodes: Node[]) {
  const holding = (n: Node) => n.type === "project" || nodes.some((p) => p.type === "project" && p.path.startsWith(n.path));
  const shown = nodes.filter((n) => n.parentId && holding(n)).toSorted((a, b) => a.fullName.localeCompare(b.fullName));
  const base = Math.min(...shown.map(depth), Number.POSITIVE_INFINITY);
  return shown.map((n) => ({ value: n.fullName, name: n.title || n.name, search: `${n.fullName} ${n.title ?? ""}`.toLowerCase(), indent: depth(n) - base, disabled: n.type !== "project" }));
}

/** The list of projects to choose from; it comes open. */
export function ProjectSelect() {
  const { t } = useWords();
  const me = useMe();
  const project = useProject();
  const navigate = useNavigate();
  const options = useMemo(() => choices(me.nodes), [me.nodes]);
  const choose = (value: string) => void navigate({ to: ".", search: (s: object) => ({ ...s, project: value || undefined, after: undefined }) } as never);
  return (
    <Select
      autoFocus
      defaultOpen
      aria-label={t("shell.project")}
      style={{ width: "min(320px, 28vw)" }}
      popupMatchSelectWidth={320}
      value={project?.fullName ?? ""}
      onChange={choose}
      showSearch={{ filterOption: (input, option) => (option?.search ?? "").includes(input.toLowerCase()) }}
      options={[{ value: "", name: t("shell.allProjects"), search: t("shell.allProjects").toLowerCase(), indent: 0, disabled: false }, ...options]}
      labelRender={() => project?.title || project?.fullName || t("shell.allProjects")}
      optionRender={({ data }) => <span style={{ paddingInlineStart: data.indent * 14, fontWeight: data.disabled ? 600 : undefined }}>{data.name}</span>}
    />
  );
}
