import { jsx as _jsx } from "react/jsx-runtime";
import { AlertTable } from "./alerts.js";
export default function CompanyAlerts({ company }) {
    return (_jsx("div", { className: "stack", children: _jsx(AlertTable, { tenant: company }) }));
}
