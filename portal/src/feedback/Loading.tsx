import { useWords } from "../i18n/words";

/** Waiting is always said in words. */
export function Loading({ what }: { what?: string }) {
  const { t } = useWords();
  return (
    <div role="status" aria-busy className="row" style={{ padding: 32, justifyContent: "center" }}>
      <span aria-hidden className="spinner" />
      <span>{t("app.loading", { what: what ?? "" })}</span>
    </div>
  );
}
