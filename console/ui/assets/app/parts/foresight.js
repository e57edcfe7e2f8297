import { jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useForesight } from "../api/query.js";
import { Name, Note } from "./basic.js";
import { usePointless } from "./form.js";
import { Rule } from "./rule.js";
import { Difference, verbOf } from "./sentence.js";
import { count, sentence } from "./words.js";
export function Foresight({ operation, ask, on, refused, lines }) {
    const seen = useForesight(operation, ask, on && !refused);
    const empty = on && seen.data?.changes.length === 0 && !seen.isPlaceholderData && !seen.error;
    usePointless(empty ? unchanged : undefined);
    if (!on)
        return null;
    const why = refused ?? seen.error?.message;
    if (why) {
        return (_jsxs(Note, { tone: "warn", children: [_jsx("strong", { children: "This would be refused." }), " ", sentence(why), seen.error?.rule && _jsx(Rule, { id: seen.error.rule })] }));
    }
    if (!seen.data) {
        return (_jsx("p", { className: "foresight foresight-waits", role: "status", children: "The server is asked what this would do\u2026" }));
    }
    return _jsx(Outcome, { preview: seen.data, changes: lines ? seen.data.changes : [] });
}
const unchanged = "Nothing would change.";
function Outcome({ preview: p, changes }) {
    const lines = [seats(p), p.notice && sentence(p.notice), !p.changes.length && unchanged].filter(Boolean);
    if (!lines.length && !changes.length)
        return null;
    return (_jsxs("div", { className: "foresight", role: "status", children: [_jsx("strong", { children: "What will happen" }), lines.map((line) => (_jsx("p", { children: line }, String(line)))), changes.map((c, i) => (_jsxs("section", { className: "stack", children: [_jsxs("p", { children: ["In the audit trail: ", verbOf(c.action), " ", _jsx(Name, { text: c.subject.name || c.subject.id, short: true }), c.reason && _jsxs("span", { className: "faint", children: [". ", sentence(c.reason)] })] }), _jsx(Difference, { before: others(c.before, c.after), after: others(c.after, c.before) })] }, i)))] }));
}
function others(of, than) {
    return Object.fromEntries(Object.entries(of ?? {}).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(than?.[name])));
}
function seats(p) {
    if (!p.seats)
        return "";
    const { before, after, limit } = p.seats;
    const of = limit ? ` of ${count(limit)}` : "";
    if (before === after)
        return `Seats in use stay ${count(after)}${of}.`;
    return `Seats in use: ${count(before)} → ${count(after)}${of}.`;
}
