import { SearchOutlined } from "@ant-design/icons";
import { Input, Modal } from "antd";
import { type KeyboardEvent, useEffect, useState } from "react";
import { ProblemAlert } from "../feedback/ProblemAlert";
import { useWords } from "../i18n/words";
import { type Entry, type Section, useEntries } from "./useEntries";
import "./search.css";

const idOf = (key: string) => `search-${key.replaceAll(/[^\w-]/g, "_")}`;

function Results({ sections, active, choose, point }: { sections: Section[]; active?: Entry; choose: (e: Entry) => void; point: (e: Entry) => void }) {
  const { t } = useWords();
  return (
    <div id="search-results" role="listbox" aria-label={t("search.results")} className="search-results">
      {sections.map((s) => (
        <div key={s.title} role="group" aria-label={s.title}>
          <div aria-hidden className="search-title">
            {s.title}
          </div>
          {s.entries.map((e) => (
            // The field keeps the focus, and its keys do what the pointer does.
            // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
            <div key={e.key} id={idOf(e.key)} role="option" aria-selected={e === active} className="search-entry" onClick={() => choose(e)} onMouseMove={() => point(e)}>
              <span className="search-label">{e.label}</span>
              {e.note && <span className="muted">{e.note}</span>}
            </div>
          ))}
        </div>
      ))}
    </div>
  );
}

/** Finds objects of any kind, pages, projects and actions, by keyboard alone. */
export function Search({ onClose, help }: { onClose: () => void; help: () => void }) {
  const { t } = useWords();
  const [query, setQuery] = useState("");
  const [at, setAt] = useState(0);
  const { sections, busy, error } = useEntries(query, help);
  const entries = sections.flatMap((s) => s.entries);
  const active = entries[Math.min(at, entries.length - 1)];
  useEffect(() => {
    if (active) document.getElementById(idOf(active.key))?.scrollIntoView({ block: "nearest" });
  }, [active]);
  const choose = (e: Entry) => (onClose(), void e.run());
  const keys: Record<string, () => void> = {
    ArrowDown: () => setAt((i) => (Math.min(i, entries.length - 1) + 1) % Math.max(entries.length, 1)),
    ArrowUp: () => setAt((i) => (Math.min(i, entries.length - 1) - 1 + entries.length) % Math.max(entries.length, 1)),
    Enter: () => active && choose(active),
  };
  const press = (e: KeyboardEvent) => {
    const act = e.nativeEvent.isComposing ? undefined : keys[e.key]; // Enter also ends the writing of a Chinese word
    if (!act) return;
    e.preventDefault();
    act();
  };
  const none = entries.length === 0 && !busy && !error;
  return (
    <Modal open onCancel={onClose} footer={null} closable={false} width={640} style={{ top: 72 }} styles={{ container: { padding: 0 } }} title={<span className="visually-hidden">{t("search.title")}</span>}>
      <Input
        autoFocus
        size="large"
        variant="borderless"
        prefix={<SearchOutlined />}
        role="combobox"
        aria-expanded
        aria-controls="search-results"
        aria-activedescendant={active && idOf(active.key)}
        aria-autocomplete="list"
        aria-label={t("search.title")}
        placeholder={t("search.placeholder")}
        maxLength={200}
        value={query}
        onChange={(e) => (setQuery(e.target.value), setAt(0))}
        onKeyDown={press}
      />
      <Results sections={sections} active={active} choose={choose} point={(e) => setAt(entries.indexOf(e))} />
      <div role="status" className="search-status muted">
        {busy ? t("search.busy") : none ? t("search.none") : t("search.keys")}
      </div>
      <ProblemAlert error={error} />
    </Modal>
  );
}
