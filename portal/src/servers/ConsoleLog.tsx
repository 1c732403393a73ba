import { useQuery } from "@tanstack/react-query";
import { Card, Switch } from "antd";
import { useEffect, useRef, useState } from "react";
import { client } from "../api/client";
import { unwrap } from "../api/problem";
import { EmptyState } from "../feedback/EmptyState";
import { Loading } from "../feedback/Loading";
import { ProblemAlert } from "../feedback/ProblemAlert";
import { useWords } from "../i18n/words";
import { plain } from "./plain";

const every = 3000;

/** The end of a server's serial console; it stays at the end while one follows. */
export function ConsoleLog({ id }: { id: string }) {
  const { t } = useWords();
  const [following, follow] = useState(true);
  const box = useRef<HTMLPreElement>(null);
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ["console", id],
    queryFn: ({ signal }) => unwrap(client.GET("/v1/servers/{id}/console", { params: { path: { id } }, signal })),
    refetchInterval: every,
    retry: false,
  });
  const text = plain(data?.text ?? "");
  useEffect(() => {
    if (following && text !== "" && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [text, following]);
  return (
    <Card>
      <div className="stack">
        <div className="row">
          <span className="muted">{t("servers.consoleHint")}</span>
          <span style={{ flex: 1 }} />
          <label className="row" htmlFor="console-follow">
            {t("servers.follow")}
            <Switch id="console-follow" size="small" checked={following} onChange={follow} />
          </label>
        </div>
        <ProblemAlert error={error} retry={() => void refetch()} />
        {isPending && <Loading what={t("servers.console")} />}
        {data && text === "" && <EmptyState title={t("servers.consoleEmpty")} />}
        {text !== "" && (
          <pre ref={box} className="console mono" tabIndex={0} aria-label={t("servers.console")}>
            {text}
          </pre>
        )}
      </div>
    </Card>
  );
}
