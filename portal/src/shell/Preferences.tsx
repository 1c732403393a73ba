import { MoonOutlined, SunOutlined, TranslationOutlined } from "@ant-design/icons";
import { Button, Tooltip } from "antd";
import { useTranslation } from "react-i18next";
import { speak } from "../i18n";
import { chooseMode, useMode } from "./theme";

export function LanguageButton() {
  const { t, i18n } = useTranslation();
  const label = t("shell.switchLanguage");
  return (
    <Tooltip title={label}>
      <Button type="text" icon={<TranslationOutlined />} aria-label={label} lang={i18n.language === "en" ? "zh-CN" : "en"} onClick={() => void speak(i18n.language === "en" ? "zh" : "en")}>
        {i18n.language === "en" ? "中文" : "EN"}
      </Button>
    </Tooltip>
  );
}

export function ModeButton() {
  const { t } = useTranslation();
  const mode = useMode();
  const label = mode === "dark" ? t("shell.switchLight") : t("shell.switchDark");
  return (
    <Tooltip title={label}>
      <Button type="text" icon={mode === "dark" ? <SunOutlined /> : <MoonOutlined />} aria-label={label} onClick={() => chooseMode(mode === "dark" ? "light" : "dark")} />
    </Tooltip>
  );
}
