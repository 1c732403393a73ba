import { SearchOutlined } from "@ant-design/icons";
import { Button, Grid } from "antd";
import { useWords } from "../i18n/words";

const apple = /Mac|iPhone|iPad/.test(navigator.platform);

/** Opens the search over everything; it tells the keys that do so, too. */
export function SearchButton({ onOpen }: { onOpen: () => void }) {
  const { t } = useWords();
  const wide = Grid.useBreakpoint().lg !== false;
  return (
    <Button type={wide ? "default" : "text"} icon={<SearchOutlined />} aria-label={t("search.open")} aria-keyshortcuts="Control+K" onClick={onOpen} style={wide ? { minWidth: 190, justifyContent: "flex-start" } : undefined}>
      {wide && (
        <>
          <span style={{ flex: 1, textAlign: "start" }}>{t("search.title")}</span>
          <kbd>{apple ? "⌘K" : "Ctrl K"}</kbd>
        </>
      )}
    </Button>
  );
}
