import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { App as AntApp, ConfigProvider } from "antd";
import en from "antd/locale/en_US";
import type { Locale } from "antd/es/locale";
import { useEffect, useState } from "react";
import { useWords } from "../i18n/words";
import { router } from "./router";
import { queryClient } from "./queryClient";
import { themeOf, useMode, useStill } from "./theme";

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

export function App() {
  const mode = useMode();
  return (
    <ConfigProvider theme={themeOf(mode, useStill())} locale={useLocale()} button={{ autoInsertSpace: false }}>
      <AntApp style={{ minHeight: "100%" }} message={{ duration: 4 }}>
        <QueryClientProvider client={queryClient}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </AntApp>
    </ConfigProvider>
  );
}
