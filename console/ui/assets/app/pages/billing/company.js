import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useEffect, useMemo, useState } from "react";
import { downloadURL } from "../../api/client.js";
import { useAction, useList, useRead } from "../../api/query.js";
import { Action, Card, Download, Fact, Facts, Name, Note, Nothing, SeatMeter, Tag, Time, To, useLack, useRights, } from "../../parts/basic.js";
import { SeatChart } from "../../parts/chart.js";
import { Box, Versions } from "../../parts/dialog.js";
import { FormBox, Pick, Submit, TextInput } from "../../parts/form.js";
import { Empty, View, Withheld } from "../../parts/state.js";
import { Table, TableBar } from "../../parts/table.js";
import { say } from "../../parts/toast.js";
import { count, decimal, isoDay, many, minute, money, people, plain, sentence } from "../../parts/words.js";
import { to } from "../../shell/place.js";
import { Bulk } from "../user/bulk.js";
import { PeriodPick, usePeriod } from "./period.js";
export default function CompanyBilling({ company, overview }) {
    const rights = useRights();
    const [changing, setChanging] = useState(false);
    const { tenant } = overview;
    return (_jsxs("div", { className: "stack", children: [_jsx(Card, { title: "Plan and seats", actions: _jsx(Action, { small: true, icon: "edit", right: "tenant.billing", onPress: () => setChanging(true), children: "Change" }), children: _jsxs("div", { className: "figures", children: [_jsxs("div", { className: "figure figure-wide", children: [_jsx("span", { className: "figure-name", children: "In use" }), _jsx(SeatMeter, { occupied: tenant.seats.occupied, limit: tenant.seats.limit })] }), _jsx(Figure, { name: "Plan", text: tenant.plan }), _jsx(Figure, { name: "Purchased", text: tenant.seats.purchased ? count(tenant.seats.purchased) : "as the plan allows" }), _jsx(Figure, { name: "Billable", text: count(tenant.seats.billable) }), _jsx(Figure, { name: "Guests", text: `${count(tenant.seats.guests)} of ${count(tenant.seats.included_guests)} included` })] }) }), rights.has("tenant.billing") ? _jsx(Costs, { company: company }) : _jsx(Withheld, { title: "Daily counts and ledger", right: "tenant.billing" }), _jsx(IdleSeats, { company: company }), _jsx(Change, { tenant: tenant, open: changing, close: () => setChanging(false) })] }));
}
function Figure({ name, text }) {
    return (_jsxs("div", { className: "figure", children: [_jsx("span", { className: "figure-name", children: name }), _jsx("span", { className: "figure-text", children: text })] }));
}
function Costs({ company }) {
    const period = usePeriod();
    const usage = useRead("get-usage", { query: { ...period, tenant: company } }, { every: 120_000 });
    const first = usage.data?.items[0];
    return (_jsxs(_Fragment, { children: [_jsx(TableBar, { actions: _jsx(Download, { href: downloadURL("export-snapshots", { path: { tenant: company }, query: period }), children: "Daily counts" }), children: _jsx(PeriodPick, {}) }), _jsx(View, { reading: usage, rows: 2, children: () => first ? (_jsx(UsageFigures, { usage: first })) : (_jsx(Empty, { icon: "coins", title: "Nothing is counted yet", children: "The first count is tonight." })) }), _jsx(Days, { company: company }), _jsx(Ledger, { company: company })] }));
}
function UsageFigures({ usage: u }) {
    return (_jsxs("div", { className: "figures figures-cards", children: [_jsx(Card, { children: _jsxs("div", { className: "figure", children: [_jsx("span", { className: "figure-name", children: "Usage" }), _jsx("span", { className: "figure-value", children: decimal(u.usage) }), _jsxs("span", { className: "faint", children: [count(u.seat_days), " seat days in ", many(u.counted, "counted day", "counted days"), u.late > 0 && `, ${count(u.late)} counted late`] })] }) }), _jsx(Card, { children: _jsxs("div", { className: "figure", children: [_jsx("span", { className: "figure-name", children: "Projected usage" }), _jsx("span", { className: "figure-value", children: decimal(u.projected) }), _jsx("span", { className: "faint", children: "if every day until then is like the last" })] }) }), u.cost && (_jsxs(_Fragment, { children: [_jsx(Card, { children: _jsxs("div", { className: "figure", children: [_jsx("span", { className: "figure-name", children: "Cost so far" }), _jsx("span", { className: "figure-value", children: money(u.cost.total, u.cost.currency) }), _jsxs("span", { className: "faint", children: [money(u.cost.base, u.cost.currency), " base, ", money(u.cost.added, u.cost.currency), " added,", " ", money(u.cost.credited, u.cost.currency), " credited"] })] }) }), _jsx(Card, { children: _jsxs("div", { className: "figure", children: [_jsx("span", { className: "figure-name", children: "Projected cost" }), _jsx("span", { className: "figure-value", children: money(u.cost.projected, u.cost.currency) }), _jsx("span", { className: "faint", children: "an estimate, not an invoice" })] }) })] }))] }));
}
function Days({ company }) {
    const [from, until] = useMemo(() => {
        const today = new Date();
        const start = new Date(today);
        start.setDate(start.getDate() - 90);
        return [isoDay(start), isoDay(today)];
    }, []);
    const period = usePeriod();
    const days = useRead("list-snapshots", { path: { tenant: company }, query: { from: period.from ?? from, to: period.to ?? until, limit: 500 } }, { every: 300_000, keep: true });
    const points = (days.data?.items ?? []).map((d) => ({
        day: d.day,
        values: [d.members, d.guests, d.billed],
        limit: d.limit,
        late: d.late,
        plan: d.plan,
    }));
    return (_jsx(Card, { title: period.from ? "Daily counts of the period" : "Daily counts of ninety days", children: _jsx(View, { reading: days, rows: 4, children: () => points.length < 2 ? (_jsx("p", { className: "faint", children: "Two counts are needed for a chart." })) : (_jsx(SeatChart, { points: points, series: ["Members", "Guests", "Billed"], label: "Members, guests and billed seats by day" })) }) }));
}
const ledgerColumns = [
    { id: "person", title: "Person", cell: (l) => _jsx(Name, { text: l.user_name, short: true }) },
    { id: "type", title: "Type", from: "tablet", cell: (l) => (l.type === "guest" ? _jsx(Tag, { tone: "info", children: "Guest" }) : "Member") },
    { id: "from", title: "From", from: "tablet", cell: (l) => minute(l.from) },
    { id: "to", title: "To", cell: (l) => (l.to ? minute(l.to) : _jsx(Nothing, { children: "open" })) },
    { id: "why", title: "Ended by", from: "laptop", cell: (l) => (l.why ? plain(l.why) : "") },
    { id: "due", title: "Charge due by", from: "desktop", cell: (l) => minute(l.charge_due_by) },
    { id: "days", title: "Seat days", end: true, cell: (l) => count(l.seat_days) },
];
function Ledger({ company }) {
    const period = usePeriod();
    const list = useList("list-ledger", { path: { tenant: company }, query: period }, { every: 120_000 });
    return (_jsx(Card, { title: "Ledger", flush: true, actions: _jsx(Download, { href: downloadURL("export-ledger", { path: { tenant: company }, query: period }), children: "CSV" }), children: _jsx(Table, { name: "ledger", label: "Ledger", list: list, columns: ledgerColumns, rowKey: (l) => `${l.user}-${l.from}`, href: (l) => to.person(company, l.user), empty: _jsx(Empty, { icon: "coins", title: "No billable seats", children: "In this period." }) }) }));
}
function IdleSeats({ company }) {
    const idle = useRead("get-idle", { path: { tenant: company } }, { every: 300_000 });
    return (_jsx(Card, { title: "Idle seats", children: _jsx(View, { reading: idle, rows: 3, children: (i) => _jsx(IdleReport, { company: company, idle: i }) }) }));
}
function IdleReport({ company, idle: i }) {
    return (_jsxs(_Fragment, { children: [_jsx("p", { children: sentence(i.summary) }), !i.reported && (_jsxs(Note, { children: ["The application has reported no activity yet, so no person counts as idle. It reports with an application key, under", " ", _jsx(To, { href: to.company(company, "settings"), children: "Settings" }), "."] })), i.idle.length > 0 && (_jsx(IdlePeople, { company: company, title: `Idle for ${many(i.idle_days, "day", "days")}`, people: i.idle, total: i.idle_count })), i.unmentioned.length > 0 && (_jsx(IdlePeople, { company: company, title: `Not mentioned by the identity provider for ${many(i.orphan_days, "day", "days")}`, people: i.unmentioned, total: i.unmentioned_count })), i.tokens.length > 0 && (_jsx(Facts, { children: _jsx(Fact, { name: "Credentials never used", children: i.tokens.map((t) => `${t.prefix}… (${t.connection ?? t.name ?? "key"})`).join(", ") }) }))] }));
}
function IdlePeople({ company, title, people: list, total }) {
    const [asked, setAsked] = useState(false);
    const here = list.filter((u) => u.state !== "suspended");
    return (_jsxs("div", { children: [_jsxs("div", { className: "row row-split", children: [_jsx("h3", { children: title }), _jsx(Action, { small: true, icon: "pause", right: "user.suspend", not: here.length ? undefined : "All are suspended.", onPress: () => setAsked(true), children: here.length < total ? `Suspend the ${count(here.length)} listed` : "Suspend these" })] }), _jsx(Bulk, { company: company, verb: asked ? "suspend" : undefined, people: here, close: () => setAsked(false) }), _jsx("ul", { className: "todo", children: list.slice(0, 20).map((u) => (_jsxs("li", { children: [_jsx(To, { href: to.person(company, u.id), children: _jsx(Name, { text: u.user_name, short: true }) }), " ", _jsxs("span", { className: "faint", children: [many(u.days, "day", "days"), ", ", u.last ? `last active ${u.last}` : "never active", ", since ", _jsx(Time, { at: u.since })] })] }, u.id))) }), total > 20 && _jsxs("p", { className: "faint", children: ["and ", people(total - 20), " more"] })] }));
}
function Change({ tenant: t, open, close }) {
    const plans = useRead("list-plans", { query: { limit: 100 } }, { enabled: open, every: false });
    const [base, setBase] = useState(t);
    const [form, setForm] = useState({ plan: t.plan, seats: String(t.seats.purchased || "") });
    const lack = useLack("tenant.billing");
    const update = useAction("update-tenant", () => say("Saved."));
    useEffect(() => {
        if (!open)
            return;
        setBase(t);
        setForm({ plan: t.plan, seats: String(t.seats.purchased || "") });
        update.clear();
    }, [open]);
    const save = async (version) => {
        const seats = Number(form.seats || 0);
        const done = await update.run({
            path: { tenant: t.slug },
            version,
            body: { ...(form.plan !== base.plan ? { plan: form.plan } : {}), ...(seats !== base.seats.purchased ? { seats } : {}) },
        });
        if (done)
            close();
    };
    const stale = update.failure?.status === 412 && t.version !== base.version;
    return (_jsx(Box, { title: "Plan and seats", sub: `${count(t.seats.occupied)} seats are in use.`, open: open, close: close, children: _jsxs(FormBox, { failure: stale ? undefined : update.failure, submit: () => void save(base.version), children: [_jsx(Pick, { label: "Plan", name: "plan", value: form.plan, onChange: (plan) => setForm({ ...form, plan }), required: true, not: lack, options: (plans.data?.items ?? []).map((p) => ({
                        id: p.name,
                        text: p.title || p.name,
                        about: [
                            p.max_members ? `up to ${count(p.max_members)} members` : "",
                            p.scim ? "" : "without SCIM",
                            p.custom_groups ? "" : "without custom groups",
                        ]
                            .filter(Boolean)
                            .join(", "),
                    })) }), _jsx(TextInput, { label: "Purchased seats", name: "seats", value: form.seats, onChange: (seats) => setForm({ ...form, seats: seats.replace(/\D/g, "") }), inputMode: "numeric", not: lack, about: `Empty: as many as the plan allows. Not below the ${count(t.seats.occupied)} that are in use.` }), stale && (_jsx(Versions, { rows: [
                        { label: "Plan", mine: form.plan, theirs: t.plan },
                        { label: "Purchased seats", mine: form.seats, theirs: String(t.seats.purchased || "") },
                    ], keep: () => void save(t.version), take: () => {
                        update.clear();
                        setBase(t);
                        setForm({ plan: t.plan, seats: String(t.seats.purchased || "") });
                    } })), _jsx(Submit, { running: update.running, cancel: close, not: lack, children: "Save" })] }) }));
}
