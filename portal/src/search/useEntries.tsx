import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { queries } from "../api/queries";
import { speak } from "../i18n";
import { useWords } from "../i18n/words";
import { kinds, kindNamed } from "../kinds/catalogue";
import { useCan, useMe } from "../session/permissions";
import { useProjectName } from "../session/project";
import { useGroups } from "../shell/Navigation";
import { chooseMode, useMode } from "../shell/mode";
import { best } from "./match";

/** Something that the search leads to. */
export interface Entry {
  key: string;
  label: string;
  /** Further names that find it. */
  also?: string;
  /** What stands behind the label. */
  note?: string;
  run: () => unknown;
}
export interface Section {
  title: string;
  entries: Entry[];
}

const settle = 180;
const most = 6;

/** A text once it rests. */
function useSettled(text: string): string {
  const [settled, set] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => set(text), settle);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}

function usePages(): Entry[] {
  const { t } = useWords();
  const navigate = useNavigate();
  const pages = useGroups().flatMap((g) => g.entries.map((e) => ({ key: e.to, label: e.label, also: e.to.slice(1), note: g.title, run: () => navigate({ to: e.to }) })));
  return [...pages, { key: "/profile", label: t("profile.title"), note: "", run: () => navigate({ to: "/profile" }) }];
}

function useActions(help: () => void): Entry[] {
  const { t, inline, language } = useWords();
  const can = useCan();
  const mode = useMode();
  const navigate = useNavigate();
  const made = kinds
    .filter((k) => k.name !== "bundle" && can("create", k.name))
    .map((k) => ({ key: `create ${k.name}`, label: t("list.create", { kind: inline(k.name) }), also: `create ${k.name}`, run: () => navigate({ to: "/$plural/new", params: { plural: k.plural } }) }));
  return [
    ...made,
    { key: "language", label: t("shell.switchLanguage"), also: "language 语言", run: () => speak(language === "en" ? "zh" : "en") },
    { key: "mode", label: mode === "dark" ? t("shell.switchLight") : t("shell.switchDark"), run: () => chooseMode(mode === "dark" ? "light" : "dark") },
    { key: "help", label: t("shortcuts.title"), also: "? help", run: help },
  ];
}

function useProjects(): Entry[] {
  const me = useMe();
  const navigate = useNavigate();
  const go = (project: string) => navigate({ to: ".", search: (s: object) => ({ ...s, project, after: undefined }) } as never);
  return me.nodes.filter((n) => n.type === "project").map((n) => ({ key: n.id, label: n.title || n.name, also: n.fullName, note: n.fullName, run: () => go(n.fullName) }));
}

function useObjects(query: string) {
  const { kind, plural, t } = useWords();
  const navigate = useNavigate();
  const projectName = useProjectName();
  const text = useSettled(query.trim());
  const asked = text.length >= 2;
  const { data, isFetching, error } = useQuery({ ...queries.search(text), enabled: asked });
  const items = (asked ? data?.items : undefined) ?? [];
  const hits = items.flatMap((h): Entry[] => {
    const known = kindNamed(h.kind);
    return known ? [{ key: h.id, label: h.name, note: [kind(h.kind), h.project && projectName(h.project)].filter(Boolean).join(" · "), run: () => navigate({ to: "/$plural/$id", params: { plural: known.plural, id: h.id } }) }] : [];
  });
  const more = ((asked && data?.more) || []).flatMap((name): Entry[] => {
    const known = kindNamed(name);
    return known && items.some((h) => h.kind === name) ? [{ key: `more ${name}`, label: t("search.more", { kinds: plural(known.plural), text }), run: () => navigate({ to: "/$plural", params: { plural: known.plural }, search: { q: text } as never }) }] : [];
  });
  return { entries: [...hits, ...more], busy: isFetching || (asked && text !== query.trim()), error: asked ? error : null };
}

/** All that a query leads to: objects by one request, pages, projects and actions by what is known. */
export function useEntries(query: string, help: () => void) {
  const { t } = useWords();
  const objects = useObjects(query);
  const [pages, actions, projects] = [usePages(), useActions(help), useProjects()];
  const asked = query.trim() !== "";
  const sections: Section[] = [
    { title: t("search.objects"), entries: objects.entries },
    { title: t("search.pages"), entries: best(pages, query, asked ? most : 8) },
    { title: t("search.actions"), entries: asked ? best(actions, query, most) : [] },
    { title: t("search.projects"), entries: asked ? best(projects, query, most) : [] },
  ];
  return { sections: sections.filter((s) => s.entries.length > 0), busy: objects.busy, error: objects.error };
}
