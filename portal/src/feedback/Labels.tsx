import { Link } from "@tanstack/react-router";
import { Tag } from "../controls/Tag";
import { useWords } from "../i18n/words";

/** An object's labels; each leads to all of the kind that have it. */
export function Labels({ plural, of }: { plural: string; of?: Record<string, string> }) {
  const { t } = useWords();
  const pairs = Object.entries(of ?? {});
  if (pairs.length === 0) return <>{t("detail.none")}</>;
  return (
    <span className="row" style={{ gap: 4 }}>
      {pairs.map(([k, v]) => (
        <Link key={k} to="/$plural" params={{ plural }} search={{ filter: [`labels.${k}=${v}`] } as never} aria-label={t("lists.withLabel", { label: `${k}=${v}` })}>
          <Tag style={{ cursor: "pointer", whiteSpace: "normal", overflowWrap: "anywhere" }}>
            {k}={v}
          </Tag>
        </Link>
      ))}
    </span>
  );
}
