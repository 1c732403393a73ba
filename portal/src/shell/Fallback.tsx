import type { ErrorComponentProps } from "@tanstack/react-router";
import { Button } from "../controls/Button";
import { ProblemAlert } from "../feedback/ProblemAlert";
import { useWords } from "../i18n/words";

export function Crashed({ error }: ErrorComponentProps) {
  const { t } = useWords();
  return (
    <main className="page stack">
      <h1 style={{ fontSize: 22, margin: 0 }}>{t("app.crashed")}</h1>
      <ProblemAlert error={error} />
      <div>
        <Button look="solid" onClick={() => location.reload()}>
          {t("app.reload")}
        </Button>
      </div>
    </main>
  );
}
