import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useState } from "react";
import { useRead, useTrail } from "../../api/query.js";
import { Action, Code, Fact, Facts, Name, RequestId, Scroll, Tag, Time, To } from "../../parts/basic.js";
import { now } from "../../parts/clock.js";
import { Box } from "../../parts/dialog.js";
import { Filter, Search, TextInput } from "../../parts/form.js";
import { Icon } from "../../parts/icon.js";
import { CopyLink } from "../../parts/json.js";
import { Rule } from "../../parts/rule.js";
import { Empty, Failed, NothingMatches, Skeleton, Stale, View } from "../../parts/state.js";
import { TableBar } from "../../parts/table.js";
import { bytes, count, exact, minute, second, tidy } from "../../parts/words.js";
import { to, useParams } from "../../shell/place.js";
const effects = {
    changed: { text: "changed", tone: "good" },
    unchanged: { text: "unchanged", tone: "quiet" },
    read: { text: "read", tone: "quiet" },
    refused: { text: "refused", tone: "bad" },
    failed: { text: "failed", tone: "bad" },
};
const gaps = {
    busy: "the journal was busy",
    disk: "the disk could not be written",
    throttled: "the connection exceeded its rate limit",
};
function short(path) {
    const text = (path ?? "").replace(/^\/scim\/v2\/[^/?]+/, "") || "/";
    try {
        return tidy(decodeURIComponent(text));
    }
    catch {
        return tidy(text);
    }
}
export function ExchangeLine({ exchange: e }) {
    if (e.gap) {
        return (_jsxs("span", { className: "gap", children: [_jsx(Icon, { name: "warning", size: 14 }), " ", count(e.missed ?? 0), " missed: ", gaps[e.gap] ?? e.gap] }));
    }
    const effect = effects[e.effect ?? ""];
    return (_jsxs("span", { className: "exchange", children: [_jsx("span", { className: "number faint", title: exact(e.time), children: new Date(e.time).toDateString() === new Date(now()).toDateString() ? second(e.time) : minute(e.time) }), _jsx("span", { className: `status status-${Math.floor((e.status ?? 0) / 100)}`, children: e.status }), _jsx("span", { className: "mono method", children: e.method }), _jsx("span", { className: "mono path", children: short(e.path) }), effect && _jsx(Tag, { tone: effect.tone, children: effect.text })] }));
}
export function Journal({ connection }) {
    const [params, set] = useParams();
    const [live, setLive] = useState(false);
    const q = params.get("person") ?? "";
    const status = params.get("status") ?? "";
    const effect = params.get("effect") ?? "";
    const from = params.get("from") ?? "";
    const until = params.get("to") ?? "";
    const open = params.get("request") ?? "";
    const filtered = !!(q || status || effect || from || until);
    const clear = () => set({ person: undefined, status: undefined, effect: undefined, from: undefined, to: undefined });
    const journal = useTrail("list-journal", {
        path: { connection },
        query: {
            user: q || undefined,
            status: status || undefined,
            effect: (effect || undefined),
            from: from ? new Date(from).toISOString() : undefined,
            to: until ? new Date(until).toISOString() : undefined,
        },
    }, { every: live ? 3_000 : 30_000 });
    return (_jsxs("div", { className: "stack", children: [_jsxs(TableBar, { views: "journal", filtered: filtered, clear: clear, actions: _jsx(Action, { small: true, icon: live ? "pause" : "play", onPress: () => setLive(!live), children: live ? "Stop" : "Follow live" }), children: [_jsx(Search, { label: "Person", placeholder: "userName, externalId or id", value: q, onChange: (person) => set({ person }) }), _jsx(StatusFilter, { value: status, set: (next) => set({ status: next }) }), _jsx(EffectFilter, { value: effect, set: (next) => set({ effect: next }) }), _jsx(Span, { from: from, until: until, set: (f, t) => set({ from: f, to: t }) })] }), _jsx(JournalRows, { journal: journal, open: open, choose: (request) => set({ request }, "push"), filtered: filtered, clear: clear }), _jsx(Detail, { connection: connection, request: open, close: () => set({ request: undefined }) })] }));
}
export function StatusFilter({ value, set }) {
    return (_jsx(Filter, { label: "Status", value: value, onChange: set, options: ["2xx", "3xx", "4xx", "5xx", "403", "409"].map((id) => ({ id, text: id })) }));
}
export function EffectFilter({ value, set }) {
    return _jsx(Filter, { label: "Effect", value: value, onChange: set, options: Object.entries(effects).map(([id, e]) => ({ id, text: e.text })) });
}
export function Span({ from, until, set, }) {
    const [open, setOpen] = useState(false);
    if (!open && !from && !until) {
        return (_jsx("button", { type: "button", className: "chip", onClick: () => setOpen(true), children: "Time" }));
    }
    return (_jsxs("div", { className: "span", children: [_jsx(TextInput, { label: "From", name: "from", type: "datetime-local", value: from, onChange: (f) => set(f || undefined, until || undefined), required: true }), _jsx(TextInput, { label: "To", name: "to", type: "datetime-local", value: until, onChange: (t) => set(from || undefined, t || undefined), required: true })] }));
}
function JournalRows({ journal, open, choose, filtered, clear, }) {
    if (journal.rows === undefined)
        return journal.isError ? _jsx(Failed, { error: journal.error, retry: () => journal.refetch(), what: "The journal" }) : _jsx(Skeleton, { rows: 8 });
    if (!journal.rows.length) {
        if (filtered)
            return _jsx(NothingMatches, { clear: clear });
        return (_jsx(Empty, { icon: "scroll", title: "No request yet", children: "Each request of the identity provider appears here with its answer, masked. Requests with a wrong secret belong to no connection and are not here." }));
    }
    return (_jsxs("div", { className: "table-wrap", children: [_jsx(Stale, { reading: journal }), _jsxs("table", { className: "table", "aria-label": "Journal", children: [_jsx("thead", { children: _jsxs("tr", { children: [_jsx("th", { scope: "col", children: "Time" }), _jsx("th", { scope: "col", children: "Status" }), _jsx("th", { scope: "col", children: "Request" }), _jsx("th", { scope: "col", className: "from-tablet", children: "Effect" }), _jsx("th", { scope: "col", className: "from-laptop", children: "Rule" }), _jsx("th", { scope: "col", className: "from-desktop", children: "Quirks" }), _jsx("th", { scope: "col", className: "cell-end from-tablet", children: "ms" })] }) }), _jsx("tbody", { children: journal.rows.map((e) => (_jsx(JournalRow, { exchange: e, current: open !== "" && e.request === open, choose: choose }, `${e.seq}-${e.request}`))) })] }), journal.hasNextPage && (_jsx("div", { className: "further", children: _jsx(Action, { small: true, running: journal.isFetchingNextPage, onPress: () => void journal.fetchNextPage(), children: "Load older ones" }) }))] }));
}
function JournalRow({ exchange: e, current, choose }) {
    if (e.gap) {
        return (_jsx("tr", { className: "gap-row", children: _jsxs("td", { colSpan: 7, children: [_jsx(Icon, { name: "warning", size: 14 }), " ", count(e.missed ?? 0), " missed before ", second(e.time), ": ", gaps[e.gap] ?? e.gap] }) }));
    }
    const effect = effects[e.effect ?? ""];
    return (_jsxs("tr", { className: `row-opens${current ? " is-current" : ""}`, onClick: () => e.request && choose(e.request), children: [_jsx("td", { title: exact(e.time), children: _jsx(Time, { at: e.time }) }), _jsx("td", { children: _jsx("span", { className: `status status-${Math.floor((e.status ?? 0) / 100)}`, children: e.status }) }), _jsx("th", { scope: "row", children: _jsx("button", { type: "button", className: "row-link", "aria-haspopup": "dialog", onClick: (event) => {
                        event.stopPropagation();
                        if (e.request)
                            choose(e.request);
                    }, children: _jsxs("span", { className: "mono", children: [_jsx("strong", { children: e.method }), " ", short(e.path)] }) }) }), _jsx("td", { className: "from-tablet", children: effect && _jsx(Tag, { tone: effect.tone, children: effect.text }) }), _jsx("td", { className: "from-laptop", children: e.rule }), _jsx("td", { className: "from-desktop faint", children: e.quirks?.join(", ") }), _jsx("td", { className: "cell-end from-tablet number", children: e.milliseconds?.toFixed(1) })] }));
}
export function Detail({ connection, request, close }) {
    const exchange = useRead("get-exchange", { path: { connection, request } }, { enabled: request !== "", every: false });
    return (_jsx(Box, { title: exchange.data ? `${exchange.data.method ?? ""} ${short(exchange.data.path)}` : "Request", sub: request && (_jsxs(_Fragment, { children: [_jsx(RequestId, { id: request }), " ", _jsx(CopyLink, { to: "this request" })] })), open: request !== "", close: close, wide: true, children: _jsx(View, { reading: exchange, what: "The request", children: (e) => _jsx(ExchangeView, { exchange: e }) }) }));
}
function ExchangeView({ exchange: e }) {
    return (_jsxs("div", { className: "stack", children: [_jsxs(Facts, { children: [_jsx(Fact, { name: "When", children: exact(e.time) }), _jsxs(Fact, { name: "Answer", children: [_jsx("span", { className: `status status-${Math.floor((e.status ?? 0) / 100)}`, children: e.status }), " ", e.effect, e.milliseconds !== undefined && `, ${e.milliseconds.toFixed(1)} ms`] }), e.why && (_jsxs(Fact, { name: "Why", children: [e.why, " ", e.rule && _jsx(Rule, { id: e.rule })] })), e.quirks && e.quirks.length > 0 && _jsx(Fact, { name: "Leniencies", children: e.quirks.join(", ") }), e.done && e.done.length > 0 && (_jsxs(Fact, { name: "Done", children: [e.done.join(", "), e.more ? ` and ${count(e.more)} more` : ""] })), e.request && (_jsx(Fact, { name: "Audit", children: _jsx(To, { href: `${to.audit}?request=${encodeURIComponent(e.request)}`, children: "Lines of this request" }) })), _jsxs(Fact, { name: "From", children: [e.address || "address unknown", e.user_agent && (_jsxs(_Fragment, { children: [", ", _jsx(Name, { text: e.user_agent })] }))] })] }), _jsxs("div", { className: "columns-even", children: [_jsx(Message, { title: "Request", body: e.body, cut: e.body_cut, size: e.body_bytes, note: e.body_note, headers: e.headers }), _jsx(Message, { title: "Answer", body: e.answer, cut: e.answer_cut, size: e.answer_bytes, headers: e.answer_headers })] }), e.curl && (_jsxs("details", { className: "disclosure", children: [_jsx("summary", { children: "As a command" }), _jsx(Code, { text: e.curl, what: "the command", block: true })] })), e.request && e.connection && _jsx(WithoutNames, { connection: e.connection, request: e.request })] }));
}
function WithoutNames({ connection, request }) {
    const [open, setOpen] = useState(false);
    const copy = useRead("get-transcript", { path: { connection, request } }, { enabled: open, every: false });
    return (_jsxs("details", { className: "disclosure", onToggle: (event) => setOpen(event.currentTarget.open), children: [_jsx("summary", { children: "Without names, to show to others" }), open && (_jsx(View, { reading: copy, what: "The copy", children: (c) => _jsx(Code, { text: c.text, what: "the request without names", block: true }) }))] }));
}
function Message({ title, body, cut, size, note, headers, }) {
    return (_jsxs("section", { className: "message", children: [_jsxs("h3", { children: [title, " ", size ? _jsx("span", { className: "faint", children: bytes(size) }) : null] }), _jsxs(Scroll, { label: `${title}, body`, high: true, children: [headers && headers.length > 0 && (_jsx("dl", { className: "head-lines", children: headers.map((h) => (_jsxs("div", { children: [_jsx("dt", { children: h.name }), _jsx("dd", { children: h.value })] }, h.name))) })), _jsx("pre", { children: body ? pretty(body) : (note ?? "no body") }), cut && _jsx("p", { className: "faint", children: "The rest was cut off." })] })] }));
}
function pretty(text) {
    try {
        return JSON.stringify(JSON.parse(text), null, 2);
    }
    catch {
        return text;
    }
}
