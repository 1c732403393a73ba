import { type ReactNode, useEffect } from "react";
import { useWords } from "../i18n/words";

/** Heading of a page, with its buttons; the browser's tab takes its name. */
export function PageHead({ title, extra, after }: { title: string; extra?: ReactNode; after?: ReactNode }) {
  const { t } = useWords();
  useEffect(() => {
    document.title = `${title} · ${t("app.name")}`;
  }, [title, t]);
  return (
    <div className="page-head">
      <h1>{title}</h1>
      {after}
      <span className="grow" />
      {extra}
    </div>
  );
}
