import { useQuery } from "@tanstack/react-query";
import { useLocation, useParams } from "@tanstack/react-router";
import { queries } from "../api/queries";
import { Loading } from "../feedback/Loading";
import { PageHead } from "../feedback/PageHead";
import { ProblemAlert } from "../feedback/ProblemAlert";
import { useWords } from "../i18n/words";
import { type KindInfo, kindOf } from "./catalogue";
import { KindForm, type Values } from "./KindForm";

export function NewKind({ kind, given }: { kind: KindInfo; given?: Partial<Values> }) {
  const { t, inline } = useWords();
  return (
    <div className="page" style={{ maxWidth: 760 }}>
      <PageHead title={t("form.title", { kind: inline(kind.name) })} />
      <KindForm kind={kind} given={given} />
    </div>
  );
}

export function NewPage() {
  const plural = useLocation({ select: (l) => l.pathname.split("/")[1] ?? "" }); // in no parameter where a kind has pages of its own
  const kind = kindOf(plural);
  return kind && <NewKind key={plural} kind={kind} />;
}

export function EditKind({ kind, id }: { kind: KindInfo; id: string }) {
  const { t, inline } = useWords();
  const { data, error } = useQuery({ ...queries.object(kind.plural, id), staleTime: 0 });
  if (error) return <div className="page"><ProblemAlert error={error} /></div>;
  if (!data) return <Loading what={inline(kind.name)} />;
  return (
    <div className="page" style={{ maxWidth: 760 }}>
      <PageHead title={t("form.editTitle", { kind: inline(kind.name), name: data.name })} />
      <KindForm kind={kind} object={data} />
    </div>
  );
}

export function EditPage() {
  const { plural, id } = useParams({ from: "/frame/pages/$plural/$id/edit" });
  const kind = kindOf(plural);
  return kind && <EditKind key={id} kind={kind} id={id} />;
}
