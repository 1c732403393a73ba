import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect, retainSearchParams } from "@tanstack/react-router";
import { wantAhead } from "../api/ahead";
import { onSessionEnd } from "../api/client";
import { queries } from "../api/queries";
import { kindOf } from "../kinds/catalogue";
import { Loading } from "../feedback/Loading";
import { Overview } from "../overview/Overview";
import { allowed, findProject } from "../session/permissions";
import { dressed } from "./dressed";
import { Crashed } from "./Fallback";
import { Frame } from "./Frame";
import { goLive } from "./Live";
import { queryClient } from "./queryClient";

const text = (v: unknown) => (typeof v === "string" && v !== "" ? v : undefined);

const root = createRootRoute({
  validateSearch: (s: Record<string, unknown>): { project?: string } => ({ project: text(s.project) }),
  search: { middlewares: [retainSearchParams(["project"])] },
});

const entrance = createRoute({ getParentRoute: () => root, id: "entrance", component: lazyRouteComponent(() => import("./Components"), "ComponentPages") });

const signIn = createRoute({
  getParentRoute: () => entrance,
  path: "/sign-in",
  validateSearch: (s: Record<string, unknown>): { to?: string; ended?: boolean } => ({ to: text(s.to), ended: s.ended === true ? true : undefined }),
  component: lazyRouteComponent(() => import("../session/SignIn"), "SignIn"),
});

const accept = createRoute({ getParentRoute: () => entrance, path: "/accept-invitation", component: lazyRouteComponent(() => import("../session/AcceptInvitation"), "AcceptInvitation") });

const frame = createRoute({
  getParentRoute: () => root,
  id: "frame",
  beforeLoad: async ({ location }) => {
    try {
      await queryClient.ensureQueryData(queries.me);
    } catch (error) {
      const status = (error as { problem?: { status: number } }).problem?.status;
      if (status === 401) throw redirect({ to: "/sign-in", search: { to: location.href } });
      throw error;
    }
    goLive();
  },
  component: Frame,
});

// What its figures are made of is asked for before anything is drawn.
const overview = createRoute({
  getParentRoute: () => frame,
  path: "/",
  loaderDeps: ({ search }) => ({ project: search.project }),
  loader: ({ deps }) => {
    const me = queryClient.getQueryData(queries.me.queryKey);
    if (!me) return;
    const [operator, bundles] = [allowed(me, "list", "host"), allowed(me, "list", "bundle")];
    if (operator) void queryClient.prefetchQuery(queries.overview);
    if (bundles) void queryClient.prefetchQuery(queries.most("bundles", findProject(me, deps.project)?.id));
    void queryClient.prefetchQuery(queries.operations);
    wantAhead([...(operator ? ["/v1/overview"] : []), ...(bundles ? ["/v1/bundles?limit=1000"] : []), "/v1/operations?limit=50"]);
  },
  component: Overview,
});

// All other pages are made of antd, which comes with the first of them.
const pages = createRoute({ getParentRoute: () => frame, id: "pages", component: lazyRouteComponent(() => import("./Components"), "ComponentPages") });

type Page = Parameters<typeof lazyRouteComponent>[0];
const page = <P extends string>(path: P, load: Page, name: string) =>
  createRoute({ getParentRoute: () => pages, path, component: lazyRouteComponent(load, name) });

// A kind with a page of its own has its form beside it, or `new` would be taken for an id.
const own = <P extends string>(plural: P, load: Page, name: string) =>
  [page(`/${plural}/$id`, load, name), page(`/${plural}/new`, () => import("../kinds/KindFormPage"), "NewPage")] as const;

