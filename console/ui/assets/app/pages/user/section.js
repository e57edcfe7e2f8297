import { jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { lazy, Suspense } from "react";
import { To } from "../../parts/basic.js";
import { Empty, Skeleton } from "../../parts/state.js";
import { count } from "../../parts/words.js";
import { to } from "../../shell/place.js";
const People = lazy(() => import("./list.js"));
const Person = lazy(() => import("./person.js"));
const Invitations = lazy(() => import("./invitations.js"));
const Requests = lazy(() => import("./requests.js"));
const Import = lazy(() => import("./import.js"));
const AutoDeletions = lazy(() => import("./auto-deletions.js"));
export default function PeopleSection(props) {
    const [sub = ""] = props.rest;
    const { company, overview } = props;
    switch (sub) {
        case "":
        case "invitations":
        case "deletion-requests":
        case "import":
        case "auto-deletions":
            break;
        default:
            return _jsx(Person, { company: company, user: sub });
    }
    const pages = [
        ["", "People", 0],
        ["invitations", "Invitations", overview.tenant.users.invited ?? 0],
        ["deletion-requests", "Deletion requests", overview.deletion_requests.length],
        ["auto-deletions", "Auto-delete", 0],
        ["import", "Import a table", 0],
    ];
    return (_jsxs("div", { className: "stack", children: [_jsx("nav", { className: "subnav", "aria-label": "People", children: pages.map(([id, text, n]) => (_jsx("span", { "aria-current": id === sub ? "page" : undefined, children: _jsxs(To, { href: to.company(company, id ? `people/${id}` : "people"), className: "subnav-item", children: [text, n > 0 && _jsx("span", { className: "chip-count", children: count(n) })] }) }, id))) }), _jsxs(Suspense, { fallback: _jsx(Skeleton, { rows: 8 }), children: [sub === "" && _jsx(People, { ...props }), sub === "invitations" && _jsx(Invitations, { ...props }), sub === "deletion-requests" && _jsx(Requests, { ...props }), sub === "auto-deletions" && _jsx(AutoDeletions, { ...props }), sub === "import" && _jsx(Import, { ...props })] }), !pages.some(([id]) => id === sub) && (_jsx(Empty, { title: "There is no such page", children: "The address is wrong, or the page has moved. Choose one of the sections above." }))] }));
}
