import { type ReactNode, useId } from "react";

/** A titled part of a page. Pages that everybody waits for use it in place of a card, whose code comes with tabs. */
export function Panel({ title, extra, children }: { title?: ReactNode; extra?: ReactNode; children: ReactNode }) {
  const id = useId();
  return (
    <section className="panel" aria-labelledby={title ? id : undefined}>
      {title && (
        <header>
          <strong id={id}>{title}</strong>
          <span className="row">{extra}</span>
        </header>
      )}
      <div className="panel-body">{children}</div>
    </section>
  );
}
