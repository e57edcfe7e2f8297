import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { downloadURL } from "../../api/client.js";
import { useList } from "../../api/query.js";
import { Card, Download, Head, Name, Note, Nothing, Tag } from "../../parts/basic.js";
import { OrNoCompany } from "../../parts/companies.js";
import { Search } from "../../parts/form.js";
import { Empty } from "../../parts/state.js";
import { Table, TableBar } from "../../parts/table.js";
import { count, decimal, localDay, money } from "../../parts/words.js";
import { to, useParams, useTitle } from "../../shell/place.js";
import { PeriodPick, usePeriod } from "./period.js";
const columns = [
    {
        id: "tenant",
        title: "Company",
        cell: (u) => (_jsxs("span", { className: "two-lines", children: [_jsx(Name, { text: u.tenant_name, short: true }), _jsx("span", { className: "faint mono", children: u.tenant })] })),
    },
    { id: "number", title: "Customer number", extra: true, from: "desktop", cell: (u) => u.customer_number || _jsx(Nothing, {}) },
    { id: "plan", title: "Plan", from: "tablet", cell: (u) => u.plan },
    {
        id: "counted",
        title: "Days counted",
        end: true,
        from: "laptop",
        cell: (u) => (_jsxs(_Fragment, { children: [count(u.counted), " / ", count(u.days), " ", u.late > 0 && _jsxs(Tag, { tone: "warn", children: [count(u.late), " late"] })] })),
    },
    { id: "members", title: "Member days", end: true, from: "desktop", cell: (u) => count(u.member_days) },
    { id: "guests", title: "Guest days", end: true, from: "desktop", cell: (u) => count(u.guest_days) },
    { id: "seats", title: "Seat days", end: true, from: "laptop", cell: (u) => count(u.seat_days) },
    { id: "usage", title: "Usage", end: true, cell: (u) => decimal(u.usage) },
    { id: "projected", title: "Projected", end: true, from: "laptop", cell: (u) => decimal(u.projected) },
    {
        id: "cost",
        title: "Cost so far",
        end: true,
        from: "tablet",
        cell: (u) => (u.cost ? money(u.cost.total, u.cost.currency) : _jsx(Nothing, { children: "no price" })),
    },
    { id: "total", title: "Projected cost", end: true, cell: (u) => (u.cost ? money(u.cost.projected, u.cost.currency) : _jsx(Nothing, {})) },
];
export default function Billing() {
    useTitle("Seats & billing");
    const period = usePeriod();
    const [params, set] = useParams();
    const q = params.get("q") ?? "";
    const clear = () => set({ q: undefined, from: undefined, to: undefined, period: undefined });
    const filtered = q !== "" || period.from !== undefined;
    const list = useList("get-usage", { query: { ...period, q } }, { every: 120_000 });
    const rows = list.rows ?? [];
    const totals = new Map();
    for (const u of rows) {
        if (!u.cost)
            continue;
        const sum = totals.get(u.cost.currency) ?? { total: 0, projected: 0, n: 0 };
        totals.set(u.cost.currency, {
            total: sum.total + Number(u.cost.total),
            projected: sum.projected + Number(u.cost.projected),
            n: sum.n + 1,
        });
    }
    return (_jsxs(_Fragment, { children: [_jsx(Head, { title: "Seats & billing", sub: "Seats are counted once a day. The cost is an estimate, not an invoice.", children: _jsx(Download, { href: downloadURL("export-usage", { query: { ...period, q } }), children: "CSV" }) }), _jsxs(TableBar, { views: "billing", filtered: filtered, clear: clear, children: [_jsx(Search, { label: "Search companies", placeholder: "Name or customer number", value: q, onChange: (text) => set({ q: text }) }), _jsx(PeriodPick, {}), rows[0] && (_jsxs("span", { className: "faint", children: [localDay(rows[0].from), " \u2013 ", localDay(rows[0].to)] }))] }), totals.size > 0 && !list.hasNextPage && (_jsx("div", { className: "figures figures-cards", children: [...totals].map(([currency, sum]) => (_jsx(Card, { children: _jsxs("div", { className: "figure", children: [_jsxs("span", { className: "figure-name", children: ["Projected, ", count(sum.n), " companies in ", currency] }), _jsx("span", { className: "figure-value", children: money(sum.projected.toFixed(2), currency) }), _jsxs("span", { className: "faint", children: [money(sum.total.toFixed(2), currency), " so far"] })] }) }, currency))) })), rows.some((u) => u.cost?.mixed) && (_jsx(Note, { tone: "warn", children: "Some days have a price in another currency. They are left out of the cost." })), _jsx(Table, { name: "usage", label: "Usage", list: list, columns: columns, rowKey: (u) => u.tenant, href: (u) => to.company(u.tenant, "billing"), filtered: q !== "", clear: clear, empty: _jsx(OrNoCompany, { children: _jsx(Empty, { icon: "coins", title: "Nothing is counted yet", children: "Seats are counted daily at the time that each company's settings say. The first count is tonight." }) }) })] }));
}
