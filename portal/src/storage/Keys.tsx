import { EyeInvisibleOutlined, EyeOutlined } from "@ant-design/icons";
import { Button, Typography } from "antd";
import { useState } from "react";
import { useWords } from "../i18n/words";

/** A secret that is shown when it is asked for, and can be copied without being shown. */
export function Secret({ text }: { text: string }) {
  const { t } = useWords();
  const [shown, show] = useState(false);
  return (
    <span className="row" style={{ gap: 4 }}>
      <Typography.Text copyable={{ text, tooltips: [t("bucket.copy"), t("detail.copied")] }} className="mono">{shown ? text : "••••••••••••"}</Typography.Text>
      <Button size="small" type="text" icon={shown ? <EyeInvisibleOutlined /> : <EyeOutlined />} aria-label={t(shown ? "bucket.hide" : "bucket.show")} onClick={() => show(!shown)} />
    </span>
  );
}

/** Commands that can be copied. */
export function Commands({ text }: { text: string }) {
  return (
    <Typography.Paragraph copyable={{ text }} style={{ margin: 0 }}>
      <pre className="mono" style={{ display: "inline-block", margin: 0, whiteSpace: "pre-wrap", verticalAlign: "top" }}>{text}</pre>
    </Typography.Paragraph>
  );
}
