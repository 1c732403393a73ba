import { PlusOutlined } from "@ant-design/icons";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Card, Popconfirm } from "antd";
import { useState } from "react";
import { client } from "../api/client";
import { unwrap } from "../api/problem";
import { keys, queries } from "../api/queries";
import type { Schemas } from "../api/types";
import { EmptyState } from "../feedback/EmptyState";
import { Loading } from "../feedback/Loading";
import { Moment } from "../feedback/Moment";
import { ToneTag } from "../feedback/PhaseTag";
import { ProblemAlert } from "../feedback/ProblemAlert";
import { exact } from "../i18n/time";
import { useWords } from "../i18n/words";
import { useMe } from "../session/permissions";
import { NewToken } from "./NewToken";

function One({ token, now, revoke, busy }: { token: Schemas["Token"]; now: number; revoke: () => void; busy: boolean }) {
  const { t, language } = useWords();
  const node = useMe().nodes.find((n) => n.id === token.nodeId);
  const ended = !!token.expiresAt && Date.parse(token.expiresAt) < now;
  const limits = [token.role, token.nodeId && (node?.fullName ?? token.nodeId)].filter(Boolean).join(" · ") || t("token.unlimited");
  return (
    <li className="row">
      <div style={{ flex: 1, minWidth: 0 }}>
        <div className="row">
          <strong>{token.name}</strong>
          <span className="mono muted">{token.hint}…</span>
          {ended && <ToneTag tone="off">{t("token.ended")}</ToneTag>}
        </div>
        <div className="muted" style={{ fontSize: 12.5 }}>
          {limits} · {token.expiresAt ? t("token.until", { when: exact(token.expiresAt, language) }) : t("token.forever")} · {token.usedAt ? <>{t("token.used")} <Moment at={token.usedAt} /></> : t("token.unused")}
        </div>
      </div>
      <Popconfirm title={t("token.revokeTitle", { name: token.name })} description={t("token.revokeHint")} onConfirm={revoke}>
        <Button size="small" loading={busy} aria-label={`${t("token.revoke")}: ${token.name}`}>
          {t("token.revoke")}
        </Button>
      </Popconfirm>
    </li>
  );
}

/** What programs act by in the user's name. */
export function Tokens() {
  const { t } = useWords();
  const cache = useQueryClient();
  const { data, error } = useQuery(queries.tokens);
  const [making, make] = useState(false);
  const [now] = useState(() => Date.now());
  const revoke = useMutation({
    mutationFn: (id: string) => unwrap(client.DELETE("/v1/tokens/{id}", { params: { path: { id } } })),
    onSettled: () => cache.invalidateQueries({ queryKey: keys.tokens }),
  });
  return (
    <Card size="small" title={t("token.title")} extra={<Button size="small" icon={<PlusOutlined />} onClick={() => make(true)}>{t("token.create")}</Button>}>
      <ProblemAlert error={error ?? revoke.error} />
      {!data && !error && <Loading what={t("token.title")} />}
      {data?.items.length === 0 && <EmptyState title={t("token.none")} hint={t("token.noneHint")} />}
      <ul className="stack" style={{ listStyle: "none", margin: 0, padding: 0, gap: 12 }}>
        {data?.items.map((token) => <One key={token.id} token={token} now={now} busy={revoke.isPending && revoke.variables === token.id} revoke={() => revoke.mutate(token.id)} />)}
      </ul>
      {making && <NewToken onClose={() => make(false)} />}
    </Card>
  );
}
