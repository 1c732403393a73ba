import { TableOutlined } from "@ant-design/icons";
import { Button, Checkbox, Popover } from "antd";
import { useWords } from "../i18n/words";
import type { Column } from "../kinds/columns";

interface Props {
  all: Column[];
  chosen: string[];
  choose: (keys: string[] | undefined) => void;
}

/** Chooses the columns of a list; the name is always one. */
export function ColumnChoice({ all, chosen, choose }: Props) {
  const { t } = useWords();
  const set = (key: string, on: boolean) => choose(all.map((c) => c.key).filter((k) => (k === key ? on : chosen.includes(k))));
  const boxes = (
    <div style={{ width: 300 }}>
      <div role="group" aria-label={t("lists.columns")} className="stack" style={{ gap: 6, maxHeight: 340, overflow: "auto", padding: 2 }}>
        {all.map((c) => (
          <Checkbox key={c.key} checked={chosen.includes(c.key)} disabled={c.key === "name"} onChange={(e) => set(c.key, e.target.checked)}>
            {c.title} {c.key.includes(".") && <span className="muted mono">{c.key}</span>}
          </Checkbox>
        ))}
      </div>
      <Button size="small" style={{ marginTop: 10 }} onClick={() => choose(undefined)}>
        {t("lists.usualColumns")}
      </Button>
    </div>
  );
  return (
    <Popover trigger="click" placement="bottomRight" title={t("lists.columns")} content={boxes} destroyOnHidden>
      <Button icon={<TableOutlined />}>{t("lists.columns")}</Button>
    </Popover>
  );
}
