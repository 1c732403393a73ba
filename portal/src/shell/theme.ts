import { theme, type ThemeConfig } from "antd";
import { useSyncExternalStore } from "react";
import type { Mode } from "./mode";

const stillness = globalThis.matchMedia?.("(prefers-reduced-motion: reduce)");

/** Whether the user wants nothing to move. */
export const useStill = (): boolean =>
  useSyncExternalStore(
    (f) => {
      stillness?.addEventListener("change", f);
      return () => stillness?.removeEventListener("change", f);
    },
    () => stillness?.matches ?? false,
  );

const font = `-apple-system, "Segoe UI", Roboto, "Noto Sans", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif`;

/** Colours keep a contrast of 4.5:1 for text on what it stands on. */
export function themeOf(mode: Mode, still: boolean): ThemeConfig {
  const dark = mode === "dark";
  return {
    cssVar: { key: "plaza" },
    algorithm: dark ? theme.darkAlgorithm : theme.defaultAlgorithm,
    token: {
      colorPrimary: "#1554d1",
      colorInfo: "#1554d1",
      colorLink: dark ? "#86aefc" : "#1149bd",
      colorLinkHover: dark ? "#aac6fd" : "#0c3a97",
      colorError: dark ? "#ff7d7f" : "#c62a2f",
      colorTextDescription: dark ? "#a3acba" : "#596273",
      colorTextTertiary: dark ? "#a3acba" : "#596273",
      colorTextPlaceholder: dark ? "#98a1b0" : "#667085",
      colorBgLayout: dark ? "#0f1319" : "#f4f6fa",
      ...(dark ? { colorBgContainer: "#181d26", colorBgElevated: "#1f2530" } : { colorPrimaryHover: "#2563d9" }),
      motion: !still,
      borderRadius: 8,
      fontFamily: font,
    },
    components: {
      Layout: { siderBg: dark ? "#141922" : "#ffffff", headerBg: dark ? "#141922" : "#ffffff", headerHeight: 56, headerPadding: "0 16px", triggerBg: dark ? "#141922" : "#ffffff", triggerColor: dark ? "#c9d1dc" : "#39414f" },
      Menu: { itemHeight: 34, itemMarginBlock: 2, groupTitleFontSize: 12, groupTitleLineHeight: 1.1, itemBg: "transparent", subMenuItemBg: "transparent", groupTitleColor: dark ? "#a3acba" : "#596273", ...(dark ? { itemSelectedColor: "#a8c5ff", itemSelectedBg: "#1d2b4a" } : {}) },
      Tabs: dark ? { itemSelectedColor: "#a8c5ff", itemActiveColor: "#a8c5ff", itemHoverColor: "#c6d9ff", inkBarColor: "#5b8cf5" } : {},
      Button: dark ? { dangerColor: "#2a0708" } : {},
      Table: { headerBg: dark ? "#1d232e" : "#f7f9fc" },
    },
  };
}
