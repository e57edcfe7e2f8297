import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useState } from "react";
import { useList, useRead } from "../../api/query.js";
import { Action, Badge, Head, More, Name, Nothing, SeatMeter, Tag, Time } from "../../parts/basic.js";
import { OrNoCompany } from "../../parts/companies.js";
import { countryName } from "../../parts/country.js";
import { choicesOf, Filter, Search } from "../../parts/form.js";
import { Empty } from "../../parts/state.js";
import { Table, TableBar } from "../../parts/table.js";
import { count, day, many, syncStates, tenantStates } from "../../parts/words.js";
import { to, useParams, useTitle } from "../../shell/place.js";
import { AddCompany, LinkCompany } from "./add.js";
import { Enter } from "./enter.js";
import { ConnectionMarks } from "./marks.js";
const columns = [
    {
        id: "name",
        title: "Company",
        sort: "name",
        cell: (t) => (_jsxs("span", { className: "two-lines", children: [_jsx(Name, { text: t.name, short: true }), _jsx("span", { className: "faint mono", children: t.slug })] })),
    },
    {
        id: "status",
        title: "Status",
        sort: "status",
        from: "tablet",
        cell: (t) => (t.plan_missing ? _jsx(Badge, { word: { text: "Plan missing", tone: "bad" } }) : _jsx(Badge, { word: tenantStates[t.status] })),
    },
    {
        id: "seats",
        title: "Filled seats",
        sort: "seats",
        end: true,
        cell: (t) => _jsx(SeatMeter, { occupied: t.seats.occupied, limit: t.seats.limit }),
    },
    {
        id: "free",
        title: "Remaining",
        end: true,
        from: "desktop",
        cell: (t) => (t.seats.free === undefined ? _jsx(Nothing, {}) : count(t.seats.free)),
    },
    { id: "plan", title: "Plan", from: "desktop", cell: (t) => t.plan },
    { id: "connections", title: "Connections", from: "laptop", cell: (t) => _jsx(ConnectionMarks, { connections: t.connections }) },
    { id: "sync", title: "Last sync", sort: "last_sync", from: "laptop", cell: (t) => _jsx(Time, { at: t.last_sync, none: "never" }) },
    {
        id: "alerts",
        title: "Alerts",
        sort: "alerts",
        end: true,
        from: "tablet",
        cell: (t) => (t.alerts ? _jsx(Tag, { tone: "bad", children: count(t.alerts) }) : _jsx(Nothing, {})),
    },
    { id: "launch", title: "Launch", from: "tablet", cell: (t) => _jsx(Launch, { tenant: t }) },
    { id: "tags", title: "Tags", extra: true, from: "desktop", cell: (t) => (t.tags.length ? t.tags.join(", ") : _jsx(Nothing, {})) },
    { id: "number", title: "Customer number", extra: true, from: "desktop", cell: (t) => t.customer_number || _jsx(Nothing, {}) },
    { id: "manager", title: "Account manager", extra: true, from: "desktop", cell: (t) => t.account_manager || _jsx(Nothing, {}) },
    { id: "region", title: "Data region", extra: true, from: "desktop", cell: (t) => t.data_region || _jsx(Nothing, {}) },
    { id: "country", title: "Country", extra: true, from: "desktop", cell: (t) => countryName(t.address?.country) || _jsx(Nothing, {}) },
    { id: "created", title: "Added", extra: true, from: "desktop", cell: (t) => day(t.created) },
];
function Launch({ tenant: t }) {
    const [entering, setEntering] = useState(false);
    return (_jsxs(_Fragment, { children: [_jsx(Action, { small: true, look: "quiet", right: "tenant.enter", label: `Launch ${t.name}`, onPress: () => setEntering(true), children: "Launch" }), _jsx(Enter, { tenant: entering ? t.slug : undefined, name: t.name, close: () => setEntering(false) })] }));
}
const companyStates = { active: tenantStates.active, unlinked: tenantStates.unlinked };
export default function Companies() {
    useTitle("Companies");
    const [params, set] = useParams();
    const q = params.get("q") ?? "";
    const sort = params.get("sort") ?? "name";
    const down = params.get("dir") === "desc";
    const status = params.get("status") ?? "";
    const plan = params.get("plan") ?? "";
    const health = params.get("health") ?? "";
    const alerts = params.get("alerts") ?? "";
    const tag = params.get("tag") ?? "";
    const list = useList("list-tenants", {
        query: {
            q,
            status: (status || undefined),
            plan,
            health: (health || undefined),
            alerts: (alerts || undefined),
            tag,
            sort: sort,
            dir: down ? "desc" : "asc",
        },
    });
    const plans = useRead("list-plans", {}, { every: false });
    const [entering, setEntering] = useState();
    const clear = () => set({
        q: undefined,
        status: undefined,
        plan: undefined,
        health: undefined,
        alerts: undefined,
        tag: undefined,
        sort: undefined,
        dir: undefined,
    });
    const filtered = [q, status, plan, health, alerts, tag].some((f) => f !== "");
    return (_jsxs(_Fragment, { children: [_jsx(Head, { title: "Companies", sub: "The companies that you provision for, with their seats and the state of their sync.", children: _jsx(More, { look: "primary", label: "Add a company", choices: [
                        {
                            id: "new",
                            text: "New company",
                            about: "It starts with no people.",
                            icon: "plus",
                            right: "tenant.create",
                            run: () => set({ add: "new" }, "push"),
                        },
                        {
                            id: "link",
                            text: "Link from a bundle",
                            about: "It comes from another installation with its people.",
                            icon: "box",
                            right: "tenant.hand_over",
                            run: () => set({ add: "link" }, "push"),
                        },
                    ], children: "Add company" }) }), _jsxs(TableBar, { views: "companies", filtered: filtered, clear: clear, children: [_jsx(Search, { label: "Search companies", placeholder: "Name or slug", value: q, onChange: (text) => set({ q: text }) }), _jsx(Filter, { label: "Status", value: status, onChange: (next) => set({ status: next }), options: choicesOf(companyStates) }), _jsx(Filter, { label: "Plan", value: plan, onChange: (next) => set({ plan: next }), options: (plans.data?.items ?? []).map((p) => ({ id: p.name, text: p.title || p.name })) }), _jsx(Filter, { label: "Health", value: health, onChange: (next) => set({ health: next }), options: choicesOf(syncStates) }), _jsx(Filter, { label: "Alerts", value: alerts, onChange: (next) => set({ alerts: next }), options: [{ id: "open", text: "With open alerts" }] }), tag && (_jsxs(Action, { small: true, icon: "close", onPress: () => set({ tag: undefined }), children: ["Tag: ", tag] }))] }), list.first && (_jsxs("p", { className: "faint", role: "status", children: [many(list.first.total, "company", "companies"), filtered ? " match" : ""] })), _jsx(Table, { name: "companies", label: "Companies", list: list, columns: columns, rowKey: (t) => t.slug, href: (t) => to.company(t.slug), sort: { by: sort, down, set: (by, d) => set({ sort: by, dir: d ? "desc" : undefined }) }, filtered: filtered, clear: clear, summary: (t) => (_jsxs(_Fragment, { children: [_jsx(ConnectionMarks, { connections: t.connections }), t.alerts > 0 && _jsx(Tag, { tone: "bad", children: many(t.alerts, "alert", "alerts") })] })), menu: (t) => (_jsx(More, { label: `Actions for ${t.name}`, choices: [
                        {
                            id: "enter",
                            text: "Launch",
                            about: "Work inside it. The audit trail shows it.",
                            icon: "enter",
                            right: "tenant.enter",
                            run: () => setEntering(t),
                        },
                        { id: "people", text: "People", icon: "people", href: to.company(t.slug, "people"), apart: true },
                        { id: "connections", text: "Connections", icon: "plug", href: to.company(t.slug, "connections") },
                        { id: "seats", text: "Plan and seats", icon: "coins", href: to.company(t.slug, "billing") },
                        { id: "settings", text: "Name and settings", icon: "gear", href: to.company(t.slug, "settings") },
                        { id: "audit", text: "Audit", icon: "scroll", right: "tenant.record", href: to.company(t.slug, "audit") },
                        {
                            id: "hand-over",
                            text: "Hand over",
                            icon: "box",
                            right: "tenant.hand_over",
                            href: to.company(t.slug, "hand-over"),
                            apart: true,
                        },
                    ] })), empty: _jsx(OrNoCompany, { children: _jsx(Empty, { icon: "building", title: "No company yet", action: _jsxs(_Fragment, { children: [_jsx(Action, { look: "primary", icon: "plus", right: "tenant.create", onPress: () => set({ add: "new" }, "push"), children: "Add the first company" }), _jsx(Action, { icon: "box", right: "tenant.hand_over", onPress: () => set({ add: "link" }, "push"), children: "Link from a bundle" })] }), children: "A company is a customer whose people you provision. Add one, or link one that another installation handed over." }) }) }), _jsx(AddCompany, { open: params.get("add") === "new", close: () => set({ add: undefined }) }), _jsx(LinkCompany, { open: params.get("add") === "link", close: () => set({ add: undefined }) }), _jsx(Enter, { tenant: entering?.slug, name: entering?.name ?? "", close: () => setEntering(undefined) })] }));
}
