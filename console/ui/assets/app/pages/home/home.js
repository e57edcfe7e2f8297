import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useEffect, useState } from "react";
import { useRead } from "../../api/query.js";
import { Action, Badge, Card, Fact, Facts, Head, Name, Note, Nothing, SeatMeter, Tag, Time, To, ToButton, useRights, } from "../../parts/basic.js";
import { now } from "../../parts/clock.js";
import { Icon } from "../../parts/icon.js";
import { Skeleton, Stale, View, Withheld } from "../../parts/state.js";
import { alertKinds, count, isoDay, many, plain, sentence, standing, tidy } from "../../parts/words.js";
import { to, useTitle } from "../../shell/place.js";
import { useSession } from "../../shell/session.js";
export default function Home() {
    useTitle("Home");
    const { operator: me } = useSession();
    const rights = useRights();
    const alerts = useRead("list-alerts", { query: { limit: 500 } });
    const [most, setMost] = useState(12);
    const inbox = useRead("get-inbox", { query: { limit: most } }, { keep: true });
    const fullest = useRead("list-tenants", { query: { sort: "seats", dir: "desc", limit: 500 } });
    const connections = useRead("list-connections", { query: { sort: "health", limit: 50 } });
    const status = useRead("get-status", {}, { enabled: rights.has("server.read") });
    const operators = useRead("list-operators", { query: { limit: 1 } }, { enabled: rights.has("operator.read") });
    const warnings = [...(status.data?.warnings ?? []), ...(operators.data?.warnings ?? [])];
    if (fullest.data?.items.length === 0 && rights.has("tenant.create"))
        return _jsx(FirstSteps, {});
    return (_jsxs(_Fragment, { children: [_jsx(Head, { title: `Good ${greeting()}, ${tidy(me.first_name)}`, sub: "What needs your attention, in all your companies." }), warnings.map((w) => (_jsx(Note, { tone: "warn", children: sentence(w) }, w))), _jsx(NeedsYou, { alerts: alerts.data, inbox: inbox.data }), _jsxs("div", { className: "columns-2-1", children: [_jsxs("div", { className: "stack", children: [_jsx(Waiting, { reading: inbox, more: () => setMost(200) }), _jsx(Unhealthy, { reading: connections }), _jsx(OpenAlerts, { reading: alerts })] }), _jsxs("div", { className: "stack", children: [_jsx(Seats, { reading: fullest }), rights.has("tenant.record") ? _jsx(Today, { on: alerts.data !== undefined }) : _jsx(Withheld, { title: "Today", right: "tenant.record" })] })] })] }));
}
function greeting() {
    const hour = new Date(now()).getHours();
    return hour < 12 ? "morning" : hour < 18 ? "afternoon" : "evening";
}
function FirstSteps() {
    return (_jsxs(_Fragment, { children: [_jsx(Head, { title: "Welcome", sub: "Three steps until people arrive." }), _jsx(Card, { children: _jsxs("ol", { className: "checklist", children: [_jsxs("li", { children: [_jsx("strong", { children: "Protect your own account." }), " Set up a second factor, and add a second Owner.", _jsxs("div", { className: "row", children: [_jsx(ToButton, { href: to.factor, icon: "shield", children: "Second factor" }), _jsx(ToButton, { href: `${to.administrators}?open=new`, icon: "user", children: "Add an Owner" })] })] }), _jsxs("li", { children: [_jsx("strong", { children: "Add a company." }), " It needs a name and a plan.", _jsx("div", { className: "row", children: _jsx(ToButton, { href: `${to.companies}?add=new`, look: "primary", icon: "plus", children: "Add a company" }) })] }), _jsxs("li", { children: [_jsx("strong", { children: "Connect its identity provider." }), " You get a base URL and a secret, and the fields of its console that they go into."] })] }) }), _jsxs("p", { className: "faint", children: ["To see it with made-up companies first, run ", _jsx("code", { children: "drawbridge demo" }), ": it prints a link."] })] }));
}
function NeedsYou({ alerts, inbox }) {
    if (!alerts || !inbox)
        return _jsx(Skeleton, { rows: 2 });
    const open = alerts.items.filter((a) => a.state === "open").length;
    const n = (kind) => inbox.counts[kind] ?? 0;
    const where = (kind, all) => {
        const items = inbox.items.filter((i) => i.kind === kind);
        return n(kind) === 1 && items[0] ? placeOf(items[0]) : all;
    };
    const tiles = [
        [open, "open alert", "open alerts", to.alerts],
        [n("held"), "connection with held removals", "connections with held removals", where("held", to.connections)],
        [n("deletion_request"), "deletion request", "deletion requests", where("deletion_request", "#waiting")],
        [n("confirmation"), "company with people to confirm", "companies with people to confirm", where("confirmation", "#waiting")],
        [n("credential"), "credential that expires soon", "credentials that expire soon", where("credential", to.connections)],
    ];
    return (_jsx("ul", { className: "needs", "aria-label": "Needs you", children: tiles.map(([n, one, other, href]) => (_jsx("li", { children: _jsxs(To, { href: href, className: `need${n ? " need-some" : ""}`, children: [_jsxs("span", { className: "need-number", children: [count(n), href === to.alerts && alerts.next && "+"] }), _jsx("span", { className: "need-text", children: n === 1 ? one : other })] }) }, one))) }));
}
function placeOf(item) {
    const company = item.tenant ?? "";
    switch (item.kind) {
        case "held":
            return to.connection(item.connection ?? "", "held");
        case "credential":
            return to.connection(item.connection ?? "", "credentials");
        case "deletion_request":
            return `${to.company(company, "people/deletion-requests")}?status=pending`;
        case "confirmation":
            return `${to.company(company, "people")}?state=awaiting_confirmation`;
        case "handover":
            return to.company(company, "hand-over");
        case "mail":
            return to.server;
    }
}
function askOf(item) {
    const n = item.count ?? 1;
    switch (item.kind) {
        case "held":
            return `Decide about ${many(n, "held removal", "held removals")} of ${item.connection}`;
        case "credential":
            return `Rotate the credential of ${item.connection}`;
        case "deletion_request":
            return (_jsxs(_Fragment, { children: ["Decide about the deletion of ", _jsx(Name, { text: item.name ?? "", short: true })] }));
        case "confirmation":
            return `Confirm ${many(n, "person", "people")}`;
        case "handover":
            return "Finish the hand-over";
        case "mail":
            return `${many(n, "mail", "mails")} could not be sent`;
    }
}
function Waiting({ reading, more }) {
    return (_jsx(Card, { title: "Waiting for a decision", id: "waiting", flush: true, children: _jsx(View, { reading: reading, rows: 4, children: (inbox) => inbox.items.length === 0 ? (_jsx(AllWell, { children: "Nothing is waiting for you." })) : (_jsxs(_Fragment, { children: [_jsx("ul", { className: "rows", children: inbox.items.map((item) => (_jsxs("li", { className: "line", children: [_jsxs("div", { className: "line-main", children: [_jsx(To, { href: placeOf(item), className: "line-title", children: askOf(item) }), _jsxs("span", { className: "faint", children: [item.tenant_name ? _jsx(Name, { text: item.tenant_name, short: true }) : "This installation", item.reason && (_jsxs(_Fragment, { children: [" · ", _jsx(Name, { text: item.reason, short: true })] }))] })] }), _jsx("span", { className: "faint", children: item.due ? (_jsxs(_Fragment, { children: ["due ", _jsx(Time, { at: item.due })] })) : (item.since && (_jsxs(_Fragment, { children: ["since ", _jsx(Time, { at: item.since })] }))) })] }, item.id))) }), inbox.total > inbox.items.length && (_jsxs("p", { className: "card-pad faint", children: ["The first ", count(inbox.items.length), " of ", count(inbox.total), " are shown.", " ", _jsx(Action, { small: true, onPress: more, children: "Show more" })] }))] })) }) }));
}
const shown = 8;
function Unhealthy({ reading }) {
    return (_jsx(Card, { title: "Sync that needs attention", flush: true, actions: _jsx(To, { href: to.connections, children: "All connections" }), children: _jsx(View, { reading: reading, rows: 4, children: (page) => {
                const sick = page.items.filter((c) => c.health.state !== "healthy" || c.paused || c.ending);
                const more = sick.length - shown;
                if (!sick.length)
                    return _jsx(AllWell, { children: "Every connection sends requests as often as usual." });
                return (_jsxs(_Fragment, { children: [_jsx("ul", { className: "rows", children: sick.slice(0, shown).map((c) => (_jsxs("li", { className: "line", children: [_jsxs("div", { className: "line-main", children: [_jsx(To, { href: to.connection(c.slug), className: "line-title", children: c.slug }), _jsxs("span", { className: "faint", children: [_jsx(Name, { text: c.tenant_name ?? c.tenant, short: true }), " ", c.health.why && `· ${c.health.why}`] }), c.health.state === "failing" && c.health.last_error && (_jsxs("p", { className: "line-note", children: [_jsx(Icon, { name: "warning", size: 14 }), " ", c.health.last_error] }))] }), _jsxs("div", { className: "line-end", children: [_jsx(Badge, { word: standing(c) }), _jsxs("span", { className: "faint", children: [c.last_success ? "Last success " : "", _jsx(Time, { at: c.last_success, none: "No success yet" })] })] })] }, c.slug))) }), more > 0 && (_jsx("p", { className: "card-pad", children: _jsx(To, { href: `${to.connections}?sort=health`, children: page.next && sick.length === page.items.length ? `More than ${count(more)} others` : many(more, "other", "others") }) }))] }));
            } }) }));
}
function OpenAlerts({ reading }) {
    return (_jsx(Card, { title: "Open alerts", flush: true, actions: _jsx(To, { href: to.alerts, children: "All alerts" }), children: _jsx(View, { reading: reading, rows: 4, children: (page) => {
                const open = page.items.filter((a) => a.state === "open");
                if (!open.length)
                    return _jsx(AllWell, { children: "No alert is open." });
                return (_jsx("ul", { className: "rows", children: open.slice(0, 8).map((a) => (_jsxs("li", { className: "line", children: [_jsxs("div", { className: "line-main", children: [_jsxs("span", { children: [_jsx(Tag, { tone: "bad", children: alertKinds[a.kind] ?? plain(a.kind) }), " ", _jsx(Name, { text: sentence(a.text) })] }), _jsxs("span", { className: "faint", children: [_jsx(To, { href: to.company(a.tenant, "alerts"), children: a.tenant_name ?? a.tenant }), a.times > 1 && `, ${many(a.times, "time", "times")}`] })] }), _jsx("span", { className: "faint", children: _jsx(Time, { at: a.last }) })] }, `${a.tenant}-${a.key}`))) }));
            } }) }));
}
function Today({ on }) {
    const since = new Date(now());
    since.setHours(0, 0, 0, 0);
    const [soon, setSoon] = useState(false);
    const counts = useRead("count-audit", { query: { from: since.toISOString() } }, { enabled: on, every: soon ? 2_000 : 5 * 60_000 });
    const partial = counts.data !== undefined && counts.data.counted < counts.data.tenants;
    useEffect(() => setSoon(partial), [partial]);
    const here = `${isoDay(since)}T00:00`;
    const rows = [
        ["People added", counts.data?.users_created, "action=user.create&outcome=done"],
        ["People suspended", counts.data?.users_suspended, "action=user.suspend&outcome=done"],
        ["Refused", counts.data?.refused, "outcome=refused"],
    ];
    return (_jsxs(Card, { title: "Today", children: [_jsx(Facts, { children: rows.map(([name, n, query]) => (_jsx(Fact, { name: name, children: n === undefined && counts.isError ? (_jsxs(Nothing, { children: ["unknown: ", counts.error.message] })) : (_jsx(To, { href: `${to.audit}?${query}&from=${here}`, children: n === undefined ? "…" : `${count(n)}${partial ? "+" : ""}` })) }, name))) }), partial && (_jsxs("p", { className: "faint", children: [count(counts.data?.counted ?? 0), " of ", many(counts.data?.tenants ?? 0, "company is", "companies are"), " counted so far."] }))] }));
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
                    return (_jsxs(_Fragment, { children: [_jsxs("div", { className: "figure", children: [_jsxs("span", { className: "figure-name", children: ["In use, over ", page.next && "the fullest ", many(page.items.length, "company", "companies")] }), _jsxs("span", { className: "figure-value", children: [count(occupied), " ", _jsxs("span", { className: "faint", children: ["/ ", count(limit)] })] })] }), _jsx("h3", { children: "Fullest" }), _jsx("ul", { className: "fullest", children: fullest.map((t) => (_jsxs("li", { children: [_jsx(To, { href: to.company(t.slug, "billing"), className: "line-title", children: _jsx(Name, { text: t.name, short: true }) }), _jsx(SeatMeter, { occupied: t.seats.occupied, limit: t.seats.limit })] }, t.slug))) })] }));
                } })] }));
}
