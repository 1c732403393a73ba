import { Link } from "@tanstack/react-router";
import { pluralOf } from "../kinds/catalogue";

/** Link to the object that an operation or an audit row is about. */
export function ObjectLink({ kind, id, name, onGo }: { kind: string; id: string; name: string; onGo?: () => void }) {
  const plural = pluralOf(kind);
  if (!plural) return <>{name}</>;
  return (
    <Link to="/$plural/$id" params={{ plural, id }} onClick={onGo} style={{ textDecoration: "underline" }}>
      {name}
    </Link>
  );
}
