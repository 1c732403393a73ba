import { createLink } from "@tanstack/react-router";
import type { AnchorHTMLAttributes, ReactNode, Ref } from "react";
import { type Look, looks } from "../controls/Button";

interface Props extends AnchorHTMLAttributes<HTMLAnchorElement> {
  look?: Look;
  large?: boolean;
  icon?: ReactNode;
  ref?: Ref<HTMLAnchorElement>;
}

function Anchor({ look = "framed", large, icon, children, ...rest }: Props) {
  return (
    <a {...rest} className={large ? `${looks(look, false)} large` : looks(look, false)}>
      {icon}
      <span>{children}</span>
    </a>
  );
}

/** A link of the portal that looks like a button: one element, so that keyboards meet it once. */
export const ButtonLink = createLink(Anchor);
