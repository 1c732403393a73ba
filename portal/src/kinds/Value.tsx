import { Tag } from "../controls/Tag";
import { useWords } from "../i18n/words";
import { Moment } from "../feedback/Moment";
import { ObjectLink } from "../operations/ObjectLink";
import { amount } from "../pools/amount";
import { useNames } from "./names";

const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;
const isLink = /^https?:\/\/\S+$/;

function One({ value }: { value: unknown }) {
  const { t } = useWords();
  const names = useNames();
  if (typeof value === "boolean") return <>{value ? t("detail.yes") : t("detail.no")}</>;
  if (typeof value === "number") return <>{value.toLocaleString()}</>;
  if (typeof value !== "string") return <span className="mono" style={{ overflowWrap: "anywhere" }}>{JSON.stringify(value)}</span>;
  const named = names.get(value);
  if (named) return <ObjectLink kind={named.kind} id={named.id} name={named.name} />;
  if (isTime.test(value)) return <Moment at={value} />;
  if (isLink.test(value))
    return (
      <a href={value} target="_blank" rel="noreferrer">
        {value}
      </a>
    );
  return <span style={{ overflowWrap: "anywhere" }}>{value}</span>;
}

/** Shows one value or several, whatever they are. */
export function Value({ values }: { values: unknown[] }) {
  const { t } = useWords();
  const present = values.filter((v) => v !== "" && v !== null && v !== undefined);
  if (present.length === 0) return <>{t("detail.none")}</>;
  if (present.length === 1) return <One value={present[0]} />;
  return (
    <span className="row" style={{ gap: 4 }}>
      {present.slice(0, 6).map((v) => (
        <Tag key={JSON.stringify(v)} style={{ whiteSpace: "normal" }}>
          <One value={v} />
        </Tag>
      ))}
      {present.length > 6 && <span>+{present.length - 6}</span>}
    </span>
  );
}

/** Keys with their values, what they refer to by name. */
function Pairs({ entries }: { entries: [string, unknown][] }) {
  const names = useNames();
  return (
    <span className="row" style={{ gap: 4 }}>
      {entries.map(([k, v]) => (
        <Tag key={k} style={{ marginInlineEnd: 0, whiteSpace: "normal", overflowWrap: "anywhere" }}>
          {k}={names.get(String(v))?.name ?? String(v)}
        </Tag>
      ))}
    </span>
  );
}

/** Shows what a field holds: bytes as an amount, a value, several, or keys with values. */
export function Content({ name, of }: { name: string; of: unknown }) {
  const { language } = useWords();
  if (typeof of === "number" && /bytes$/i.test(name)) return <>{amount(of / 2 ** 20, "MiB", language)}</>;
  if (Array.isArray(of)) return <Value values={of} />;
  if (typeof of === "object" && of !== null) {
    const entries = Object.entries(of);
    if (entries.length > 0 && entries.every(([, v]) => typeof v !== "object")) return <Pairs entries={entries} />;
  }
  return <Value values={[of]} />;
}
