import apartment from "@ant-design/icons-svg/es/asn/ApartmentOutlined";
import appstore from "@ant-design/icons-svg/es/asn/AppstoreOutlined";
import audit from "@ant-design/icons-svg/es/asn/AuditOutlined";
import branches from "@ant-design/icons-svg/es/asn/BranchesOutlined";
import cloudServer from "@ant-design/icons-svg/es/asn/CloudServerOutlined";
import cluster from "@ant-design/icons-svg/es/asn/ClusterOutlined";
import dashboard from "@ant-design/icons-svg/es/asn/DashboardOutlined";
import database from "@ant-design/icons-svg/es/asn/DatabaseOutlined";
import deploymentUnit from "@ant-design/icons-svg/es/asn/DeploymentUnitOutlined";
import diff from "@ant-design/icons-svg/es/asn/DiffOutlined";
import fileImage from "@ant-design/icons-svg/es/asn/FileImageOutlined";
import hdd from "@ant-design/icons-svg/es/asn/HddOutlined";
import key from "@ant-design/icons-svg/es/asn/KeyOutlined";
import nodeIndex from "@ant-design/icons-svg/es/asn/NodeIndexOutlined";
import partition from "@ant-design/icons-svg/es/asn/PartitionOutlined";
import pieChart from "@ant-design/icons-svg/es/asn/PieChartOutlined";
import safety from "@ant-design/icons-svg/es/asn/SafetyOutlined";
import shareAlt from "@ant-design/icons-svg/es/asn/ShareAltOutlined";
import shop from "@ant-design/icons-svg/es/asn/ShopOutlined";
import shoppingCart from "@ant-design/icons-svg/es/asn/ShoppingCartOutlined";
import solution from "@ant-design/icons-svg/es/asn/SolutionOutlined";
import swap from "@ant-design/icons-svg/es/asn/SwapOutlined";
import tags from "@ant-design/icons-svg/es/asn/TagsOutlined";
import type { IconDefinition } from "@ant-design/icons-svg/es/types";
import { useLocation, useRouter } from "@tanstack/react-router";
import { memo, type MouseEvent, useMemo } from "react";
import { Icon } from "../controls/Icon";
import { useWords } from "../i18n/words";
import { kinds } from "../kinds/catalogue";
import { useCan } from "../session/permissions";

const icons: Record<string, IconDefinition> = {
  servers: cloudServer, flavors: tags, images: fileImage, volumes: hdd, networks: partition,
  securitygroups: safety, keypairs: key, nodegroups: cluster, hosts: database, dpathchains: nodeIndex, dpathenvs: branches,
};
const placed: Record<string, string[]> = { infrastructure: ["hosts", "regions", "baremetals", "clusters", "storagepools", "storagetiers", "sites", "placementpolicies", "assets", "runbooks", "runs"], boards: ["drifts", "requests"], compute: ["servers", "nodegroups", "servergroups", "monitors", "configs"], dpath: ["dpathchains", "dpathenvs"], resources: ["networks", "ports", "routers", "floatingips", "loadbalancers", "securitygroups", "volumes", "snapshots", "backups", "serverbackups", "volumeoffers", "keypairs", "images", "flavors"] };

interface Entry {
  to: string;
  label: string;
  icon: IconDefinition;
}
type Group = { title: string; entries: Entry[] };

