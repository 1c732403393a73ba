import { NewKind } from "../kinds/KindFormPage";
import { kindOf } from "../kinds/catalogue";

export function ServerNew() {
  const kind = kindOf("servers");
  return kind && <NewKind kind={kind} />;
}
