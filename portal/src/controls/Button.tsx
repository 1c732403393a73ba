import type { ButtonHTMLAttributes, ReactNode, Ref } from "react";

/** How a button looks: filled, framed, or without a frame. */
export type Look = "solid" | "framed" | "text";

export const looks = (look: Look, bare: boolean) => `button ${look}${bare ? " bare" : ""}`;

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: Look;
  icon?: ReactNode;
  ref?: Ref<HTMLButtonElement>;
}

/** A button that looks as antd's do, for pages that do without antd. */
export function Button({ look = "framed", icon, children, ...rest }: Props) {
  return (
    <button type="button" className={looks(look, !children)} {...rest}>
      {icon}
      {children && <span>{children}</span>}
    </button>
  );
}
