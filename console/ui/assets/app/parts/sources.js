import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { Name, Nothing } from "./basic.js";
export function Sources({ sources }) {
    return (_jsxs(_Fragment, { children: [sources.map((s, i) => (_jsxs("span", { children: [i > 0 && ", ", s.kind === "mapping" ? (_jsxs(_Fragment, { children: [_jsx(Name, { text: s.display_name || s.group || "a group", short: true }), s.connection && _jsxs("span", { className: "faint", children: [" of ", s.connection] })] })) : s.kind === "attribute" ? (_jsxs(_Fragment, { children: ["a role or an entitlement", s.connection && _jsxs("span", { className: "faint", children: [" of ", s.connection] })] })) : s.connection ? (s.connection) : ("added by hand")] }, `${s.kind}-${s.group ?? ""}-${s.connection ?? ""}`))), sources.length === 0 && _jsx(Nothing, {})] }));
}
