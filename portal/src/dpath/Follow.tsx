import { Typography } from "antd";
import { useWords } from "../i18n/words";
import { useMe } from "../session/permissions";

function Commands({ label, text }: { label: string; text: string }) {
  return (
    <div>
      <div>{label}</div>
      <Typography.Paragraph copyable={{ text }} style={{ margin: "4px 0 0" }}>
        <pre className="mono" style={{ display: "inline-block", margin: 0, whiteSpace: "pre-wrap", verticalAlign: "top" }}>{text}</pre>
      </Typography.Paragraph>
    </div>
  );
}

/** How a gateway or a side-car comes to follow a chain. */
export function Follow({ config, projectId }: { config: string; projectId?: string }) {
  const { t } = useWords();
  const project = useMe().nodes.find((n) => n.id === projectId)?.fullName ?? projectId ?? "";
  const centre = `centre:\n  url: ${location.origin}/v1/configs/${config}?project=${project}\n  tokenFile: token\n  name: edge-1\nsnapshot: edge-1.snapshot`;
  return (
    <div className="stack" style={{ gap: 8 }}>
      <div>{t("dpath.followHint")}</div>
      <Commands label={t("dpath.followToken")} text={`plaza token create edge-1 --role subscriber --node ${project}`} />
      <Commands label={t("dpath.followCentre")} text={centre} />
    </div>
  );
}
