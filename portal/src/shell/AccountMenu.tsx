import { LogoutOutlined, SettingOutlined } from "@ant-design/icons";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Dropdown } from "antd";
import { type ReactNode, useState } from "react";
import { wantAhead } from "../api/ahead";
import { client } from "../api/client";
import { unwrap } from "../api/problem";
import { useWords } from "../i18n/words";

/** What one can do about one's own account; it comes open. */
export function AccountMenu({ children }: { children: ReactNode }) {
  const { t } = useWords();
  const cache = useQueryClient();
  const navigate = useNavigate();
  const [open, setOpen] = useState(true);
  const out = useMutation({
    mutationFn: () => unwrap(client.POST("/v1/logout")),
    onSettled: async () => {
      await navigate({ to: "/sign-in", search: {} });
      cache.clear();
      wantAhead([]);
    },
  });
  const items = [
    { key: "profile", icon: <SettingOutlined />, label: t("profile.title"), onClick: () => void navigate({ to: "/profile" }) },
    { key: "out", icon: <LogoutOutlined />, label: t("signIn.out"), onClick: () => out.mutate() },
  ];
  return (
    <Dropdown trigger={["click"]} menu={{ items }} open={open} onOpenChange={setOpen}>
      {children}
    </Dropdown>
  );
}
