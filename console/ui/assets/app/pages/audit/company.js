import { jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { lazy, Suspense, useState } from "react";
import { To } from "../../parts/basic.js";
import { Skeleton } from "../../parts/state.js";
import { to } from "../../shell/place.js";
import { Trail, Verify, Visits } from "./trail.js";
const Events = lazy(() => import("./events.js"));
const views = [
    { id: "", text: "Trail" },
    { id: "visits", text: "Visits" },
    { id: "events", text: "Events" },
];
export default function CompanyAudit({ company, rest }) {
    const [verifying, setVerifying] = useState(false);
    const view = views.find((v) => v.id === rest[0])?.id ?? "";
    return (_jsxs("div", { className: "stack", children: [_jsx("nav", { className: "subnav", "aria-label": "Audit", children: views.map((v) => (_jsx("span", { "aria-current": v.id === view ? "page" : undefined, children: _jsx(To, { href: to.company(company, v.id ? `audit/${v.id}` : "audit"), className: "subnav-item", children: v.text }) }, v.id))) }), view === "" && _jsx(Trail, { scope: { company }, verify: () => setVerifying(true) }), view === "visits" && _jsx(Visits, { tenant: company }), view === "events" && (_jsx(Suspense, { fallback: _jsx(Skeleton, { rows: 8 }), children: _jsx(Events, { tenant: company }) })), _jsx(Verify, { tenant: company, open: verifying, close: () => setVerifying(false) })] }));
}
