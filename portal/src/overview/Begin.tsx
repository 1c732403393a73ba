import { Link } from "@tanstack/react-router";
import { Card, Steps } from "antd";
import { useWords } from "../i18n/words";

/** The way from an empty installation to the first deployment. */
export function Begin() {
  const { t } = useWords();
  const steps = [
    { title: <Link to="/tenants">{t("overview.step0")}</Link>, content: t("overview.step0Text") },
    { title: <Link to="/pools">{t("overview.step1")}</Link>, content: t("overview.step1Text") },
    { title: <Link to="/bundles/catalogue">{t("overview.step2")}</Link>, content: t("overview.step2Text") },
  ];
  return (
    <Card title={t("overview.begin")}>
      <Steps orientation="vertical" size="small" items={steps.map((s) => ({ ...s, status: "wait" as const }))} />
    </Card>
  );
}
