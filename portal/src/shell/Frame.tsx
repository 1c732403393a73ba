import menuFold from "@ant-design/icons-svg/es/asn/MenuFoldOutlined";
import menuUnfold from "@ant-design/icons-svg/es/asn/MenuUnfoldOutlined";
import { Outlet } from "@tanstack/react-router";
import { Suspense, useState } from "react";
import { Button } from "../controls/Button";
import { Icon } from "../controls/Icon";
import { Loading } from "../feedback/Loading";
import { useWords } from "../i18n/words";
import { OperationsButton } from "../operations/OperationsButton";
import { SearchButton } from "../search/SearchButton";
import { Account } from "./Account";
import { dressed } from "./dressed";
import { fold, useFolded } from "./fold";
import { LiveMark, useStream } from "./Live";
import { Logo } from "./Logo";
import { Navigation } from "./Navigation";
import { LanguageButton, ModeButton } from "./Preferences";
import { ProjectPicker } from "./ProjectPicker";
import { useShortcuts } from "./useShortcuts";

const Search = dressed(async () => (await import("../search/Search")).Search);
const ShortcutSheet = dressed(async () => (await import("./ShortcutSheet")).ShortcutSheet);

function Sider() {
  const { t } = useWords();
  return (
    <aside className={useFolded() ? "sider folded" : "sider"}>
      <div className="row sign">
        <Logo />
        <strong style={{ fontSize: 17 }}>{t("app.name")}</strong>
      </div>
      <Navigation />
    </aside>
  );
}

function FoldButton() {
  const { t } = useWords();
  const folded = useFolded();
  return <Button look="text" aria-label={folded ? t("shell.expand") : t("shell.collapse")} aria-expanded={!folded} icon={<Icon of={folded ? menuUnfold : menuFold} />} onClick={() => fold(!folded)} />;
}

export function Frame() {
  const { t } = useWords();
  const [over, setOver] = useState<"search" | "help" | "operations">();
  useShortcuts(setOver);
  useStream();
  const close = () => setOver(undefined);
  return (
    <>
      <a className="skip-link" href="#content">
        {t("app.skip")}
      </a>
      <div className="frame">
        <Sider />
        <div className="frame-page">
          <header className="top row">
            <FoldButton />
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
    </>
  );
}
