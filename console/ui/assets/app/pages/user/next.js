import { jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { Nothing } from "../../parts/basic.js";
import { Rule } from "../../parts/rule.js";
import { sentence, userStates } from "../../parts/words.js";
const writes = [
    ["active", "says that the person is active"],
    ["inactive", "says that the person is not active"],
    ["create", "creates the person again"],
    ["delete", "deletes the person"],
    ["other", "writes anything else"],
];
function found(write, who, user) {
    switch (write) {
        case "active":
            return user.connection === who && user.statement === "active"
                ? "If a run finds the person active after one that found the person inactive"
                : "If a run finds the person active";
        case "inactive":
            return "If a run finds the person inactive";
        case "create":
            return user.gone ? "If a run finds the person again" : "";
        case "delete":
            return "If a run finds the person deleted";
    }
    return "If a run finds other values";
}
export function NextSync({ user, why, idp }) {
    return (_jsxs("div", { className: "why-next", children: [_jsx("strong", { children: "What the next sync will do" }), !user.connection && _jsx("p", { children: "No connection manages this person. The first one that writes the person will (rule L9)." }), why.syncs.map((f) => (_jsx(Forecast, { user: user, forecast: f, who: f.connection === user.connection ? idp : f.connection }, f.connection))), !why.syncs.length && !why.next && _jsx(Nothing, { children: "Nothing." }), !why.syncs.length && user.connection && _jsx("p", { children: sentence(why.next) })] }));
}
function Forecast({ user, forecast: f, who }) {
    if (f.blocked) {
        return (_jsxs("p", { children: [who, " changes nothing now. ", sentence(f.blocked)] }));
    }
    const rows = writes.flatMap(([write, when]) => {
        const outcome = f.outcomes.find((o) => o.write === write);
        const text = outcome && effect(outcome, user);
        const condition = f.pulled ? found(write, f.connection, user) : `If ${who} ${when}`;
        return text && condition ? [{ write, condition, text, rule: outcome.rule }] : [];
    });
    if (!rows.length)
        return _jsxs("p", { children: ["No request of ", who, " changes the state of the person."] });
    return (_jsx("dl", { className: "next", children: rows.map((r) => (_jsxs("div", { children: [_jsx("dt", { children: r.condition }), _jsxs("dd", { children: [r.text, " ", r.rule && _jsx(Rule, { id: r.rule })] })] }, r.write))) }));
}
function effect(o, user) {
    const suspended = user.state === "suspended";
    switch (o.result) {
        case "refused":
            if (o.write === "create" && !suspended)
                return "";
            return `It is refused, and nothing changes. ${sentence(o.message ?? "")}`;
        case "created":
            return "Another person is made, with a new id.";
        case "revived":
            return "Another person, who was suspended or deleted, comes back.";
        case "deleted":
            return "The person is deleted for good.";
    }
    if (o.gone && !user.gone)
        return "The person is suspended at once. The record is kept for a while.";
    if (o.state && o.state !== user.state) {
        if (o.state === "suspended")
            return "The person is suspended at once.";
        return `The suspension ends. The person is then: ${userStates[o.state].text.toLowerCase()}.`;
    }
    return suspended && o.write === "active" ? "The suspension holds until an operator releases the person." : "";
}
