import { Outlet } from "@tanstack/react-router";
import { App, ConfigProvider } from "antd";
import en from "antd/locale/en_US";
import type { Locale } from "antd/es/locale";
import { type ReactNode, useEffect, useState } from "react";
import { useWords } from "../i18n/words";
import { useMode } from "./mode";
import { themeOf, useStill } from "./theme";

const locales: Record<string, () => Promise<Locale>> = {
  zh: async () => (await import("antd/locale/zh_CN")).default,
};

/** The texts of the components themselves; English ones serve until others have come. */
function useLocale(): Locale {
  const { language } = useWords();
  const [loaded, keep] = useState<Record<string, Locale>>({});
  useEffect(() => {
    const load = locales[language];
    if (load) void load().then((locale) => keep((all) => ({ ...all, [language]: locale })));
  }, [language]);
  return loaded[language] ?? en;
}

/** What antd's components need around them. The frame and the first page do without antd, which a slow machine takes a second for. */
export function Components({ children }: { children: ReactNode }) {
  const mode = useMode();
  return (
    <ConfigProvider theme={themeOf(mode, useStill())} locale={useLocale()} button={{ autoInsertSpace: false }}>
      <App component={false} message={{ duration: 4 }}>
        {children}
      </App>
    </ConfigProvider>
  );
}

export const ComponentPages = () => (
  <Components>
    <Outlet />
  </Components>
);
