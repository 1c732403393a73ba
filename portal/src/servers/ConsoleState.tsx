import { Alert, Button } from "antd";
import { Loading } from "../feedback/Loading";
import { ProblemAlert } from "../feedback/ProblemAlert";
import { useWords } from "../i18n/words";
import type { Line } from "./ConsoleLine";

/** Says what is with a console that is not open, and offers to open it anew. */
export function ConsoleState({ line, again }: { line: Line; again: () => void }) {
  const { t } = useWords();
  switch (line.phase) {
    case "open":
      return null;
    case "opening":
      return <Loading what={t("servers.console")} />;
    case "refused":
      return <ProblemAlert error={line.error} retry={again} />;
    case "closed":
      return (
        <Alert
          type={line.reason === "left" || line.reason === "ended" ? "info" : "warning"}
          showIcon
          title={t(`servers.consoles.why.${line.reason}`)}
          description={line.reason === "failed" ? line.detail : undefined}
          action={<Button onClick={again}>{t("servers.consoles.again")}</Button>}
        />
      );
  }
}
