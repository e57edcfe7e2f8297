import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useState } from "react";
import { Head } from "../../parts/basic.js";
import { useTitle } from "../../shell/place.js";
import { Trail, Verify } from "./trail.js";
export default function AuditPage() {
    useTitle("Audit");
    const [verifying, setVerifying] = useState(false);
    return (_jsxs(_Fragment, { children: [_jsx(Head, { title: "Audit", sub: "Who did what on the installation itself: administrators, settings, backups. Each company has a trail of its own on its page." }), _jsx(Trail, { tenant: "", verify: () => setVerifying(true) }), _jsx(Verify, { tenant: "", open: verifying, close: () => setVerifying(false) })] }));
}
