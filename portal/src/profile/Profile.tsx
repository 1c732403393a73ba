import { Card, Descriptions } from "antd";
import type { ReactNode } from "react";
import { Moment } from "../feedback/Moment";
import { PageHead } from "../feedback/PageHead";
import { useWords } from "../i18n/words";
import { useMe } from "../session/permissions";
import { PasswordForm } from "./PasswordForm";
import { Preferences } from "./Preferences";
import { SecondFactor } from "./SecondFactor";
import { Sessions } from "./Sessions";
import { Tokens } from "./Tokens";

function Account() {
  const { t } = useWords();
  const { user, permissions } = useMe();
  const grants = permissions.grants ?? [];
  const rows: [string, ReactNode][] = [
    [t("signIn.name"), user.name],
    [t("profile.email"), user.email || t("detail.none")],
    [t("profile.lastLogin"), user.lastLoginAt ? <Moment key="at" at={user.lastLoginAt} /> : t("detail.none")],
    [t("profile.roles"), grants.length > 0 ? <ul key="roles" style={{ margin: 0, paddingInlineStart: 18 }}>{grants.map((g) => <li key={`${g.role} ${g.nodeId}`}>{t("profile.role", { role: g.role, node: g.node || t("tenants.root") })}</li>)}</ul> : t("profile.noRoles")],
  ];
  return (
    <Card size="small" title={t("profile.account")}>
      <Descriptions column={1} size="small" styles={{ label: { width: 150 } }} items={rows.map(([label, children]) => ({ key: label, label, children }))} />
    </Card>
  );
}

/** What is the user's own: preferences, ways to sign in, sessions, tokens. */
export function Profile() {
  const { t } = useWords();
  const { user } = useMe();
  const own = !user.providerId; // whoever signs in by a provider has password and codes there
  return (
    <div className="page">
      <PageHead title={t("profile.title")} />
      <div className="columns">
        <div className="stack">
          <Account />
          <Preferences />
          {own && <PasswordForm />}
        </div>
        <div className="stack">
          {own && <SecondFactor />}
          <Sessions />
          <Tokens />
        </div>
      </div>
    </div>
  );
}
