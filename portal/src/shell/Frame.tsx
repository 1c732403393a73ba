import menuFold from "@ant-design/icons-svg/es/asn/MenuFoldOutlined";
import menuUnfold from "@ant-design/icons-svg/es/asn/MenuUnfoldOutlined";
import { Outlet } from "@tanstack/react-router";
import { Suspense, useState } from "react";
import { Button } from "../controls/Button";
import { Icon } from "../controls/Icon";
import { useWide } from "../controls/useWide";
import { Loading } from "../feedback/Loading";
import { useWords } from "../i18n/words";
import { OperationsButton } from "../operations/OperationsButton";
import { SearchButton } from "../search/SearchButton";
import { Account } from "./Account";
import { dressed } from "./dressed";
import { LiveMark, LiveProvider } from "./Live";
import { Logo } from "./Logo";
import { Navigation } from "./Navigation";
import { LanguageButton, ModeButton } from "./Preferences";
import { ProjectPicker } from "./ProjectPicker";
import { useShortcuts } from "./useShortcuts";

const Search = dressed(async () => (await import("../search/Search")).Search);
const ShortcutSheet = dressed(async () => (await import("./ShortcutSheet")).ShortcutSheet);

const remembered = "plaza.menu";

/** Folded to icons where room is scarce, or as the user left it. */
function useCollapsed(): [boolean, (v: boolean) => void] {
  const wide = useWide();
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
      <div className="frame">
        <aside className={collapsed ? "sider folded" : "sider"}>
          <div className="row" style={{ padding: collapsed ? "14px 18px" : "14px 20px", height: 56, boxSizing: "border-box", flexWrap: "nowrap" }}>
            <Logo />
            {!collapsed && <strong style={{ fontSize: 17 }}>{t("app.name")}</strong>}
          </div>
          <Navigation collapsed={collapsed} />
        </aside>
        <div className="frame-page">
          <header className="top row">
            <Button
              look="text"
              aria-label={collapsed ? t("shell.expand") : t("shell.collapse")}
              aria-expanded={!collapsed}
              icon={<Icon of={collapsed ? menuUnfold : menuFold} />}
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
          </header>
          <main id="content" tabIndex={-1} style={{ flex: "auto", outline: "none", minWidth: 0 }}>
            <Suspense fallback={<Loading />}>
              <Outlet />
            </Suspense>
          </main>
        </div>
      </div>
      <Suspense fallback={null}>
        {over === "search" && <Search onClose={close} help={() => setOver("help")} />}
        {over === "help" && <ShortcutSheet onClose={close} />}
      </Suspense>
    </LiveProvider>
  );
}
