import { jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { QueryClientProvider } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { I18nProvider, RouterProvider } from "react-aria-components";
import { createRoot } from "react-dom/client";
import { Route, Router, Switch, useLocation } from "wouter";
import { call } from "./api/client.js";
import { signedOut } from "./api/first.js";
import { keyOf, newCache } from "./api/query.js";
import { Empty, Needs, Opening } from "./parts/state.js";
import { Frame } from "./shell/frame.js";
import { SessionGate, signInReady } from "./shell/session.js";
const Link = lazy(() => import("./pages/session/link.js"));
const Factor = lazy(() => import("./pages/session/factor.js"));
const Companies = lazy(() => import("./pages/company/list.js"));
const Company = lazy(() => import("./pages/company/company.js"));
const People = lazy(() => import("./pages/user/everywhere.js"));
const Connections = lazy(() => import("./pages/connection/list.js"));
const Connection = lazy(() => import("./pages/connection/connection.js"));
const Operators = lazy(() => import("./pages/operator/list.js"));
const SignedIn = lazy(() => import("./pages/session/sign-in.js").then((m) => ({ default: m.SignedInAlready })));
const Home = lazy(() => import("./pages/home/home.js"));
const Alerts = lazy(() => import("./pages/alert/alerts.js"));
const Billing = lazy(() => import("./pages/billing/billing.js"));
const Audit = lazy(() => import("./pages/audit/audit.js"));
const Targets = lazy(() => import("./pages/target/list.js"));
const Target = lazy(() => import("./pages/target/target.js"));
const Projects = lazy(() => import("./pages/project/list.js"));
const Project = lazy(() => import("./pages/project/project.js"));
const Webhooks = lazy(() => import("./pages/webhook/list.js"));
const Webhook = lazy(() => import("./pages/webhook/webhook.js"));
const Server = lazy(() => import("./pages/server/server.js"));
const Account = lazy(() => import("./pages/account/account.js"));
const Settings = lazy(() => import("./pages/settings/settings.js"));
const base = "/console";
const cache = newCache();
function needing(any, page) {
    return (_jsx(Needs, { any: any, level: 1, children: page }));
}
function Console() {
    const [path, go] = useLocation();
    const navigate = (to) => {
        document.body.dataset.moved = "yes";
        history.replaceState({ ...history.state, link: base + to }, "");
        go(to);
    };
    return (_jsx(RouterProvider, { navigate: navigate, useHref: (href) => (href.startsWith("/") ? base + href : href), children: path === "/link" ? (_jsx(Suspense, { fallback: _jsx(Opening, {}), children: _jsx(Link, {}) })) : (_jsx(SessionGate, { children: _jsx(Frame, { children: _jsxs(Switch, { children: [_jsx(Route, { path: "/account/mfa", children: _jsx(Factor, {}) }), _jsx(Route, { path: "/", component: Home }), _jsx(Route, { path: "/sign-in", children: location.hash.startsWith("#oidc=") ? _jsx(SignedIn, {}) : _jsx(Home, {}) }), _jsx(Route, { path: "/companies", component: Companies }), _jsx(Route, { path: "/companies/:company/*?", component: Company }), _jsx(Route, { path: "/people", component: People }), _jsx(Route, { path: "/connections", component: Connections }), _jsx(Route, { path: "/connections/:connection/:tab?", component: Connection }), _jsx(Route, { path: "/alerts", component: Alerts }), _jsx(Route, { path: "/billing", children: needing(["tenant.billing"], _jsx(Billing, {})) }), _jsx(Route, { path: "/audit", children: needing(["tenant.record", "provider.record"], _jsx(Audit, {})) }), _jsx(Route, { path: "/targets", component: Targets }), _jsx(Route, { path: "/targets/:target/:tab?", component: Target }), _jsx(Route, { path: "/google-projects", component: Projects }), _jsx(Route, { path: "/google-projects/:project", component: Project }), _jsx(Route, { path: "/webhooks", children: needing(["webhook.read"], _jsx(Webhooks, {})) }), _jsx(Route, { path: "/webhooks/:webhook/:tab?", children: needing(["webhook.read"], _jsx(Webhook, {})) }), _jsx(Route, { path: "/server", children: needing(["server.manage"], _jsx(Server, {})) }), _jsx(Route, { path: "/account", component: Account }), _jsx(Route, { path: "/administrators", children: needing(["operator.read"], _jsx(Operators, {})) }), _jsx(Route, { path: "/settings", component: Settings }), _jsx(Route, { children: _jsx(Empty, { title: "There is no such page", level: 1, children: "The address is wrong, or the page has moved. Use the navigation or the search." }) })] }) }) })) }));
}
if (!signedOut && !location.pathname.endsWith("/link"))
    void cache.prefetchQuery({ queryKey: keyOf("get-me"), queryFn: () => call("get-me") });
const root = document.getElementById("root");
await signInReady;
if (root) {
    createRoot(root).render(_jsx(QueryClientProvider, { client: cache, children: _jsx(I18nProvider, { locale: "en-GB", children: _jsx(Router, { base: base, children: _jsx(Console, {}) }) }) }));
}
