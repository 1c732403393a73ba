import { MoonOutlined, SunOutlined, TranslationOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { speak } from "../i18n";
import { useWords } from "../i18n/words";
import { chooseMode, useMode } from "./theme";

export function LanguageButton() {
  const { t, language } = useWords();
  const label = t("shell.switchLanguage");
  return (
    <Button type="text" icon={<TranslationOutlined />} aria-label={label} title={label} lang={language === "en" ? "zh-CN" : "en"} onClick={() => void speak(language === "en" ? "zh" : "en")}>
      {language === "en" ? "中文" : "EN"}
    </Button>
  );
}

export function ModeButton() {
  const { t } = useWords();
  const mode = useMode();
  const label = mode === "dark" ? t("shell.switchLight") : t("shell.switchDark");
  return (
    <Button type="text" icon={mode === "dark" ? <SunOutlined /> : <MoonOutlined />} aria-label={label} title={label} onClick={() => chooseMode(mode === "dark" ? "light" : "dark")} />
  );
}
