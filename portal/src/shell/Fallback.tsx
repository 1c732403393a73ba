import { Link, type ErrorComponentProps } from "@tanstack/react-router";
import { Button, Result } from "antd";
import { useTranslation } from "react-i18next";
import { ProblemAlert } from "../feedback/ProblemAlert";

export function NotFound() {
  const { t } = useTranslation();
  return (
    <Result
      status="404"
      title={<h1 style={{ fontSize: 22, margin: 0 }}>{t("app.notFound")}</h1>}
      subTitle={t("app.notFoundHint")}
      extra={<Link to="/">{t("app.home")}</Link>}
    />
  );
}

export function Crashed({ error }: ErrorComponentProps) {
  const { t } = useTranslation();
  return (
    <main className="page stack">
      <h1 style={{ fontSize: 22, margin: 0 }}>{t("app.crashed")}</h1>
      <ProblemAlert error={error} />
      <div>
        <Button type="primary" onClick={() => location.reload()}>
          {t("app.reload")}
        </Button>
      </div>
    </main>
  );
}
