import { type ComponentType, lazy } from "react";

/** A part of the shell that is made of antd: it is fetched, with antd and its theme, when it is first asked for. */
export function dressed<P extends object>(load: () => Promise<ComponentType<P>>) {
  return lazy(async () => {
    const [{ Components }, Part] = await Promise.all([import("./Components"), load()]);
    const Dressed = (props: P) => (
      <Components>
        <Part {...props} />
      </Components>
    );
    return { default: Dressed };
  });
}
