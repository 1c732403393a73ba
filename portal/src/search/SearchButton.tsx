import { SearchOutlined } from "@ant-design/icons";
import { Button, Grid } from "antd";
import { useWords } from "../i18n/words";

const apple = /Mac|iPhone|iPad/.test(navigator.platform);

/** Opens the search over everything; it tells the keys that do so, too. */
export function SearchButton({ onOpen }: { onOpen: () => void }) {
  const { t } = useWords();
  const wide = Grid.useBreakpoint().lg !== false;
  return (
    <Button type={wide ? "default" : "text"} icon={<SearchOutlined />} aria-label={t("search.open")} aria-keyshortcuts="Control+K" onClick={onOpen}>
      {wide && (
        <span className="row" style={{ width: 130, justifyContent: "space-between", flexWrap: "nowrap" }}>
          {t("search.title")}
          <kbd>{apple ? "⌘K" : "Ctrl K"}</kbd>
        </span>
      )}
    </Button>
  );
}
