import { jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { Action } from "../../parts/basic.js";
import { useParams } from "../../shell/place.js";
import { ConnectionTable } from "../connection/list.js";
export default function CompanyConnections({ company }) {
    const [, set] = useParams();
    return (_jsxs("div", { className: "stack", children: [_jsxs("div", { className: "row row-split", children: [_jsx("p", { className: "page-sub", children: "The identity providers of this company." }), _jsx(Action, { look: "primary", icon: "plus", right: "connection.manage", onPress: () => set({ connect: company }, "push"), children: "Connect an identity provider" })] }), _jsx(ConnectionTable, { tenant: company })] }));
}
