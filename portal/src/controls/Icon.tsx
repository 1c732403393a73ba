import type { AbstractNode, IconDefinition } from "@ant-design/icons-svg/es/types";
import { createElement } from "react";

const drawn = (node: AbstractNode, key: number) => createElement(node.tag, { key, ...node.attrs });

/** A drawing of the same set as that of antd's icons, for pages that do without antd. The words beside it tell the same. */
export function Icon({ of, spin }: { of: IconDefinition; spin?: boolean }) {
  const svg = typeof of.icon === "function" ? of.icon("currentColor", "none") : of.icon;
  return (
    <span aria-hidden className={spin ? "icon spinning" : "icon"}>
      <svg viewBox={svg.attrs.viewBox} fillRule={svg.attrs["fill-rule"] as "evenodd" | undefined} width="1em" height="1em" fill="currentColor" focusable="false">
        {svg.children?.map(drawn)}
      </svg>
    </span>
  );
}
