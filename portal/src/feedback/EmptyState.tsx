import { Empty } from "antd";
import type { ReactNode } from "react";

/** Nothing is there: says so, and what to do about it. */
export function EmptyState({ title, hint, children }: { title: string; hint?: ReactNode; children?: ReactNode }) {
  return (
    <Empty
      image={Empty.PRESENTED_IMAGE_SIMPLE}
      style={{ padding: "24px 0" }}
      description={
        <div className="stack" style={{ gap: 6, alignItems: "center" }}>
          <strong>{title}</strong>
          {hint && <div style={{ maxWidth: 560 }}>{hint}</div>}
        </div>
      }
    >
      {children}
    </Empty>
  );
}
