import { useParams } from "@tanstack/react-router";
import { Card } from "antd";
import { kindOf } from "../kinds/catalogue";
import { Overview } from "../kinds/Facts";
import { KindDetail } from "../kinds/KindDetail";
import { useWords } from "../i18n/words";
import { RequestBody, Sentence, StateTag } from "./RequestCard";
import type { Request } from "./decide";

const known = kindOf("requests");
// Its actions are offered by who may decide, not by role alone.
const kind = known && { ...known, actions: [] };

export function RequestPage() {
  const { t } = useWords();
  const { id } = useParams({ from: "/frame/pages/requests/$id" });
  if (!kind) return null;
  return (
    <KindDetail
      key={id}
      kind={kind}
      id={id}
      overview={(o) => <Card title={<Sentence request={o as unknown as Request} />} extra={<StateTag request={o as unknown as Request} />}><RequestBody request={o as unknown as Request} /></Card>}
      tabs={(o) => [{ key: "facts", label: t("detail.facts"), children: <Overview kind={kind} object={o} /> }]}
    />
  );
}