const known = (plural: string) => {
  if (!kindOf(plural)) throw redirect({ to: "/lost", replace: true });
};
const kindList = createRoute({ getParentRoute: () => pages, path: "/$plural", beforeLoad: ({ params }) => known(params.plural), component: lazyRouteComponent(() => import("../kinds/KindPages"), "ListPage") });
const kindNew = createRoute({ getParentRoute: () => pages, path: "/$plural/new", beforeLoad: ({ params }) => known(params.plural), component: lazyRouteComponent(() => import("../kinds/KindFormPage"), "NewPage") });
const kindOne = createRoute({ getParentRoute: () => pages, path: "/$plural/$id", beforeLoad: ({ params }) => known(params.plural), component: lazyRouteComponent(() => import("../kinds/KindPages"), "DetailPage") });
const kindEdit = createRoute({ getParentRoute: () => pages, path: "/$plural/$id/edit", beforeLoad: ({ params }) => known(params.plural), component: lazyRouteComponent(() => import("../kinds/KindFormPage"), "EditPage") });

const tree = root.addChildren([
  entrance.addChildren([signIn, accept]),
  frame.addChildren([
    overview,
    pages.addChildren([
      page("/lost", () => import("./NotFound"), "NotFound"),
      page("/pools", () => import("../pools/Pools"), "Pools"),
      page("/catalogue", () => import("../catalogue/Orders"), "Orders"),
      page("/topology", () => import("../topology/Topology"), "Topology"),
      page("/networks/map", () => import("../networks/NetworkMapPage"), "NetworkMapPage"),
      page("/hosts", () => import("../pools/Hosts"), "Hosts"),
      ...own("baremetals", () => import("../baremetal/MachinePage"), "MachinePage"),
      page("/ceph", () => import("../ceph/Ceph"), "Ceph"),
      page("/drifts", () => import("../drift/DriftBoard"), "DriftBoard"),
      page("/quotas", () => import("../quotas/Quotas"), "Quotas"),
      page("/requests", () => import("../requests/Requests"), "Requests"),
      ...own("requests", () => import("../requests/RequestPage"), "RequestPage"),
      ...own("buckets", () => import("../storage/BucketPage"), "BucketPage"),
      ...own("shares", () => import("../storage/SharePage"), "SharePage"),
      page("/images", () => import("../images/ImageList"), "ImageList"),
      page("/images/upload", () => import("../images/Upload"), "Upload"),
      ...own("servers", () => import("../servers/ServerPage"), "ServerPage"),
      page("/bundles", () => import("../bundles/BundleList"), "BundleList"),
      page("/bundles/catalogue", () => import("../bundles/Catalogue"), "Catalogue"),
      page("/bundles/order/$blueprint", () => import("../bundles/Order"), "Order"),
      page("/bundles/$id", () => import("../bundles/BundlePage"), "BundlePage"),
      ...own("dpathchains", () => import("../dpath/ChainPage"), "ChainPage"),
      page("/dpathenvs/new", () => import("../dpath/EnvForm"), "EnvNew"),
      page("/dpathenvs/$id", () => import("../dpath/EnvPage"), "EnvPage"),
      page("/dpathenvs/$id/edit", () => import("../dpath/EnvForm"), "EnvEdit"),
      page("/operations", () => import("../operations/Operations"), "Operations"),
      page("/audit", () => import("../audit/AuditPage"), "AuditPage"),
      page("/profile", () => import("../profile/Profile"), "Profile"),
      page("/tenants", () => import("../tenants/Tenants"), "Tenants"),
      kindList,
      kindNew,
      kindOne,
      kindEdit,
    ]),
  ]),
]);

export const router = createRouter({
  routeTree: tree,
  defaultPendingComponent: Loading,
  defaultPendingMs: 300,
  defaultErrorComponent: Crashed,
  defaultNotFoundComponent: dressed(async () => (await import("./NotFound")).NotFound),
  scrollRestoration: true,
});

onSessionEnd(() => {
  if (router.state.location.pathname === "/sign-in" || router.state.location.pathname === "/accept-invitation") return;
  const to = router.state.location.href;
  queryClient.clear();
  wantAhead([]);
  void router.navigate({ to: "/sign-in", search: { to, ended: true } });
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
