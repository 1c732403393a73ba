import { Link } from "@tanstack/react-router";
import { Card } from "antd";
import type { Schemas } from "../api/types";
import { useWords } from "../i18n/words";
import { amount } from "./amount";

/** What is in the books only, beside the pools. */
export function External({ items }: { items: Schemas["External"][] }) {
  const { t, language } = useWords();
  if (items.length === 0) return null;
  return (
    <Card title={<Link to="/$plural" params={{ plural: "assets" }}>{t("pools.external")}</Link>}>
      <ul className="stack" style={{ listStyle: "none", margin: 0, padding: 0, gap: 8 }}>
        {items.map((e) => (
          <li key={`${e.type} ${e.arch}`} className="row">
            <strong>{`${e.count} × ${e.type}`}</strong>
            {e.arch && <span>{e.arch}</span>}
            <span className="muted">
              {t("pools.externalHas", { cpus: e.cpus, memory: amount(e.memoryMiB, "MiB", language), disk: amount(e.diskGiB, "GiB", language) })}
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}
