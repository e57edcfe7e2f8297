import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useCallback } from "react";
import { useList } from "../../api/query.js";
import { Head, Name, Nothing, Tag, Time, To } from "../../parts/basic.js";
import { OrNoCompany } from "../../parts/companies.js";
import { choicesOf, Filter, Search } from "../../parts/form.js";
import { Empty } from "../../parts/state.js";
import { Table, TableBar } from "../../parts/table.js";
import { userStates } from "../../parts/words.js";
import { to, useParams, useTitle } from "../../shell/place.js";
import { nameOf, State, statement } from "./words.js";
const columns = [
    {
        id: "name",
        title: "Person",
        cell: (f) => (_jsxs("span", { className: "two-lines", children: [_jsx(Name, { text: nameOf(f.user), short: true }), f.user.display_name && (_jsx("span", { className: "faint", children: _jsx(Name, { text: f.user.user_name, short: true }) }))] })),
    },
    {
        id: "company",
        title: "Company",
        from: "tablet",
        cell: (f) => (_jsx(To, { href: to.company(f.tenant), children: _jsx(Name, { text: f.tenant_name, short: true }) })),
    },
    { id: "state", title: "State", cell: (f) => _jsx(State, { user: f.user }) },
    { id: "type", title: "Type", from: "laptop", cell: (f) => (f.user.type === "guest" ? _jsx(Tag, { tone: "info", children: "Guest" }) : "Member") },
    { id: "connection", title: "Managed by", from: "laptop", cell: (f) => f.user.connection || _jsx(Nothing, { children: "no connection" }) },
    { id: "statement", title: "IdP says", from: "desktop", cell: (f) => statement(f.user) },
    { id: "changed", title: "Changed", from: "desktop", cell: (f) => _jsx(Time, { at: f.user.modified }) },
];
export default function Everywhere() {
    useTitle("People");
    const [params, set] = useParams();
    const q = params.get("q") ?? "";
    const state = params.get("state") ?? "";
    const type = params.get("type") ?? "";
    const list = useList("search-users", { query: { q, state: (state || undefined), type: (type || undefined) } }, { every: false });
    const clear = () => set({ q: undefined, state: undefined, type: undefined });
    const search = useCallback((text) => set({ q: text }), [set]);
    const filtered = [q, state, type].some((f) => f !== "");
    return (_jsxs(_Fragment, { children: [_jsx(Head, { title: "People", sub: "All people in your companies. Search by a part of a name, an e-mail address or a userName." }), _jsxs(TableBar, { views: "people", filtered: filtered, clear: clear, children: [_jsx(Search, { label: "Search people", placeholder: "Name, e-mail or userName", value: q, onChange: search }), _jsx(Filter, { label: "State", value: state, onChange: (next) => set({ state: next }), options: choicesOf(userStates) }), _jsx(Filter, { label: "Type", value: type, onChange: (next) => set({ type: next }), options: [
                            { id: "member", text: "Members" },
                            { id: "guest", text: "Guests" },
                        ] })] }), _jsx(Table, { name: "everywhere", label: "People of all companies", list: list, columns: columns, rowKey: (f) => `${f.tenant}/${f.user.id}`, href: (f) => to.person(f.tenant, f.user.id), filtered: filtered, clear: clear, summary: (f) => _jsx(Name, { text: f.tenant_name, short: true }), empty: _jsx(OrNoCompany, { children: _jsx(Empty, { icon: "people", title: "No people yet", children: "People appear when an identity provider pushes them into a company, or when you add a person there by hand." }) }) })] }));
}
