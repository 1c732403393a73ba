import { Spin } from "antd";
import { useTranslation } from "react-i18next";

/** Waiting is always said in words. */
export function Loading({ what }: { what?: string }) {
  const { t } = useTranslation();
  return (
    <div role="status" className="row" style={{ padding: 32, justifyContent: "center" }}>
      <Spin size="small" />
      <span>{t("app.loading", { what: what ?? "" })}</span>
    </div>
  );
}
