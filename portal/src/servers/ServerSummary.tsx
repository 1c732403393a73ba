import { Link } from "@tanstack/react-router";
import { Card } from "antd";
import type { ReactNode } from "react";
import type { Server } from "../api/types";
import { useWords } from "../i18n/words";
import { useNames } from "../kinds/names";
import { PowerTag } from "./PowerTag";

function Figure({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div>
      <div className="muted" style={{ fontSize: 12.5 }}>
        {label}
      </div>
      <div style={{ marginTop: 4, overflowWrap: "anywhere" }}>{children}</div>
    </div>
  );
}

function NetworkName({ id }: { id: string }) {
  const name = useNames().get(id)?.name;
  return (
    <Link to="/$plural/$id" params={{ plural: "networks", id }}>
      {name ?? id.slice(0, 8)}
    </Link>
  );
}

/** What one wants to know of a server at a glance. */
export function ServerSummary({ server: s }: { server: Server }) {
  const { t } = useWords();
  const none = t("detail.none");
  const published = s.status.published ?? [];
  return (
    <Card>
      <div className="figures">
        <Figure label={t("servers.power")}>
          <PowerTag power={s.status.power} />
        </Figure>
        <Figure label={t("servers.address")}>
          <span className="mono">{s.status.address ?? none}</span>
        </Figure>
        <Figure label={t("servers.network")}>
          <NetworkName id={s.spec.network} />
        </Figure>
        <Figure label={t("servers.host")}>
          {s.status.host ? (
            <Link to="/$plural/$id" params={{ plural: "hosts", id: s.status.host }}>
              {s.status.hostName ?? s.status.host}
            </Link>
          ) : (
            none
          )}
        </Figure>
        <Figure label={t("servers.size")}>
          {s.spec.flavor}
          {s.status.vcpus ? ` · ${s.status.vcpus} vCPU · ${s.status.memoryMiB} MiB` : ""}
        </Figure>
        <Figure label={t("servers.image")}>{s.spec.image}</Figure>
        <Figure label={t("servers.published")}>
          {published.length === 0 && none}
          {published.map((p) => (
            <div key={p.endpoint} className="mono">
              {p.port} → {p.endpoint}
            </div>
          ))}
        </Figure>
      </div>
    </Card>
  );
}
