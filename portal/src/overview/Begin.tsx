import { Link } from "@tanstack/react-router";
import { Panel } from "../feedback/Panel";
import { useWords } from "../i18n/words";

/** The way from an empty installation to the first deployment. */
export function Begin() {
  const { t } = useWords();
  const steps = [
    { to: "/tenants", title: t("overview.step0"), content: t("overview.step0Text") },
    { to: "/pools", title: t("overview.step1"), content: t("overview.step1Text") },
    { to: "/bundles/catalogue", title: t("overview.step2"), content: t("overview.step2Text") },
  ] as const;
  return (
    <Panel title={t("overview.begin")}>
      <ol className="begin">
        {steps.map((s) => (
          <li key={s.to}>
            <Link to={s.to}>{s.title}</Link>
            <div className="muted">{s.content}</div>
          </li>
        ))}
      </ol>
    </Panel>
  );
}
