import { MenuFoldOutlined, MenuUnfoldOutlined } from "@ant-design/icons";
import { Outlet } from "@tanstack/react-router";
import { Button, Grid, Layout } from "antd";
import { lazy, Suspense, useState } from "react";
import { Loading } from "../feedback/Loading";
import { useWords } from "../i18n/words";
import { OperationsButton } from "../operations/OperationsButton";
import { SearchButton } from "../search/SearchButton";
import { Account } from "./Account";
import { LiveMark, LiveProvider } from "./Live";
import { Logo } from "./Logo";
import { Navigation } from "./Navigation";
import { LanguageButton, ModeButton } from "./Preferences";
import { ProjectPicker } from "./ProjectPicker";
import { useShortcuts } from "./useShortcuts";

const Search = lazy(async () => ({ default: (await import("../search/Search")).Search }));
const ShortcutSheet = lazy(async () => ({ default: (await import("./ShortcutSheet")).ShortcutSheet }));

const remembered = "plaza.menu";

/** Folded to icons where room is scarce, or as the user left it. */
function useCollapsed(): [boolean, (v: boolean) => void] {
  const wide = Grid.useBreakpoint().lg !== false;
  const [chosen, choose] = useState(localStorage.getItem(remembered));
  const set = (v: boolean) => {
    localStorage.setItem(remembered, v ? "closed" : "open");
    choose(v ? "closed" : "open");
  };
  return [chosen === null || !wide ? !wide && chosen !== "open" : chosen === "closed", set];
}

export function Frame() {
  const { t } = useWords();
  const [collapsed, setCollapsed] = useCollapsed();
  const [over, setOver] = useState<"search" | "help" | "operations">();
  useShortcuts(setOver);
  const close = () => setOver(undefined);
  return (
    <LiveProvider>
      <a className="skip-link" href="#content">
        {t("app.skip")}
      </a>
      <Layout style={{ minHeight: "100vh" }}>
        <Layout.Sider collapsible trigger={null} collapsed={collapsed} width={216} collapsedWidth={64} style={{ position: "sticky", top: 0, height: "100vh", overflow: "auto" }}>
          <div className="row" style={{ padding: collapsed ? "14px 18px" : "14px 20px", height: 56, boxSizing: "border-box", flexWrap: "nowrap" }}>
            <Logo />
            {!collapsed && <strong style={{ fontSize: 17 }}>{t("app.name")}</strong>}
          </div>
          <Navigation collapsed={collapsed} />
        </Layout.Sider>
        <Layout>
          <Layout.Header className="row" style={{ position: "sticky", top: 0, zIndex: 10, flexWrap: "nowrap", lineHeight: "normal", boxShadow: "0 1px 0 rgba(128,140,160,.22)" }}>
            <Button
              type="text"
              aria-label={collapsed ? t("shell.expand") : t("shell.collapse")}
              aria-expanded={!collapsed}
              icon={collapsed ? <MenuUnfoldOutlined /> : <MenuFoldOutlined />}
              onClick={() => setCollapsed(!collapsed)}
            />
            <ProjectPicker />
            <SearchButton onOpen={() => setOver("search")} />
            <span style={{ flex: 1 }} />
            <LiveMark />
            <OperationsButton open={over === "operations"} setOpen={(open) => setOver(open ? "operations" : undefined)} />
            <LanguageButton />
            <ModeButton />
            <Account />
          </Layout.Header>
          <main id="content" tabIndex={-1} style={{ flex: "auto", outline: "none", minWidth: 0 }}>
            <Suspense fallback={<Loading />}>
              <Outlet />
            </Suspense>
          </main>
        </Layout>
      </Layout>
      <Suspense fallback={null}>
        {over === "search" && <Search onClose={close} help={() => setOver("help")} />}
        {over === "help" && <ShortcutSheet onClose={close} />}
      </Suspense>
    </LiveProvider>
  );
}
