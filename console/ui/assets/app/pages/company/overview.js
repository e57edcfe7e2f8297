import { jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useMemo, useState } from "react";
import { useRead } from "../../api/query.js";
import { Action, Badge, Card, Name, SeatMeter, Tag, Time, To, ToButton, useLack, useRights } from "../../parts/basic.js";
import { SeatChart } from "../../parts/chart.js";
import { Icon } from "../../parts/icon.js";
import { Sentence } from "../../parts/sentence.js";
import { Empty, Withheld } from "../../parts/state.js";
import { SyncStrip } from "../../parts/strip.js";
import { alertKinds, count, decimal, isoDay, localDay, many, money, plain, sentence, standing, typeTitle, userStates, } from "../../parts/words.js";
import { to } from "../../shell/place.js";
import { Look } from "../alert/alerts.js";
import { Access } from "./access.js";
export default function CompanyOverview({ company, overview }) {
    const { tenant } = overview;
    const fresh = tenant.connections.length === 0 && tenant.seats.occupied === 0;
    return (_jsxs("div", { className: "columns-2-1", children: [_jsxs("div", { className: "stack", children: [fresh ? _jsx(FirstSteps, { company: company }) : _jsx(Seats, { company: company, overview: overview }), _jsx(Sync, { company: company, overview: overview }), _jsx(Recent, { company: company, overview: overview })] }), _jsxs("div", { className: "stack", children: [_jsx(Waiting, { company: company, overview: overview }), _jsx(OpenAlerts, { company: company, overview: overview }), _jsx(Access, { company: company, overview: overview })] })] }));
}
function FirstSteps({ company }) {
    return (_jsx(Card, { title: "First steps", children: _jsxs("ol", { className: "checklist", children: [_jsxs("li", { children: [_jsx("strong", { children: "Connect an identity provider." }), " You get a base URL and a secret, and enter them in its console.", _jsx("div", { className: "row", children: _jsx(ToButton, { look: "primary", icon: "plug", right: "connection.manage", href: `${to.connections}?connect=${encodeURIComponent(company)}`, children: "Connect" }) })] }), _jsxs("li", { children: [_jsx("strong", { children: "The first person arrives." }), " The identity provider sends everybody who is assigned."] }), _jsxs("li", { children: [_jsx("strong", { children: "Make one of the company's people an Owner." }), " Without one, the company cannot be handed over."] }), _jsxs("li", { children: [_jsx("strong", { children: "Check the plan and the seats." }), " The first count is tonight."] })] }) }));
}
function Seats({ company, overview }) {
    const { seats } = overview.tenant;
    const rights = useRights();
    const [from, until] = useMemo(() => {
        const today = new Date();
        const start = new Date(today);
        start.setDate(start.getDate() - 90);
        return [isoDay(start), isoDay(today)];
    }, []);
    const days = useRead("list-snapshots", { path: { tenant: company }, query: { from, to: until, limit: 100 } }, { enabled: rights.has("tenant.billing"), every: 300_000 });
    const usage = useRead("get-usage", { query: { tenant: company } }, { enabled: rights.has("tenant.billing"), every: 300_000 });
    const points = (days.data?.items ?? []).map((d) => ({
        day: d.day,
        values: [d.members + d.guests, d.billed],
        limit: d.limit,
        late: d.late,
        plan: d.plan,
    }));
    return (_jsxs(Card, { title: "Seats", actions: _jsx(To, { href: to.company(company, "billing"), className: "link", children: "Plan and billing" }), children: [_jsxs("div", { className: "figures", children: [_jsxs("div", { className: "figure figure-wide", children: [_jsx("span", { className: "figure-name", children: "In use" }), _jsx(SeatMeter, { occupied: seats.occupied, limit: seats.limit })] }), _jsx(Figure, { name: "Billable", value: seats.billable }), _jsx(Figure, { name: "Members", value: seats.members }), _jsx(Figure, { name: "Guests", value: seats.guests, about: `${count(seats.included_guests)} included` })] }), points.length > 1 && (_jsx(SeatChart, { points: points, series: ["Counted", "Billed"], label: "Seats of the last ninety days", until: usage.data?.items[0]?.to })), points.length > 0 && (_jsx(Projection, { usage: usage.data?.items[0], billed: points[points.length - 1]?.values[1] ?? 0, limit: seats.limit })), _jsx(IdleSummary, { company: company }), _jsx("ul", { className: "state-row", "aria-label": "People by state", children: Object.entries(userStates).map(([state, word]) => (_jsx("li", { children: _jsxs(To, { href: `${to.company(company, "people")}?state=${state}`, className: "state-link", children: [_jsx(Badge, { word: word }), " ", _jsx("span", { className: "number", children: count(overview.tenant.users[state] ?? 0) })] }) }, state))) })] }));
}
function Projection({ usage: u, billed, limit }) {
    if (!u?.last || u.last >= u.to)
        return null;
    return (_jsxs("p", { children: ["If nothing changes until the period ends on ", localDay(u.to), ",", " ", limit > 0 ? `${count(billed)} of ${many(limit, "seat", "seats")}` : many(billed, "seat", "seats"), " ", billed === 1 ? "is" : "are", " ", "billed on each day, and the usage of the period is ", decimal(u.projected), u.cost && `, about ${money(u.cost.projected, u.cost.currency)}`, "."] }));
}
function IdleSummary({ company }) {
    const idle = useRead("get-idle", { path: { tenant: company } }, { every: 300_000 });
    if (!idle.data || idle.data.idle_count + idle.data.unmentioned_count === 0)
        return null;
    return (_jsxs("p", { children: [sentence(idle.data.summary), " ", _jsx(To, { href: to.company(company, "billing"), children: "Look" })] }));
}
function Figure({ name, value, about }) {
    return (_jsxs("div", { className: "figure", children: [_jsx("span", { className: "figure-name", children: name }), _jsx("span", { className: "figure-value", children: count(value) }), about && _jsx("span", { className: "faint", children: about })] }));
}
function Sync({ company, overview }) {
    const { connections } = overview.tenant;
    const lack = useLack("connection.manage");
    const full = useRead("list-connections", { query: { tenant: company, limit: 100 } });
    const health = new Map((full.data?.items ?? []).map((c) => [c.slug, c]));
    return (_jsx(Card, { title: "Sync", flush: true, actions: lack ? (_jsx(Action, { small: true, not: lack, children: "Connect an identity provider" })) : (_jsx(To, { href: `${to.connections}?connect=${encodeURIComponent(company)}`, className: "link", children: "Connect an identity provider" })), children: connections.length === 0 ? (_jsx(Empty, { icon: "plug", title: "No identity provider is connected", children: "Until then, people are added by hand." })) : (_jsx("ul", { className: "rows", children: connections.map((c) => {
                const more = health.get(c.slug);
                return (_jsxs("li", { className: "line", children: [_jsxs("div", { className: "line-main", children: [_jsx(To, { href: to.connection(c.slug), className: "line-title", children: c.slug }), _jsx("span", { className: "faint", children: typeTitle(c.type) }), more?.health.last_error && (_jsxs("p", { className: "line-note", children: [_jsx(Icon, { name: "warning", size: 14 }), " ", sentence(more.health.last_error)] })), more?.health.why && more.health.state !== "healthy" && _jsx("p", { className: "faint", children: sentence(more.health.why) })] }), _jsxs("div", { className: "line-end", children: [_jsx(Badge, { word: standing(more ?? c) }), _jsxs("span", { className: "faint", children: [c.last_success ? "Last success " : "", _jsx(Time, { at: c.last_success, none: "No success yet" })] })] }), _jsx("div", { className: "line-below", children: _jsx(SyncStrip, { connection: c.slug }) })] }, c.slug));
            }) })) }));
}
function Waiting({ company, overview }) {
    const confirm = overview.tenant.users.awaiting_confirmation ?? 0;
    const held = new Map();
    for (const h of overview.held)
        held.set(h.connection, (held.get(h.connection) ?? 0) + 1);
    const nothing = !confirm && !held.size && !overview.deletion_requests.length;
    return (_jsx(Card, { title: "Waiting for a decision", children: nothing ? (_jsx("p", { className: "faint", children: "Nothing is waiting." })) : (_jsxs("ul", { className: "todo", children: [[...held].map(([connection, n]) => (_jsxs("li", { children: [_jsx(To, { href: to.connection(connection, "held"), children: many(n, "held removal", "held removals") }), " ", _jsxs("span", { className: "faint", children: ["of ", connection] })] }, connection))), overview.deletion_requests.length > 0 && (_jsx("li", { children: _jsx(To, { href: to.company(company, "people/deletion-requests"), children: many(overview.deletion_requests.length, "deletion request", "deletion requests") }) })), confirm > 0 && (_jsx("li", { children: _jsxs(To, { href: `${to.company(company, "people")}?state=awaiting_confirmation`, children: [many(confirm, "person", "people"), " to confirm"] }) }))] })) }));
}
function OpenAlerts({ company, overview }) {
    const open = overview.alerts.filter((a) => a.state === "open");
    const [looking, setLooking] = useState();
    return (_jsxs(Card, { title: "Open alerts", actions: _jsx(To, { href: to.company(company, "alerts"), className: "link", children: "All" }), children: [open.length === 0 ? (_jsx("p", { className: "faint", children: "No open alerts." })) : (_jsx("ul", { className: "todo", children: open.slice(0, 5).map((a) => (_jsxs("li", { children: [_jsx(Tag, { tone: "bad", children: alertKinds[a.kind] ?? plain(a.kind) }), " ", _jsx(Name, { text: sentence(a.text) }), _jsxs("div", { className: "faint", children: [_jsx(Time, { at: a.last }), a.times > 1 && `, ${count(a.times)} times`] }), _jsx(Action, { small: true, right: "tenant.alert", onPress: () => setLooking(a), label: `Acknowledge: ${a.text}`, children: "Acknowledge" })] }, a.key))) })), _jsx(Look, { alert: looking, close: () => setLooking(undefined), fresh: overview.alerts.find((a) => a.key === looking?.key) })] }));
}
function Recent({ company, overview }) {
    if (!overview.audit)
        return _jsx(Withheld, { title: "Recent activity", right: "tenant.record" });
    return (_jsx(Card, { title: "Recent activity", actions: _jsx(To, { href: to.company(company, "audit"), className: "link", children: "All" }), children: overview.audit.length === 0 ? (_jsx("p", { className: "faint", children: "Nothing has happened yet." })) : (_jsx("ul", { className: "feed", children: overview.audit.slice(0, 10).map((line) => (_jsxs("li", { children: [_jsx(Sentence, { line: line }), _jsx("span", { className: "faint", children: _jsx(Time, { at: line.time }) })] }, line.seq))) })) }));
}
