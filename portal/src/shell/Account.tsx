import { UserOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { lazy, Suspense, useState } from "react";
import { useWords } from "../i18n/words";
import { useMe } from "../session/permissions";

const AccountMenu = lazy(async () => ({ default: (await import("./AccountMenu")).AccountMenu }));

/** The user's name; its menu is fetched when it is first asked for. */
export function Account() {
  const { t } = useWords();
  const { user } = useMe();
  const [asked, ask] = useState(false);
  const button = (
    <Button type="text" icon={<UserOutlined />} aria-haspopup="menu" aria-label={t("shell.account", { name: user.name })} onClick={() => ask(true)}>
      {user.name}
    </Button>
  );
  if (!asked) return button;
  return (
    <Suspense fallback={button}>
      <AccountMenu>{button}</AccountMenu>
    </Suspense>
  );
}
