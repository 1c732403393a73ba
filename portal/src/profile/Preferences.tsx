import { Card, Form, Segmented, Switch } from "antd";
import { useState } from "react";
import { type Language, speak } from "../i18n";
import { useWords } from "../i18n/words";
import { lettersOn, setLetters } from "../shell/shortcuts";
import { chooseMode, type Choice, useChoice } from "../shell/mode";

/** How the portal looks and speaks in this browser. */
export function Preferences() {
  const { t, language } = useWords();
  const choice = useChoice();
  const [letters, keep] = useState(lettersOn());
  return (
    <Card size="small" title={t("profile.preferences")}>
      <Form layout="horizontal" labelCol={{ flex: "150px" }} labelAlign="left" colon={false} component={false}>
        <Form.Item label={t("profile.language")} style={{ marginBottom: 10 }}>
          <Segmented<Language> aria-label={t("profile.language")} value={language as Language} onChange={(v) => void speak(v)} options={[{ value: "en", label: "English" }, { value: "zh", label: "中文" }]} />
        </Form.Item>
        <Form.Item label={t("profile.theme")} style={{ marginBottom: 10 }}>
          <Segmented<Choice> aria-label={t("profile.theme")} value={choice} onChange={chooseMode} options={[{ value: "system", label: t("profile.system") }, { value: "light", label: t("shell.light") }, { value: "dark", label: t("shell.dark") }]} />
        </Form.Item>
        <Form.Item label={t("profile.letters")} extra={t("profile.lettersHint")} style={{ marginBottom: 0 }}>
          <Switch aria-label={t("profile.letters")} checked={letters} onChange={(on) => (setLetters(on), keep(on))} />
        </Form.Item>
      </Form>
    </Card>
  );
}
