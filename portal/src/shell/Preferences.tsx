import moon from "@ant-design/icons-svg/es/asn/MoonOutlined";
import sun from "@ant-design/icons-svg/es/asn/SunOutlined";
import translation from "@ant-design/icons-svg/es/asn/TranslationOutlined";
import { Button } from "../controls/Button";
import { Icon } from "../controls/Icon";
import { speak } from "../i18n";
import { useWords } from "../i18n/words";
import { chooseMode, useMode } from "./mode";

export function LanguageButton() {
  const { t, language } = useWords();
  const label = t("shell.switchLanguage");
  return (
    <Button look="text" icon={<Icon of={translation} />} aria-label={label} title={label} lang={language === "en" ? "zh-CN" : "en"} onClick={() => void speak(language === "en" ? "zh" : "en")}>
      {language === "en" ? "中文" : "EN"}
    </Button>
  );
}

export function ModeButton() {
  const { t } = useWords();
  const mode = useMode();
  const label = mode === "dark" ? t("shell.switchLight") : t("shell.switchDark");
  return (
    <Button look="text" icon={<Icon of={mode === "dark" ? sun : moon} />} aria-label={label} title={label} onClick={() => chooseMode(mode === "dark" ? "light" : "dark")} />
  );
}
