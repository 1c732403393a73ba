import { Link } from "@tanstack/react-router";
import { Result } from "antd";
import { useWords } from "../i18n/words";

export function NotFound() {
  const { t } = useWords();
  return (
    <Result
      status="404"
      title={<h1 style={{ fontSize: 22, margin: 0 }}>{t("app.notFound")}</h1>}
      subTitle={t("app.notFoundHint")}
      extra={<Link to="/">{t("app.home")}</Link>}
    />
  );
}
