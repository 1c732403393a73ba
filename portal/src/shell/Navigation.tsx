import {
  AppstoreOutlined, ApartmentOutlined, AuditOutlined, BranchesOutlined, CloudServerOutlined, ClusterOutlined, DashboardOutlined, DatabaseOutlined, DeploymentUnitOutlined,
  DiffOutlined, FileImageOutlined, HddOutlined, KeyOutlined, NodeIndexOutlined, PartitionOutlined, PieChartOutlined, SafetyOutlined, ShareAltOutlined, ShopOutlined, ShoppingCartOutlined, SolutionOutlined, SwapOutlined, TagsOutlined,
} from "@ant-design/icons";
import { Link, useLocation } from "@tanstack/react-router";
import { type ReactNode, useMemo } from "react";
import { useWords } from "../i18n/words";
import { kinds } from "../kinds/catalogue";
import { useCan } from "../session/permissions";

const icons: Record<string, ReactNode> = {
  servers: <CloudServerOutlined />, flavors: <TagsOutlined />, images: <FileImageOutlined />, volumes: <HddOutlined />, networks: <PartitionOutlined />,
  securitygroups: <SafetyOutlined />, keypairs: <KeyOutlined />, nodegroups: <ClusterOutlined />, hosts: <DatabaseOutlined />, dpathchains: <NodeIndexOutlined />, dpathenvs: <BranchesOutlined />,
};
const placed: Record<string, string[]> = { infrastructure: ["hosts", "regions", "baremetals", "clusters", "storagepools", "storagetiers", "sites", "placementpolicies", "assets", "runbooks", "runs"], boards: ["drifts", "requests"], compute: ["servers", "nodegroups", "servergroups", "monitors", "configs"], dpath: ["dpathchains", "dpathenvs"], resources: ["networks", "ports", "routers", "floatingips", "loadbalancers", "securitygroups", "volumes", "snapshots", "backups", "serverbackups", "volumeoffers", "keypairs", "images", "flavors"] };

interface Entry {
  to: string;
  label: string;
  icon: ReactNode;
}
type Group = { title: string; entries: Entry[] };

/** What the user may read decides what the menu shows; a kind that nobody placed stands under Resources. */
export function useGroups(): Group[] {
  const { t, plural } = useWords();
  const can = useCan();
  return useMemo(() => {
    const readable = new Set(kinds.filter((k) => can("list", k.name)).map((k) => k.plural));
    const pick = (names: string[]): Entry[] => names.filter((n) => readable.has(n)).map((n) => ({ to: `/${n}`, label: plural(n), icon: icons[n] ?? <AppstoreOutlined /> }));
    const known = new Set([...Object.values(placed).flat(), "bundles"]);
    const others = [...readable].filter((n) => !known.has(n));
    const only = (yes: boolean, to: string, label: string, icon: ReactNode): Entry[] => (yes ? [{ to, label, icon }] : []);
    return [
      { title: "", entries: only(true, "/", t("menu.overview"), <DashboardOutlined />) },
      { title: t("menu.services"), entries: [...only(kinds.some((k) => k.scoping === "project" && can("create", k.name)), "/catalogue", t("cloudMenu.orders"), <ShoppingCartOutlined />), ...only(readable.has("bundles"), "/bundles", plural("bundles"), <DeploymentUnitOutlined />), ...only(can("create", "bundle"), "/bundles/catalogue", t("menu.catalogue"), <ShopOutlined />)] },
      { title: t("menu.compute"), entries: pick(placed.compute ?? []) },
      { title: t("menu.dpath"), entries: pick(placed.dpath ?? []) },
      { title: t("menu.more"), entries: [...only(readable.has("networks"), "/networks/map", t("cloudMenu.networkMap"), <ShareAltOutlined />), ...pick([...(placed.resources ?? []), ...others])] },
      { title: t("menu.infrastructure"), entries: [...only(readable.has("hosts"), "/pools", t("menu.pools"), <DatabaseOutlined />), ...only(readable.has("hosts"), "/topology", t("cloudMenu.topology"), <ClusterOutlined />), ...only(readable.has("clusters"), "/ceph", t("cloudMenu.ceph"), <HddOutlined />), ...only(readable.has("drifts"), "/drifts", t("cloudMenu.drift"), <DiffOutlined />), ...pick(placed.infrastructure ?? []).map((e) => (e.to === "/hosts" ? { ...e, icon: <HddOutlined /> } : e))] },
      { title: t("menu.activity"), entries: [...only(true, "/operations", t("menu.operations"), <SwapOutlined />), ...only(readable.has("requests"), "/requests", t("cloudMenu.requests"), <SolutionOutlined />), ...only(can("list", "quota"), "/quotas", t("cloudMenu.quotas"), <PieChartOutlined />), ...only(can("list", "audit"), "/audit", t("menu.audit"), <AuditOutlined />), ...only(can("list", "node"), "/tenants", t("menu.tenants"), <ApartmentOutlined />)] },
    ].filter((g) => g.entries.length > 0);
  }, [t, plural, can]);
}

/** The entry whose address is the longest one that the page's begins with. */
export function selected(path: string, entries: string[]): string | undefined {
  const fits = entries.filter((e) => path === e || (e !== "/" && path.startsWith(`${e}/`)));
  return fits.toSorted((a, b) => b.length - a.length)[0];
}

export function Navigation({ collapsed }: { collapsed: boolean }) {
  const { t } = useWords();
  const { pathname } = useLocation();
  const groups = useGroups();
  const here = selected(pathname, groups.flatMap((g) => g.entries.map((e) => e.to)));
  return (
    <nav aria-label={t("app.menu")} className={collapsed ? "menu folded" : "menu"}>
      {groups.map((g) => (
        <section key={g.title} aria-label={g.title || undefined}>
          {g.title && !collapsed && <div className="menu-title">{g.title}</div>}
          <ul>
            {g.entries.map((e) => (
              <li key={e.to}>
                <Link to={e.to} title={collapsed ? e.label : undefined} aria-label={collapsed ? e.label : undefined} aria-current={e.to === here ? "page" : undefined} activeOptions={{ exact: true, includeSearch: false }}>
                  <span aria-hidden>{e.icon}</span>
                  {!collapsed && <span>{e.label}</span>}
                </Link>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </nav>
  );
}
