import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { downloadURL } from "../../api/client.js";
import { useList } from "../../api/query.js";
import { Action, Badge, Download, Head, Name, Note, Nothing, Tag, Time, Tip } from "../../parts/basic.js";
import { CompanyFilter } from "../../parts/companies.js";
import { choicesOf, Filter, Search } from "../../parts/form.js";
import { useCompanyNames } from "../../parts/names.js";
import { Empty } from "../../parts/state.js";
import { Table, TableBar } from "../../parts/table.js";
import { count, list, many, operatorStates, roleTitle, roleTitles, sentence } from "../../parts/words.js";
import { useParams, useTitle } from "../../shell/place.js";
import { OperatorPanel } from "./panel.js";
function Scope({ operator: o }) {
    const shown = o.all_tenants ? [] : o.tenants.slice(0, 20);
    const names = useCompanyNames(shown);
    if (o.all_tenants)
        return "All";
    if (!o.tenants.length)
        return _jsx(Nothing, { children: "none" });
    const more = o.tenants.length - shown.length;
    const text = list([...shown.map((slug) => names.get(slug) ?? slug), ...(more ? [`${count(more)} more`] : [])]);
    return _jsx(Tip, { text: text, children: count(o.tenants.length) });
}
const columns = [
    {
        id: "name",
        title: "Name",
        sort: "name",
        cell: (o) => (_jsx("span", { className: "two-lines", children: _jsx(Name, { text: `${o.first_name} ${o.last_name}`, short: true }) })),
    },
    { id: "email", title: "E-mail", sort: "email", from: "tablet", cell: (o) => _jsx(Name, { text: o.email, short: true }) },
    { id: "role", title: "Role", sort: "role", cell: (o) => roleTitle(o.role) },
    { id: "companies", title: "Companies", from: "laptop", end: true, cell: (o) => _jsx(Scope, { operator: o }) },
    { id: "status", title: "Status", sort: "status", from: "tablet", cell: (o) => _jsx(Badge, { word: operatorStates[o.status] }) },
    {
        id: "keys",
        title: "API key access",
        from: "laptop",
        cell: (o) => o.api_access ? (_jsx(Tip, { text: o.api_keys ? `${many(o.api_keys, "live key", "live keys")}. Open the row to see each.` : "No key yet.", children: `On, ${count(o.api_keys)}` })) : (_jsx(Nothing, { children: "off" })),
    },
    { id: "required", title: "MFA: requirement", from: "desktop", cell: (o) => (o.mfa_required ? "Required" : _jsx(Nothing, { children: "optional" })) },
    {
        id: "enrolled",
        title: "MFA: enrolment",
        from: "laptop",
        cell: (o) => o.mfa_enrolled ? _jsx(Tag, { tone: "good", children: "Enrolled" }) : o.mfa_required ? _jsx(Tag, { tone: "warn", children: "Missing" }) : _jsx(Nothing, { children: "not enrolled" }),
    },
    { id: "last", title: "Last sign-in", from: "laptop", cell: (o) => _jsx(Time, { at: o.last_sign_in, none: "never" }) },
    { id: "sessions", title: "Sessions", extra: true, from: "desktop", end: true, cell: (o) => count(o.sessions) },
];
export default function Operators() {
    useTitle("Administrators");
    const [params, set] = useParams();
    const q = params.get("q") ?? "";
    const sort = params.get("sort") ?? "name";
    const down = params.get("dir") === "desc";
    const role = params.get("role") ?? "";
    const status = params.get("status") ?? "";
    const mfa = params.get("mfa") ?? "";
    const tenant = params.get("company") ?? "";
    const only = {
        tenant: tenant || undefined,
        q,
        role: (role || undefined),
        status: (status || undefined),
        mfa: (mfa || undefined),
    };
    const found = useList("list-operators", { query: { ...only, sort: sort, dir: down ? "desc" : "asc" } });
    const open = params.get("open") ?? "";
    const filtered = [q, tenant, role, status, mfa].some((f) => f !== "");
    const clear = () => set({ q: undefined, company: undefined, role: undefined, status: undefined, mfa: undefined, sort: undefined, dir: undefined });
    const warnings = found.first?.warnings ?? [];
    return (_jsxs(_Fragment, { children: [_jsxs(Head, { title: "Administrators", sub: "The people of the provider, and what each of them may do.", children: [_jsx(Download, { href: downloadURL("export-operators", { query: only }), children: "CSV" }), _jsx(Action, { look: "primary", icon: "plus", right: "operator.manage", onPress: () => set({ open: "new" }, "push"), children: "Add administrator" })] }), warnings.map((w) => (_jsx(Note, { tone: "warn", children: sentence(w) }, w))), _jsxs(TableBar, { views: "administrators", filtered: filtered, clear: clear, children: [_jsx(Search, { label: "Search administrators", placeholder: "Name or e-mail", value: q, onChange: (text) => set({ q: text }) }), _jsx(CompanyFilter, { value: tenant, onChange: (next) => set({ company: next }) }), _jsx(Filter, { label: "Role", value: role, onChange: (next) => set({ role: next }), options: choicesOf(roleTitles) }), _jsx(Filter, { label: "Status", value: status, onChange: (next) => set({ status: next }), options: choicesOf(operatorStates) }), _jsx(Filter, { label: "Second factor", value: mfa, onChange: (next) => set({ mfa: next }), options: [
                            { id: "enrolled", text: "Enrolled" },
                            { id: "not_enrolled", text: "Not enrolled" },
                            { id: "missing", text: "Required and missing" },
                        ] })] }), _jsx(Table, { name: "operators", label: "Administrators", list: found, columns: columns, rowKey: (o) => o.id, open: (o) => set({ open: o.id }, "push"), current: open, sort: { by: sort, down, set: (by, d) => set({ sort: by, dir: d ? "desc" : undefined }) }, filtered: filtered, clear: clear, summary: (o) => (_jsxs(_Fragment, { children: [_jsx(Badge, { word: operatorStates[o.status] }), !o.mfa_enrolled && o.mfa_required && _jsx(Tag, { tone: "warn", children: "MFA missing" })] })), empty: _jsx(Empty, { icon: "shield", title: "No administrator", children: "Add the people who help your companies, each with a role and the companies that they may see." }) }), found.rows?.length === 1 && !filtered && (_jsx(Note, { children: "You are the only administrator. Add a second Owner: only another Owner can reset the second factor of an Owner who lost it." })), _jsx(OperatorPanel, { id: open, close: () => set({ open: undefined, panel: undefined }), requireMFA: found.first?.require_mfa ?? false })] }));
}
