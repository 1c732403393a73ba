import { useParams } from "@tanstack/react-router";
import { KindDetail } from "./KindDetail";
import { KindList } from "./KindList";
import { kindOf } from "./catalogue";

export function ListPage() {
  const { plural } = useParams({ from: "/frame/pages/$plural" });
  const kind = kindOf(plural);
  return kind && <KindList key={plural} kind={kind} />;
}

export function DetailPage() {
  const { plural, id } = useParams({ from: "/frame/pages/$plural/$id" });
  const kind = kindOf(plural);
  return kind && <KindDetail key={id} kind={kind} id={id} />;
}
