import user from "@ant-design/icons-svg/es/asn/UserOutlined";
import { Suspense, useState } from "react";
import { Button } from "../controls/Button";
import { Icon } from "../controls/Icon";
import { useWords } from "../i18n/words";
import { useMe } from "../session/permissions";
import { dressed } from "./dressed";

const AccountMenu = dressed(async () => (await import("./AccountMenu")).AccountMenu);

/** The user's name; its menu is fetched when it is first asked for. */
export function Account() {
  const { t } = useWords();
  const { name } = useMe().user;
  const [asked, ask] = useState(false);
  const button = (
    <Button look="text" icon={<Icon of={user} />} aria-haspopup="menu" aria-label={t("shell.account", { name })} onClick={() => ask(true)}>
      {name}
    </Button>
  );
  if (!asked) return button;
  return (
    <Suspense fallback={button}>
      <AccountMenu>{button}</AccountMenu>
    </Suspense>
  );
}
