import { useQuery } from "@tanstack/react-query";
import { Card, Tag } from "antd";
import { queries } from "../api/queries";
import type { Blueprint } from "../api/types";
import { ButtonLink } from "../feedback/ButtonLink";
import { EmptyState } from "../feedback/EmptyState";
import { Loading } from "../feedback/Loading";
import { PageHead } from "../feedback/PageHead";
import { ProblemAlert } from "../feedback/ProblemAlert";
import { useHelp } from "../i18n/help";
import { useWords } from "../i18n/words";
import { useCan } from "../session/permissions";
import { useProject } from "../session/project";
import { sizesOf } from "./order";

export function BlueprintCard({ blueprint: b }: { blueprint: Blueprint }) {
  const { t } = useWords();
  const help = useHelp();
  const may = useCan()("create", "bundle", useProject()?.id);
  return (
    <Card title={<h2 style={{ fontSize: 16, margin: 0, whiteSpace: "normal" }}>{help(b.title)}</h2>}>
      <div className="stack">
        <div>
          <div className="muted">{t("bundles.version", { version: b.version })}</div>
          {help(b.description)}
        </div>
        <div className="stack" style={{ gap: 6 }}>
          {sizesOf(b).map(([name, size]) => (
            <div key={name} className="row" style={{ flexWrap: "nowrap", alignItems: "baseline" }}>
              <Tag style={{ marginInlineEnd: 0 }}>{name}</Tag>
              <span>{help(size.description)}</span>
            </div>
          ))}
        </div>
        {may && (
          <div>
            <ButtonLink look="solid" to="/bundles/order/$blueprint" params={{ blueprint: b.name }}>
              {t("bundles.choose")}
            </ButtonLink>
          </div>
        )}
      </div>
    </Card>
  );
}

export function Catalogue() {
  const { t } = useWords();
  const { data, error, isPending, refetch } = useQuery(queries.blueprints);
  return (
    <div className="page">
      <PageHead title={t("bundles.catalogue")} />
      <p>{t("bundles.lead")}</p>
      <ProblemAlert error={error} retry={() => void refetch()} />
      {isPending && <Loading what={t("bundles.catalogue")} />}
      {data?.items.length === 0 && <EmptyState title={t("bundles.noBlueprints")} />}
      <div className="cards">{data?.items.map((b) => <BlueprintCard key={b.name} blueprint={b} />)}</div>
    </div>
  );
}
