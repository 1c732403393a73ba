import { Spin } from "antd";
import { useWords } from "../i18n/words";

/** Waiting is always said in words. */
export function Loading({ what }: { what?: string }) {
  const { t } = useWords();
  return (
    <div role="status" className="row" style={{ padding: 32, justifyContent: "center" }}>
      <Spin size="small" />
      <span>{t("app.loading", { what: what ?? "" })}</span>
    </div>
  );
}
