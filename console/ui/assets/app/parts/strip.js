import { jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useState } from "react";
import { useRead } from "../api/query.js";
import { to } from "../shell/place.js";
import { To, useRights } from "./basic.js";
import { now } from "./clock.js";
import { View } from "./state.js";
import { clock, count, day, healthStates, isoDay, many, sentence } from "./words.js";
const days = 30;
const length = 86_400;
function span() {
    const end = (Math.floor(now() / 1000 / length) + 1) * length;
    return { from: new Date((end - days * length) * 1000).toISOString(), to: new Date(end * 1000).toISOString() };
}
export function SyncStrip({ connection }) {
    const timeline = useRead("get-timeline", { path: { connection }, query: { ...span(), step: length } }, { every: 5 * 60_000 });
    return (_jsx(View, { reading: timeline, rows: 1, what: "The timeline", children: (t) => _jsx(Cells, { connection: connection, timeline: t }) }));
}
function dayOf(b, t) {
    const local = (at) => `${isoDay(new Date(at))}T${clock(new Date(at))}`;
    const from = Date.parse(b.from);
    return new URLSearchParams({ from: local(from), to: local(from + t.step * 1000) }).toString();
}
function Cells({ connection, timeline: t }) {
    const rights = useRights();
    const [at, setAt] = useState();
    const cells = t.buckets.filter((b) => Date.parse(b.from) <= now());
    const current = cells[at ?? cells.length - 1];
    return (_jsxs("div", { className: "strip-days", children: [_jsx("ul", { className: "strip-cells", "aria-label": "The last thirty days", children: cells.map((b, i) => (_jsx("li", { children: _jsx("button", { type: "button", className: `strip-cell strip-cell-${toneOf(b, t)}`, "aria-label": `${day(b.from)}: ${saidOf(b, t)}`, "aria-pressed": at === i, onClick: () => setAt(at === i ? undefined : i), onMouseEnter: () => setAt(i), onFocus: () => setAt(i) }) }, b.from))) }), current && (_jsxs("p", { className: "strip-said", "aria-live": "polite", children: [_jsx("strong", { children: day(current.from) }), " ", saidOf(current, t), " ", current.requests > 0 && rights.has("tenant.record") && (_jsx(To, { href: `${to.connection(connection, "journal")}?${dayOf(current, t)}`, children: "Requests of that day" }))] }))] }));
}
function stateOf(b, t) {
    const from = Date.parse(b.from);
    const to = from + t.step * 1000;
    const order = ["healthy", "never_connected", "quiet", "failing"];
    let worst = "";
    t.health.forEach((h, i) => {
        const begins = h.from ? Date.parse(h.from) : 0;
        const next = t.health[i + 1]?.from;
        const ends = next ? Date.parse(next) : Number.POSITIVE_INFINITY;
        if (begins < to && ends > from && order.indexOf(h.state) > order.indexOf(worst))
            worst = h.state;
    });
    return worst;
}
function toneOf(b, t) {
    const state = stateOf(b, t);
    if (b.failed > 0 || state === "failing")
        return "bad";
    if (b.refused > 0 || b.rejected > 0 || state === "quiet")
        return "warn";
    if (b.requests === 0)
        return "none";
    return "good";
}
function saidOf(b, t) {
    const state = stateOf(b, t);
    const parts = [
        b.requests ? many(b.requests, "request", "requests") : "no request",
        b.changed > 0 && `${count(b.changed)} changed something`,
        b.refused > 0 && `${count(b.refused)} refused`,
        b.failed > 0 && `${count(b.failed)} failed`,
        b.rejected > 0 && `${count(b.rejected)} with a wrong credential`,
        b.throttled > 0 && `${count(b.throttled)} too fast`,
        b.missed > 0 && `${count(b.missed)} not kept`,
        b.requests > 0 && `95 % within ${count(Math.round(b.p95_milliseconds))} ms`,
        (state === "quiet" || state === "failing") && healthStates[state]?.text.toLowerCase(),
    ].filter(Boolean);
    const text = sentence(parts.join(", "));
    return Date.parse(b.from) < Date.parse(t.since) ? `${text} Not all of that day is kept.` : text;
}
