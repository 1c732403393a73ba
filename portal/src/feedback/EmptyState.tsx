import type { ReactNode } from "react";

/** Nothing is there: says so, and what to do about it. */
export function EmptyState({ title, hint, children }: { title: string; hint?: ReactNode; children?: ReactNode }) {
  return (
    <div className="empty">
      <svg aria-hidden width="64" height="40" viewBox="0 0 64 41">
        <g transform="translate(0 1)" fill="none" fillRule="evenodd">
          <ellipse fill="var(--tray-shade)" cx="32" cy="33" rx="32" ry="7" />
          <g fillRule="nonzero" stroke="var(--tray-line)">
            <path d="M55 12.8 44.9 1.3Q44 0 42.9 0H21.1q-1.2 0-2 1.3L9 12.8V22h46z" />
            <path fill="var(--tray)" d="M41.6 16c0-1.7 1-3 2.2-3H55v18.1c0 2.2-1.3 3.9-3 3.9H12c-1.7 0-3-1.7-3-3.9V13h11.2c1.2 0 2.2 1.3 2.2 3s1 2.9 2.2 2.9h14.8c1.2 0 2.2-1.4 2.2-3" />
          </g>
        </g>
      </svg>
      <div className="stack" style={{ gap: 6, alignItems: "center" }}>
        <strong>{title}</strong>
        {hint && <div style={{ maxWidth: 560 }}>{hint}</div>}
      </div>
      {children && <div className="empty-foot">{children}</div>}
    </div>
  );
}
