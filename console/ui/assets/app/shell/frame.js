import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useQueryClient } from "@tanstack/react-query";
import { Component, lazy, Suspense, useCallback, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { Button, Dialog, Modal, ModalOverlay, Tooltip, TooltipTrigger } from "react-aria-components";
import { useLocation, useRoute } from "wouter";
import { follow } from "../api/changes.js";
import { awaySince, call, watchServer } from "../api/client.js";
import { useRead } from "../api/query.js";
import { Action, IconAction, More, Name, To, useRights } from "../parts/basic.js";
import { clockSkew, useNow } from "../parts/clock.js";
import { Icon } from "../parts/icon.js";
import { Logo, useProvider } from "../parts/logo.js";
import { CompanyName } from "../parts/names.js";
import { Skeleton } from "../parts/state.js";
import { complain, say, Toasts, useQuick } from "../parts/toast.js";
import { clock, count, lasting, many, roleTitle, tidy } from "../parts/words.js";
import { remember, remembered, to, useScroll } from "./place.js";
import { useSession } from "./session.js";
const loadPalette = () => import("./palette.js");
const Palette = lazy(loadPalette);
const prepare = () => void loadPalette().catch(() => undefined);
const loadHelp = () => import("./help.js");
const Help = lazy(loadHelp);
const sections = [
    { href: to.home, text: "Home", icon: "home" },
    { href: to.companies, text: "Companies", icon: "building" },
    { href: to.people, text: "People", icon: "people" },
    { href: to.connections, text: "Connections", icon: "plug" },
    { href: to.alerts, text: "Alerts", icon: "bell" },
    { href: to.billing, text: "Seats & billing", icon: "coins", rights: ["tenant.billing"] },
    { href: to.audit, text: "Audit", icon: "scroll", rights: ["tenant.record", "provider.record"] },
    { href: to.administrators, text: "Administrators", icon: "shield", rights: ["operator.read"] },
    { href: to.webhooks, text: "Webhooks", icon: "pulse", rights: ["webhook.read"] },
    { href: to.targets, text: "Targets", icon: "upload", rights: ["target.read"] },
    { href: to.projects, text: "Google projects", icon: "key", rights: ["project.read"] },
    { href: to.server, text: "Server", icon: "server", rights: ["server.manage"] },
    { href: to.settings, text: "Settings", icon: "gear" },
];
export function Frame({ children }) {
    const [drawer, setDrawer] = useState(false);
    const [palette, setPalette] = useState(false);
    const [help, setHelp] = useState(false);
    const [path, go] = useLocation();
    const search = useCallback(() => openLoaded(loadPalette, () => setPalette(true)), []);
    const assist = useCallback(() => openLoaded(loadHelp, () => setHelp(true)), []);
    const cache = useQueryClient();
    const begun = useRef(useSession().account.changes);
    useScroll();
    useEffect(() => setDrawer(false), [path]);
    useEffect(() => {
        const end = new AbortController();
        void follow(cache, begun.current, end.signal);
        return () => end.abort();
    }, [cache]);
    useEffect(() => {
        let end;
        let here = true;
        void import("./keys.js")
            .then(({ listen }) => {
            if (here)
                end = listen({ go, search, help: assist });
        })
            .catch(() => undefined);
        return () => {
            here = false;
            end?.();
        };
    }, [go, search, assist]);
    useEffect(() => {
        const keys = (event) => {
            if (event.key === "Control" || event.key === "Meta")
                prepare();
            if (event.key.toLowerCase() === "k" && (event.metaKey || event.ctrlKey) && !event.shiftKey && !event.altKey) {
                event.preventDefault();
                search();
            }
        };
        addEventListener("keydown", keys);
        return () => removeEventListener("keydown", keys);
    }, [search]);
    return (_jsxs("div", { className: "frame", children: [_jsx("a", { className: "skip", href: "#main", children: "Skip to the content" }), _jsx("aside", { className: "side", children: _jsx(Navigation, {}) }), _jsxs("div", { className: "stage", children: [_jsxs("header", { className: "bar", children: [_jsx("span", { className: "bar-menu", children: _jsx(IconAction, { icon: "menu", label: "Open the navigation", onPress: () => setDrawer(true) }) }), _jsxs(Button, { className: "find", onHoverStart: prepare, onPress: search, children: [_jsx(Icon, { name: "search" }), _jsx("span", { children: "Search or jump to\u2026" }), _jsx("kbd", { children: /Mac|iPhone|iPad/.test(navigator.userAgent) ? "⌘K" : "Ctrl K" })] }), _jsxs("span", { className: "bar-end", children: [_jsx(IconAction, { icon: "info", label: "Help", onPress: assist }), _jsx(Bell, {})] })] }), _jsx(Away, {}), _jsx(Band, {}), _jsx("main", { id: "main", tabIndex: -1, children: _jsx(Guard, { children: _jsx(Suspense, { fallback: _jsx(Skeleton, { rows: 8 }), children: children }) }, path.split("/").slice(0, 3).join("/")) })] }), _jsx(ModalOverlay, { className: "overlay overlay-drawer", isOpen: drawer, onOpenChange: setDrawer, isDismissable: true, children: _jsx(Modal, { className: "drawer", children: _jsx(Dialog, { "aria-label": "Navigation", className: "side side-drawer", children: _jsx(Navigation, {}) }) }) }), palette && (_jsx(Suspense, { fallback: null, children: _jsx(Palette, { close: () => setPalette(false) }) })), help && (_jsx(Suspense, { fallback: null, children: _jsx(Help, { close: () => setHelp(false) }) })), _jsx(Toasts, {})] }));
}
function Navigation() {
    const [path] = useLocation();
    const rights = useRights();
    const alerts = useOpenAlerts();
    const provider = useProvider();
    return (_jsxs(_Fragment, { children: [_jsxs(To, { href: to.home, className: "brand", label: "Drawbridge, home", children: [_jsx(Logo, { mark: provider?.logo }), !provider?.logo && _jsx("span", { children: "Drawbridge" })] }), _jsx("nav", { "aria-label": "Main", children: _jsx("ul", { className: "nav", children: sections.map((s) => {
                        const here = s.href === "/" ? path === "/" : path.startsWith(s.href);
                        const lack = s.rights && !s.rights.some((r) => rights.has(r)) ? s.rights[0] : undefined;
                        return (_jsx("li", { children: lack ? (_jsxs(TooltipTrigger, { delay: 200, children: [_jsxs(Button, { className: "nav-item is-off", ...{ "aria-disabled": true }, onPress: () => complain(`Your role, ${roleTitle(rights.role)}, lacks the right ${lack}.`), children: [_jsx(Icon, { name: s.icon }), _jsx("span", { children: s.text }), _jsx(Icon, { name: "lock", size: 12 })] }), _jsxs(Tooltip, { className: "tooltip", placement: "right", children: ["Your role lacks the right ", lack, "."] })] })) : (_jsx(NavLink, { section: s, here: here, count: s.href === to.alerts ? alerts : 0 })) }, s.href));
                    }) }) }), _jsx(Account, {})] }));
}
function NavLink({ section, here, count: n }) {
    return (_jsx("span", { "aria-current": here ? "page" : undefined, className: "nav-here", children: _jsxs(To, { href: section.href, className: "nav-item", children: [_jsx(Icon, { name: section.icon }), _jsx("span", { children: section.text }), n > 0 && (_jsxs("span", { className: "nav-count", children: [n >= 100 ? "99+" : count(n), _jsx("span", { className: "visually-hidden", children: " open" })] }))] }) }));
}
function useOpenAlerts() {
    const alerts = useRead("list-alerts", { query: { limit: 100 } });
    return alerts.data?.items.filter((a) => a.state === "open").length ?? 0;
}
function Bell() {
    const alerts = useOpenAlerts();
    const text = alerts ? many(alerts, "open alert", "open alerts") : "No open alerts";
    return (_jsxs(TooltipTrigger, { delay: 400, children: [_jsx(To, { href: to.alerts, className: `icon-button bell${alerts ? " bell-on" : ""}`, label: text, children: _jsx(Icon, { name: "bell", size: 18 }) }), _jsx(Tooltip, { className: "tooltip", children: text })] }));
}
function Account() {
    const { operator, signOut } = useSession();
    const theme = useTheme();
    const name = tidy(`${operator.first_name} ${operator.last_name}`);
    return (_jsxs("div", { className: "me", children: [_jsxs("div", { className: "me-who", children: [_jsx(Name, { text: name, short: true }), _jsx("span", { className: "faint", children: roleTitle(operator.role) })] }), _jsx(More, { label: "My account", choices: [
                    { id: "account", text: "My account", icon: "user", href: to.account },
                    {
                        id: "light",
                        text: "Light theme",
                        icon: theme.chosen === "light" ? "check" : "sun",
                        run: () => theme.choose("light"),
                        apart: true,
                    },
                    { id: "dark", text: "Dark theme", icon: theme.chosen === "dark" ? "check" : "sun", run: () => theme.choose("dark") },
                    { id: "system", text: "Theme of the system", icon: theme.chosen === "" ? "check" : "sun", run: () => theme.choose("") },
                    { id: "out", text: "Sign out", icon: "leave", run: () => void signOut().catch(complain), apart: true },
                ] })] }));
}
export function useTheme() {
    const [chosen, set] = useState(remembered("theme"));
    return {
        chosen,
        choose(theme) {
            remember("theme", theme);
            if (theme)
                document.documentElement.dataset.theme = theme;
            else
                delete document.documentElement.dataset.theme;
            set(theme);
        },
    };
}
function Away() {
    const since = useSyncExternalStore(watchServer, awaySince);
    const cache = useQueryClient();
    const skew = clockSkew();
    useNow();
    useEffect(() => {
        if (since === undefined)
            return;
        const timer = setInterval(() => call("get-me").catch(() => undefined), 4_000);
        return () => {
            clearInterval(timer);
            void cache.invalidateQueries();
        };
    }, [since, cache]);
    return (_jsxs(_Fragment, { children: [since !== undefined && (_jsxs("div", { className: "strip strip-bad", role: "alert", children: [_jsx(Icon, { name: "warning" }), _jsxs("span", { children: ["The server does not answer. What you see is as of ", clock(new Date(since + skew)), ". The console asks again every few seconds, and keeps what you have entered."] })] })), Math.abs(skew) > 120_000 && (_jsxs("div", { className: "strip strip-warn", role: "status", children: [_jsx(Icon, { name: "clock" }), _jsxs("span", { children: ["The clock of this computer is ", lasting(Math.abs(skew) / 1000), " ", skew > 0 ? "behind" : "ahead of", " the server's. The console shows the time of the server."] })] }))] }));
}
const insideKey = "inside";
export function noteInside(company) {
    remember(insideKey, company);
}
function Band() {
    const [match, params] = useRoute("/companies/:company/*?");
    const company = match && params.company ? decodeURIComponent(params.company) : remembered(insideKey);
    if (!company)
        return null;
    return _jsx(BandOf, { company: company, here: !!match }, company);
}
function BandOf({ company, here }) {
    const { operator } = useSession();
    const entries = useRead("list-support-sessions", { path: { tenant: company } }, { every: 60_000 });
    const leave = useQuick("leave-tenant", () => {
        remember(insideKey, "");
        say("You have left the company.");
    });
    const mine = entries.data?.items.find((e) => e.operator === operator.id);
    useEffect(() => {
        if (entries.isError && !here)
            remember(insideKey, "");
        if (entries.data && mine)
            remember(insideKey, company);
    }, [entries.data, entries.isError, mine, company, here]);
    if (!mine)
        return null;
    return (_jsxs("div", { className: "band", role: "status", children: [_jsx(Icon, { name: "enter" }), _jsxs("span", { children: ["Inside", " ", _jsx(To, { href: to.company(company), className: "band-link", children: _jsx(CompanyName, { slug: company }) }), " ", "since ", clock(mine.since), ", until ", clock(mine.until), mine.reason && (_jsxs(_Fragment, { children: [". Reason: ", _jsx(Name, { text: mine.reason, short: true })] }))] }), _jsx(Action, { small: true, icon: "leave", running: leave.running, onPress: () => leave.run({ path: { tenant: company } }), children: "Leave" })] }));
}
class Guard extends Component {
    state = {};
    static getDerivedStateFromError(error) {
        return { error };
    }
    timer = 0;
    componentDidCatch(error) {
        if (missing(error))
            void this.reload();
    }
    componentWillUnmount() {
        clearTimeout(this.timer);
    }
    reload = async () => {
        if (!(await answers())) {
            this.timer = window.setTimeout(() => void this.reload(), 3_000);
            return;
        }
        const last = Number(sessionStorage.getItem("drawbridge.reload") ?? 0);
        if (Date.now() - last < 30_000)
            return;
        sessionStorage.setItem("drawbridge.reload", String(Date.now()));
        location.reload();
    };
    render() {
        const { error } = this.state;
        if (!error)
            return this.props.children;
        return (_jsxs("div", { className: "empty empty-failed", role: "alert", children: [_jsx("span", { className: "empty-icon", children: _jsx(Icon, { name: "warning", size: 22 }) }), _jsx("h1", { className: "h3", children: missing(error) ? "This page could not be loaded" : "This page has a fault" }), _jsx("p", { children: missing(error)
                        ? "The server does not answer, or it was updated while the console was open. The page is loaded as soon as the server answers."
                        : error.message }), _jsx(Action, { look: "primary", onPress: () => void answers().then((yes) => (yes ? location.reload() : complain(noAnswer))), children: "Load the page again" })] }));
    }
}
function answers() {
    return fetch(location.pathname, { cache: "no-store" }).then((answer) => answer.ok, () => false);
}
const noAnswer = "This could not be loaded, because the server does not answer.";
function openLoaded(load, open) {
    load().then(open, () => complain(noAnswer));
}
function missing(error) {
    return /import|module|fetch/i.test(error.message);
}
