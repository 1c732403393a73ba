import search from "@ant-design/icons-svg/es/asn/SearchOutlined";
import { Button } from "../controls/Button";
import { Icon } from "../controls/Icon";
import { useWide } from "../controls/useWide";
import { useWords } from "../i18n/words";

const apple = /Mac|iPhone|iPad/.test(navigator.platform);

/** Opens the search over everything; it tells the keys that do so, too. */
export function SearchButton({ onOpen }: { onOpen: () => void }) {
  const { t } = useWords();
  const wide = useWide();
  return (
    <Button look={wide ? "framed" : "text"} icon={<Icon of={search} />} aria-label={t("search.open")} aria-keyshortcuts="Control+K" onClick={onOpen}>
      {wide && (
        <span className="row" style={{ width: 130, justifyContent: "space-between", flexWrap: "nowrap" }}>
          {t("search.title")}
          <kbd>{apple ? "⌘K" : "Ctrl K"}</kbd>
        </span>
      )}
    </Button>
  );
}
