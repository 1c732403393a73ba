import { Modal } from "antd";
import { useWords } from "../i18n/words";
import { pages } from "./shortcuts";

/** What can be done by keys. */
export function ShortcutSheet({ onClose }: { onClose: () => void }) {
  const { t, plural } = useWords();
  const names: Record<string, string> = { "/": t("menu.overview"), "/operations": t("menu.operations"), "/audit": t("menu.audit"), "/tenants": t("menu.tenants"), "/profile": t("profile.title") };
  const rows: [string[], string][] = [
    [["Ctrl", "K"], t("search.title")],
    [["?"], t("shortcuts.title")],
    [["c"], t("shortcuts.create")],
    [["f"], t("shortcuts.find")],
    [["o"], t("shortcuts.operations")],
    [["Esc"], t("shortcuts.close")],
    ...Object.entries(pages).map(([key, to]): [string[], string] => [["g", key], t("shortcuts.go", { page: names[to] ?? plural(to.slice(1)) })]),
  ];
  return (
    <Modal open onCancel={onClose} footer={null} title={t("shortcuts.title")} width={520}>
      <table style={{ width: "100%", borderCollapse: "collapse" }}>
        <thead className="visually-hidden">
          <tr>
            <th>{t("shortcuts.keys")}</th>
            <th>{t("shortcuts.effect")}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([keys, effect]) => (
            <tr key={keys.join()}>
              <td style={{ padding: "4px 16px 4px 0", whiteSpace: "nowrap" }}>{keys.map((k) => <kbd key={k} style={{ marginInlineEnd: 4 }}>{k}</kbd>)}</td>
              <td>{effect}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="muted" style={{ marginBottom: 0 }}>{t("shortcuts.off")}</p>
    </Modal>
  );
}
