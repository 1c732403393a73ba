import { Card } from "antd";
import { type ReactNode, useEffect } from "react";
import { useWords } from "../i18n/words";
import { Logo } from "../shell/Logo";
import { LanguageButton, ModeButton } from "../shell/Preferences";

/** The frame of pages for those who are not signed in. */
export function Entrance({ title, children, below }: { title: string; children: ReactNode; below?: ReactNode }) {
  const { t } = useWords();
  useEffect(() => {
    document.title = `${title} · ${t("app.name")}`;
  }, [title, t]);
  return (
    <main style={{ minHeight: "100vh", display: "grid", placeItems: "center", padding: 16 }}>
      <div style={{ width: "min(400px, 100%)" }} className="stack">
        <div className="row" style={{ gap: 12 }}>
          <Logo size={44} />
          <div>
            <div style={{ fontSize: 22, fontWeight: 650 }}>{t("app.name")}</div>
            <div className="muted">{t("signIn.lead")}</div>
          </div>
        </div>
        <Card>
          <h1 style={{ fontSize: 18, marginTop: 0 }}>{title}</h1>
          {children}
        </Card>
        {below && <div className="muted">{below}</div>}
        <div className="row" style={{ justifyContent: "center" }}>
          <LanguageButton />
          <ModeButton />
        </div>
      </div>
    </main>
  );
}
