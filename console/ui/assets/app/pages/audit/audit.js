import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useState } from "react";
import { Action, Head, useRights } from "../../parts/basic.js";
import { Chips } from "../../parts/form.js";
import { useParams, useTitle } from "../../shell/place.js";
import { Archive, Streams } from "./archive.js";
import { Trail, Verify } from "./trail.js";
export default function AuditPage() {
    useTitle("Audit");
    const rights = useRights();
    const [params, set] = useParams();
    const [verifying, setVerifying] = useState(false);
    const own = rights.has("provider.record");
    const installation = own && (params.get("trail") === "installation" || !rights.has("tenant.record"));
    return (_jsxs(_Fragment, { children: [_jsx(Head, { title: "Audit", sub: installation
                    ? "Who did what on the installation itself: administrators, settings, backups."
                    : "Who did what in the companies that you have access to, newest first. Each company has its own chain, which is verified on its page." }), own && rights.has("tenant.record") && (_jsx(Chips, { label: "Which trail", value: installation ? "installation" : "", onChange: (trail) => set({ trail: trail || undefined }), options: [
                    { id: "", text: "All companies" },
                    { id: "installation", text: "This installation" },
                ] })), !own && (_jsx("div", { className: "row", children: _jsx(Action, { small: true, right: "provider.record", children: "This installation" }) })), installation && (_jsxs("details", { className: "disclosure", children: [_jsx("summary", { children: "Archive and SIEM" }), _jsxs("div", { className: "columns-even", children: [_jsx(Archive, {}), _jsx(Streams, {})] })] })), _jsx(Trail, { scope: installation ? "installation" : "everywhere", verify: installation ? () => setVerifying(true) : undefined }, String(installation)), _jsx(Verify, { tenant: "", open: verifying, close: () => setVerifying(false) })] }));
}
