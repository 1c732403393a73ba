import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Card } from "antd";
import { client } from "../api/client";
import { unwrap } from "../api/problem";
import { keys, queries } from "../api/queries";
import type { Schemas } from "../api/types";
import { Loading } from "../feedback/Loading";
import { Moment } from "../feedback/Moment";
import { ToneTag } from "../feedback/PhaseTag";
import { ProblemAlert } from "../feedback/ProblemAlert";
import { useWords } from "../i18n/words";
import { agentOf } from "./agent";

function One({ session: s, end, busy }: { session: Schemas["Session"]; end: () => void; busy: boolean }) {
  const { t } = useWords();
  const name = agentOf(s.userAgent ?? "") || t("profile.unknownAgent");
  return (
    <li className="row" data-session={s.current ? "this" : "other"}>
      <div style={{ flex: 1, minWidth: 0 }}>
        <div className="row">
          <strong>{name}</strong>
          {s.current && <ToneTag tone="good">{t("profile.thisSession")}</ToneTag>}
        </div>
        <div className="muted" style={{ fontSize: 12.5 }}>
          {s.remote} · {t("profile.seen")} <Moment at={s.seenAt} />
        </div>
      </div>
      {!s.current && (
        <Button size="small" loading={busy} aria-label={`${t("profile.end")}: ${name}, ${s.remote ?? ""}`} onClick={end}>
          {t("profile.end")}
        </Button>
      )}
    </li>
  );
}

/** Where the user is signed in, and how that ends. */
export function Sessions() {
  const { t } = useWords();
  const cache = useQueryClient();
  const { data, error } = useQuery(queries.sessions);
  const end = useMutation({
    mutationFn: async (ids: string[]) => {
      for (const id of ids) await unwrap(client.DELETE("/v1/me/sessions/{id}", { params: { path: { id } } }));
    },
    onSettled: () => cache.invalidateQueries({ queryKey: keys.sessions }),
  });
  const items = (data?.items ?? []).toSorted((a, b) => Number(b.current ?? false) - Number(a.current ?? false) || b.seenAt.localeCompare(a.seenAt));
  const others = items.filter((s) => !s.current).map((s) => s.id);
  return (
    <Card size="small" title={t("profile.sessions")} extra={others.length > 1 && <Button size="small" loading={end.isPending} onClick={() => end.mutate(others)}>{t("profile.endOthers")}</Button>}>
      <ProblemAlert error={error ?? end.error} />
      {!data && !error && <Loading what={t("profile.sessions")} />}
      <ul className="stack" style={{ listStyle: "none", margin: 0, padding: 0, gap: 12 }}>
        {items.map((s) => (
          <One key={s.id} session={s} busy={end.isPending && end.variables.includes(s.id)} end={() => end.mutate([s.id])} />
        ))}
      </ul>
    </Card>
  );
}
