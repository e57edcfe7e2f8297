import { jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useState } from "react";
import { To } from "../../parts/basic.js";
import { to } from "../../shell/place.js";
import { Trail, Verify, Visits } from "./trail.js";
export default function CompanyAudit({ company, rest }) {
    const [verifying, setVerifying] = useState(false);
    const visits = rest[0] === "visits";
    return (_jsxs("div", { className: "stack", children: [_jsxs("nav", { className: "subnav", "aria-label": "Audit", children: [_jsx("span", { "aria-current": visits ? undefined : "page", children: _jsx(To, { href: to.company(company, "audit"), className: "subnav-item", children: "Trail" }) }), _jsx("span", { "aria-current": visits ? "page" : undefined, children: _jsx(To, { href: to.company(company, "audit/visits"), className: "subnav-item", children: "Visits" }) })] }), visits ? _jsx(Visits, { tenant: company }) : _jsx(Trail, { scope: { company }, verify: () => setVerifying(true) }), _jsx(Verify, { tenant: company, open: verifying, close: () => setVerifying(false) })] }));
}