/** What the user may read decides what the menu shows; a kind that nobody placed stands under Resources. */
export function useGroups(): Group[] {
  const { t, plural } = useWords();
  const can = useCan();
  return useMemo(() => {
    const readable = new Set(kinds.filter((k) => can("list", k.name)).map((k) => k.plural));
    const pick = (names: string[]): Entry[] => names.filter((n) => readable.has(n)).map((n) => ({ to: `/${n}`, label: plural(n), icon: icons[n] ?? appstore }));
    const known = new Set([...Object.values(placed).flat(), "bundles"]);
    const others = [...readable].filter((n) => !known.has(n));
    const only = (yes: boolean, to: string, label: string, icon: IconDefinition): Entry[] => (yes ? [{ to, label, icon }] : []);
    return [
      { title: "", entries: only(true, "/", t("menu.overview"), dashboard) },
      { title: t("menu.services"), entries: [...only(kinds.some((k) => k.scoping === "project" && can("create", k.name)), "/catalogue", t("cloudMenu.orders"), shoppingCart), ...only(readable.has("bundles"), "/bundles", plural("bundles"), deploymentUnit), ...only(can("create", "bundle"), "/bundles/catalogue", t("menu.catalogue"), shop)] },
      { title: t("menu.compute"), entries: pick(placed.compute ?? []) },
      { title: t("menu.dpath"), entries: pick(placed.dpath ?? []) },
      { title: t("menu.more"), entries: [...only(readable.has("networks"), "/networks/map", t("cloudMenu.networkMap"), shareAlt), ...pick([...(placed.resources ?? []), ...others])] },
      { title: t("menu.infrastructure"), entries: [...only(readable.has("hosts"), "/pools", t("menu.pools"), database), ...only(readable.has("hosts"), "/topology", t("cloudMenu.topology"), cluster), ...only(readable.has("clusters"), "/ceph", t("cloudMenu.ceph"), hdd), ...only(readable.has("drifts"), "/drifts", t("cloudMenu.drift"), diff), ...pick(placed.infrastructure ?? []).map((e) => (e.to === "/hosts" ? { ...e, icon: hdd } : e))] },
      { title: t("menu.activity"), entries: [...only(true, "/operations", t("menu.operations"), swap), ...only(readable.has("requests"), "/requests", t("cloudMenu.requests"), solution), ...only(can("list", "quota"), "/quotas", t("cloudMenu.quotas"), pieChart), ...only(can("list", "audit"), "/audit", t("menu.audit"), audit), ...only(can("list", "node"), "/tenants", t("menu.tenants"), apartment)] },
    ].filter((g) => g.entries.length > 0);
  }, [t, plural, can]);
}

/** The entry whose address is the longest one that the page's begins with. */
export function selected(path: string, entries: string[]): string | undefined {
  const fits = entries.filter((e) => path === e || (e !== "/" && path.startsWith(`${e}/`)));
  return fits.toSorted((a, b) => b.length - a.length)[0];
}

/** Leads to entries within the page. The router's own links each follow all that it does, and of entries there are fifty. */
function useLeading() {
  const router = useRouter();
  const project = useLocation({ select: (l) => l.search.project });
  const chosen = project === undefined ? "" : router.options.stringifySearch({ project });
  return (to: string) => ({
    href: router.history.createHref(to + chosen),
    onClick: (e: MouseEvent) => {
      if (e.metaKey || e.ctrlKey || e.shiftKey || e.altKey) return; // the browser's own: another tab or window
      e.preventDefault();
      void router.navigate({ to });
    },
  });
}

/** The present entry is in view, also in a menu longer than the window. */
function intoView(entry: HTMLElement | null) {
  if (entry) requestAnimationFrame(() => entry.scrollIntoView({ block: "nearest" }));
}

// Folding it is a matter of its styles: an entry's name stays what it is read as, and is told where it cannot be seen.
export const Navigation = memo(() => {
  const { t } = useWords();
  const { pathname } = useLocation();
  const groups = useGroups();
  const leading = useLeading();
  const here = selected(pathname, groups.flatMap((g) => g.entries.map((e) => e.to)));
  return (
    <nav aria-label={t("app.menu")} className="menu">
      {groups.map((g) => (
        <section key={g.title} aria-label={g.title || undefined}>
          {g.title && <div className="menu-title">{g.title}</div>}
          <ul>
            {g.entries.map((e) => (
              <li key={e.to}>
                <a {...leading(e.to)} ref={e.to === here ? intoView : undefined} title={e.label} aria-current={e.to === here ? "page" : undefined}>
                  <Icon of={e.icon} />
                  <span>{e.label}</span>
                </a>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </nav>
  );
});
