import { jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { Badge, Tag } from "../../parts/basic.js";
import { tidy, typeTitle, userStates } from "../../parts/words.js";
export function nameOf(u) {
    return tidy(u.display_name || u.user_name);
}
export function reasonOf(u) {
    if (u.gone)
        return "deleted by the identity provider";
    if (!u.suspension)
        return "";
    const by = u.suspension.by;
    const who = by.kind === "idp"
        ? `by ${u.connection ?? "its connection"}`
        : by.kind === "system" || by.kind === "policy"
            ? "by a rule"
            : `by ${tidy(by.name || "an operator")}`;
    return who;
}
export function State({ user }) {
    const reason = reasonOf(user);
    return (_jsxs("span", { className: "state", children: [_jsx(Badge, { word: userStates[user.state] }), " ", user.gone && _jsx(Tag, { children: "gone" }), " ", user.suspension?.mode === "hold" && _jsx(Tag, { tone: "hold", children: "held" }), reason && _jsxs("span", { className: "faint", children: [" ", reason] })] }));
}
export function statement(u) {
    switch (u.statement) {
        case "active":
            return "active";
        case "inactive":
            return "inactive";
        case "deleted":
            return "deleted";
        default:
            return "nothing";
    }
}
export function idpName(type) {
    return type ? typeTitle(type) : "The identity provider";
}
