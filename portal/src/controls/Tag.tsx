import type { CSSProperties, ReactNode } from "react";

/** A few words in a frame, as antd's, without its price: a long list has hundreds. */
export function Tag({ icon, style, children }: { icon?: ReactNode; style?: CSSProperties; children: ReactNode }) {
  return (
    <span className="tag" style={style}>
      {icon}
      <span>{children}</span>
    </span>
  );
}
