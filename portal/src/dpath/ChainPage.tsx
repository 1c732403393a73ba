import { useParams } from "@tanstack/react-router";
import type { KindObject } from "../api/types";
import { useWords } from "../i18n/words";
import { kindOf } from "../kinds/catalogue";
import { Overview } from "../kinds/Facts";
import { KindDetail } from "../kinds/KindDetail";
import { type Chain, Lanes } from "./Lanes";

export function ChainPage() {
  const { t } = useWords();
  const { id } = useParams({ from: "/frame/pages/dpathchains/$id" });
  const kind = kindOf("dpathchains");
  if (!kind) return null;
  const facts = (o: KindObject) => [{ key: "facts", label: t("detail.facts"), children: <Overview kind={kind} object={o} /> }];
  return <KindDetail key={id} kind={kind} id={id} overview={(o) => <Lanes chain={o as unknown as Chain} />} tabs={facts} />;
}
