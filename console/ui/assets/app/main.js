import { jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { QueryClientProvider } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { I18nProvider, RouterProvider } from "react-aria-components";
import { createRoot } from "react-dom/client";
import { Route, Router, Switch, useLocation } from "wouter";
import { newCache } from "./api/query.js";
import { Empty } from "./parts/state.js";
import { Frame } from "./shell/frame.js";
import { SessionGate } from "./shell/session.js";
const Link = lazy(() => import("./pages/session/link.js"));
const Factor = lazy(() => import("./pages/session/factor.js"));
const Companies = lazy(() => import("./pages/company/list.js"));
const Company = lazy(() => import("./pages/company/company.js"));
const base = "/console";
const cache = newCache();
function Console() {
    const [path, go] = useLocation();
    const navigate = (to) => {
        document.body.dataset.moved = "yes";
        go(to);
    };
    return (_jsx(RouterProvider, { navigate: navigate, useHref: (href) => (href.startsWith("/") ? base + href : href), children: path === "/link" ? (_jsx(Suspense, { fallback: null, children: _jsx(Link, {}) })) : (_jsx(SessionGate, { children: _jsx(Frame, { children: _jsxs(Switch, { children: [_jsx(Route, { path: "/account/mfa", children: _jsx(Factor, {}) }), _jsx(Route, { path: "/", component: Companies }), _jsx(Route, { path: "/sign-in", component: Companies }), _jsx(Route, { path: "/companies", component: Companies }), _jsx(Route, { path: "/companies/:company/*?", component: Company }), _jsx(Route, { children: _jsx(Empty, { title: "There is no such page", children: "The address is wrong, or the page has moved. Use the navigation or the search." }) })] }) }) })) }));
}
const root = document.getElementById("root");
if (root) {
    createRoot(root).render(_jsx(QueryClientProvider, { client: cache, children: _jsx(I18nProvider, { locale: "en-GB", children: _jsx(Router, { base: base, children: _jsx(Console, {}) }) }) }));
}
