import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useList } from "../../api/query.js";
import { Name, Time, To } from "../../parts/basic.js";
import { Empty } from "../../parts/state.js";
import { Table } from "../../parts/table.js";
import { exact } from "../../parts/words.js";
import { to } from "../../shell/place.js";
const columns = [
    { id: "person", title: "Person", cell: (d) => _jsx(Name, { text: d.user_name, short: true }) },
    { id: "suspended", title: "Suspended", from: "tablet", cell: (d) => _jsx(Time, { at: d.suspended }) },
    { id: "due", title: "Deleted", cell: (d) => _jsx(Time, { at: d.due }) },
    { id: "exact", title: "Exactly", from: "laptop", cell: (d) => exact(d.due) },
];
export default function AutoDeletions({ company }) {
    const list = useList("list-auto-deletions", { path: { tenant: company } });
    return (_jsxs(_Fragment, { children: [_jsxs("p", { className: "page-sub", children: ["A suspended person is deleted after the number of days in ", _jsx(To, { href: to.company(company, "settings"), children: "the settings" }), ". A person is not deleted if the identity provider still says \u201Cactive\u201D, if the suspension is held, or if the person is the last Owner."] }), _jsx(Table, { name: "auto-deletions", label: "Auto-delete", list: list, columns: columns, rowKey: (d) => d.user, href: (d) => to.person(company, d.user), empty: _jsx(Empty, { icon: "clock", title: "No person will be deleted automatically", children: "Auto-delete is off, or it applies to no suspended person." }) })] }));
}
