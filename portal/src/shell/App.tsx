import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { App as AntApp, ConfigProvider } from "antd";
import en from "antd/locale/en_US";
import type { Locale } from "antd/es/locale";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { router } from "./router";
import { queryClient } from "./queryClient";
import { themeOf, useMode, useStill } from "./theme";

const locales: Record<string, () => Promise<Locale>> = {
  zh: async () => (await import("antd/locale/zh_CN")).default,
};

/** The texts of the components themselves; English ones serve until others have come. */
function useLocale(): Locale {
  const { i18n } = useTranslation();
  const [loaded, keep] = useState<Record<string, Locale>>({});
  useEffect(() => {
    const load = locales[i18n.language];
    if (load) void load().then((locale) => keep((all) => ({ ...all, [i18n.language]: locale })));
  }, [i18n.language]);
  return loaded[i18n.language] ?? en;
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
