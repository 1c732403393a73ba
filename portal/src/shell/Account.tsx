import { LogoutOutlined, SettingOutlined, UserOutlined } from "@ant-design/icons";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Button, Dropdown } from "antd";
import { useTranslation } from "react-i18next";
import { client } from "../api/client";
import { unwrap } from "../api/problem";
import { useMe } from "../session/permissions";

export function Account() {
  const { t } = useTranslation();
  const { user } = useMe();
  const cache = useQueryClient();
  const navigate = useNavigate();
  const out = useMutation({
    mutationFn: () => unwrap(client.POST("/v1/logout")),
    onSettled: async () => {
      await navigate({ to: "/sign-in", search: {} });
      cache.clear();
    },
  });
  const items = [
    { key: "profile", icon: <SettingOutlined />, label: t("profile.title"), onClick: () => void navigate({ to: "/profile" }) },
    { key: "out", icon: <LogoutOutlined />, label: t("signIn.out"), onClick: () => out.mutate() },
  ];
  return (
    <Dropdown trigger={["click"]} menu={{ items }}>
      <Button type="text" icon={<UserOutlined />} aria-label={t("shell.account", { name: user.name })}>
        {user.name}
      </Button>
    </Dropdown>
  );
}
