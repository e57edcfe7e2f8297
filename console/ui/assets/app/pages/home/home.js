import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useRead } from "../../api/query.js";
import { Badge, Card, Head, Name, Note, SeatMeter, Tag, Time, To, ToButton, useRights } from "../../parts/basic.js";
import { now } from "../../parts/clock.js";
import { Icon } from "../../parts/icon.js";
import { Skeleton, Stale, View } from "../../parts/state.js";
import { alertKinds, count, many, plain, sentence, tidy } from "../../parts/words.js";
import { to, useTitle } from "../../shell/place.js";
import { useSession } from "../../shell/session.js";
import { standing } from "../company/marks.js";
import { daysLeft } from "../connection/list.js";
export default function Home() {
    useTitle("Home");
    const { operator: me } = useSession();
    const rights = useRights();
    const alerts = useRead("list-alerts", { query: { limit: 500 } });
    const fullest = useRead("list-tenants", { query: { sort: "seats", dir: "desc", limit: 500 } });
    const connections = useRead("list-connections", { query: { limit: 500 } });
    const status = useRead("get-status", {}, { enabled: rights.has("server.read") });
    const operators = useRead("list-operators", { query: { limit: 1 } }, { enabled: rights.has("operator.read") });
    const warnings = [...(status.data?.warnings ?? []), ...(operators.data?.warnings ?? [])];
    if (fullest.data?.items.length === 0 && rights.has("tenant.create"))
        return _jsx(FirstSteps, {});
    return (_jsxs(_Fragment, { children: [_jsx(Head, { title: `Good ${greeting()}, ${tidy(me.first_name)}`, sub: "What needs somebody, over all companies that you have." }), warnings.map((w) => (_jsx(Note, { tone: "warn", children: sentence(w) }, w))), _jsx(NeedsYou, { alerts: alerts.data?.items, tenants: fullest.data?.items, connections: connections.data?.items }), _jsxs("div", { className: "columns-2-1", children: [_jsxs("div", { className: "stack", children: [_jsx(Unhealthy, { reading: connections }), _jsx(OpenAlerts, { reading: alerts })] }), _jsx(Seats, { reading: fullest })] })] }));
}
function greeting() {
    const hour = new Date(now()).getHours();
    return hour < 12 ? "morning" : hour < 18 ? "afternoon" : "evening";
}
function FirstSteps() {
    return (_jsxs(_Fragment, { children: [_jsx(Head, { title: "Welcome", sub: "Three steps until people arrive." }), _jsx(Card, { children: _jsxs("ol", { className: "checklist", children: [_jsxs("li", { children: [_jsx("strong", { children: "Protect your own account." }), " Set up a second factor, and add a second Owner.", _jsxs("div", { className: "row", children: [_jsx(ToButton, { href: to.factor, icon: "shield", children: "Second factor" }), _jsx(ToButton, { href: `${to.administrators}?open=new`, icon: "user", children: "Add an Owner" })] })] }), _jsxs("li", { children: [_jsx("strong", { children: "Add a company." }), " It needs a name and a plan.", _jsx("div", { className: "row", children: _jsx(ToButton, { href: `${to.companies}?add=new`, look: "primary", icon: "plus", children: "Add a company" }) })] }), _jsxs("li", { children: [_jsx("strong", { children: "Connect its identity provider." }), " You get a base URL and a secret, and the words of its console."] })] }) }), _jsxs("p", { className: "faint", children: ["To see it with made-up companies first, run ", _jsx("code", { children: "drawbridge demo" }), ": it prints a link."] })] }));
}
function NeedsYou({ alerts, tenants, connections, }) {
    if (!alerts || !tenants || !connections)
        return _jsx(Skeleton, { rows: 2 });
    const open = alerts.filter((a) => a.state === "open").length;
    const held = connections.filter((c) => c.held > 0);
    const confirm = tenants.filter((t) => (t.users.awaiting_confirmation ?? 0) > 0);
    const waiting = confirm.reduce((n, t) => n + (t.users.awaiting_confirmation ?? 0), 0);
    const ending = connections.filter((c) => (daysLeft(c, now()) ?? 99) <= 14);
    const tiles = [
        [open, "open alert", "open alerts", to.alerts],
        [
            held.reduce((n, c) => n + c.held, 0),
            "removal held",
            "removals held",
            held.length === 1 ? to.connection(held[0].slug, "held") : to.connections,
        ],
        [
            waiting,
            "person to confirm",
            "people to confirm",
            confirm.length === 1 ? `${to.company(confirm[0].slug, "people")}?state=awaiting_confirmation` : to.companies,
        ],
        [
            ending.length,
            "credential ends within 14 days",
            "credentials end within 14 days",
            ending.length === 1 ? to.connection(ending[0].slug, "credentials") : to.connections,
        ],
    ];
    return (_jsx("ul", { className: "needs", "aria-label": "Needs you", children: tiles.map(([n, one, other, href]) => (_jsx("li", { children: _jsxs(To, { href: href, className: `need${n ? " need-some" : ""}`, children: [_jsx("span", { className: "need-number", children: count(n) }), _jsx("span", { className: "need-text", children: n === 1 ? one : other })] }) }, one))) }));
}
function Unhealthy({ reading }) {
    return (_jsx(Card, { title: "Sync that needs a look", flush: true, actions: _jsx(To, { href: to.connections, children: "All connections" }), children: _jsx(View, { reading: reading, rows: 4, children: (page) => {
                const sick = page.items.filter((c) => c.health.state !== "healthy" || c.paused || c.ending);
                if (!sick.length)
                    return _jsx(AllWell, { children: "Every connection is heard of as often as usual." });
                return (_jsx("ul", { className: "rows", children: sick.slice(0, 8).map((c) => (_jsxs("li", { className: "line", children: [_jsxs("div", { className: "line-main", children: [_jsx(To, { href: to.connection(c.slug), className: "line-title", children: c.slug }), _jsxs("span", { className: "faint", children: [_jsx(Name, { text: c.tenant, short: true }), " ", c.health.why && `· ${c.health.why}`] }), c.health.state === "failing" && c.health.last_error && (_jsxs("p", { className: "line-note", children: [_jsx(Icon, { name: "warning", size: 14 }), " ", c.health.last_error] }))] }), _jsxs("div", { className: "line-end", children: [_jsx(Badge, { word: standing(c) }), _jsxs("span", { className: "faint", children: ["Last success ", _jsx(Time, { at: c.last_success, none: "never" })] })] })] }, c.slug))) }));
            } }) }));
}
function OpenAlerts({ reading }) {
    return (_jsx(Card, { title: "Open alerts", flush: true, actions: _jsx(To, { href: to.alerts, children: "All alerts" }), children: _jsx(View, { reading: reading, rows: 4, children: (page) => {
                const open = page.items.filter((a) => a.state === "open");
                if (!open.length)
                    return _jsx(AllWell, { children: "No alert is open." });
                return (_jsx("ul", { className: "rows", children: open.slice(0, 8).map((a) => (_jsxs("li", { className: "line", children: [_jsxs("div", { className: "line-main", children: [_jsxs("span", { children: [_jsx(Tag, { tone: "bad", children: alertKinds[a.kind] ?? plain(a.kind) }), " ", _jsx(Name, { text: a.text })] }), _jsxs("span", { className: "faint", children: [_jsx(To, { href: to.company(a.tenant, "alerts"), children: a.tenant }), a.times > 1 && `, ${many(a.times, "time", "times")}`] })] }), _jsx("span", { className: "faint", children: _jsx(Time, { at: a.last }) })] }, `${a.tenant}-${a.key}`))) }));
            } }) }));
}
function AllWell({ children }) {
    return (_jsxs("p", { className: "card-pad all-well", children: [_jsx(Icon, { name: "check" }), " ", children] }));
}
function Seats({ reading }) {
    return (_jsxs(Card, { title: "Seats", actions: _jsx(To, { href: `${to.companies}?sort=seats&dir=desc`, children: "All companies" }), children: [_jsx(Stale, { reading: reading }), _jsx(View, { reading: reading, rows: 5, children: (page) => {
                    const limited = page.items.filter((t) => t.seats.limit > 0);
                    const occupied = page.items.reduce((n, t) => n + t.seats.occupied, 0);
                    const limit = limited.reduce((n, t) => n + t.seats.limit, 0);
                    const fullest = [...limited].sort((a, b) => b.seats.occupied / b.seats.limit - a.seats.occupied / a.seats.limit).slice(0, 6);
                    return (_jsxs(_Fragment, { children: [_jsxs("div", { className: "figure", children: [_jsxs("span", { className: "figure-name", children: ["In use, over ", many(page.items.length, "company", "companies")] }), _jsxs("span", { className: "figure-value", children: [count(occupied), " ", _jsxs("span", { className: "faint", children: ["/ ", count(limit)] })] })] }), _jsx("h3", { children: "Fullest" }), _jsx("ul", { className: "fullest", children: fullest.map((t) => (_jsxs("li", { children: [_jsx(To, { href: to.company(t.slug, "billing"), className: "line-title", children: _jsx(Name, { text: t.name, short: true }) }), _jsx(SeatMeter, { occupied: t.seats.occupied, limit: t.seats.limit })] }, t.slug))) })] }));
                } })] }));
}
