import { Tooltip } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { ago, exact } from "../i18n/time";

/** A time as "3 minutes ago", exact when pointed at; it stays true while it is looked at. */
export function Moment({ at }: { at?: string }) {
  const { i18n } = useTranslation();
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((n) => n + 1), 15_000);
    return () => clearInterval(timer);
  }, []);
  if (!at || at.startsWith("0001-")) return <>—</>;
  return (
    <Tooltip title={exact(at, i18n.language)}>
      <time dateTime={at}>{ago(at, i18n.language)}</time>
    </Tooltip>
  );
}
