import { jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useForesight } from "../api/query.js";
import { Note } from "./basic.js";
import { count, sentence } from "./words.js";
export function Foresight({ operation, ask, on }) {
    const seen = useForesight(operation, ask, on);
    if (!on)
        return null;
    if (seen.isError) {
        return (_jsxs(Note, { tone: "warn", children: [_jsx("strong", { children: "This would be refused." }), " ", sentence(seen.error.message), seen.error.rule && _jsxs("span", { className: "faint", children: [" Rule ", seen.error.rule, "."] })] }));
    }
    if (!seen.data) {
        return (_jsx("p", { className: "foresight foresight-waits", role: "status", children: "The server is asked what this would do\u2026" }));
    }
    return _jsx(Outcome, { preview: seen.data });
}
function Outcome({ preview: p }) {
    const lines = [seats(p), p.notice && sentence(p.notice), !p.changes.length && "Nothing would change."].filter(Boolean);
    if (!lines.length)
        return null;
    return (_jsxs("div", { className: "foresight", role: "status", children: [_jsx("strong", { children: "What will happen" }), lines.map((line) => (_jsx("p", { children: line }, String(line))))] }));
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
