import { useParams } from "@tanstack/react-router";
import { Alert } from "antd";
import type { KindObject, Server } from "../api/types";
import { useWords } from "../i18n/words";
import { Overview } from "../kinds/Facts";
import { KindDetail } from "../kinds/KindDetail";
import { kindOf } from "../kinds/catalogue";
import { Console } from "./Console";
import { ServerSummary } from "./ServerSummary";

function Drift({ server }: { server: Server }) {
  const { t } = useWords();
  const drift = server.conditions?.find((c) => c.type === "Drift" && c.status === "True");
  return drift && <Alert type="warning" showIcon title={t("servers.driftText")} description={`${drift.reason}: ${drift.message ?? ""}`} />;
}

export function ServerPage() {
  const { t } = useWords();
  const { id } = useParams({ from: "/frame/pages/servers/$id" });
  const kind = kindOf("servers");
  if (!kind) return null;
  const overview = (o: KindObject) => {
    const server = o as unknown as Server;
    return (
      <div className="stack">
        <Drift server={server} />
        <ServerSummary server={server} />
        <Overview kind={kind} object={o} />
      </div>
    );
  };
  return <KindDetail key={id} named kind={kind} id={id} overview={overview} tabs={(o) => [{ key: "console", label: t("servers.console"), children: <Console id={o.id} project={o.project} running={(o as unknown as Server).status.power === "running"} /> }]} />;
}
