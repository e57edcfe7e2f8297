import { jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useState } from "react";
import { useList } from "../../api/query.js";
import { Badge, Code, Fact, Facts, Name, Scroll, Time } from "../../parts/basic.js";
import { Box } from "../../parts/dialog.js";
import { Filter, Toggle } from "../../parts/form.js";
import { useCompanyNames } from "../../parts/names.js";
import { Empty } from "../../parts/state.js";
import { Table, TableBar } from "../../parts/table.js";
import { count, exact, sentence, tidy } from "../../parts/words.js";
import { useParams } from "../../shell/place.js";
import { Span } from "../connection/journal.js";
import { nameOf } from "./progress.js";
function answerOf(a) {
    return { text: a.status ? String(a.status) : "No answer", tone: a.ok ? "good" : "bad" };
}
const columns = [
    { id: "event", title: "Event", cell: (a) => _jsx("span", { className: "mono", children: a.kind }) },
    { id: "tenant", title: "Company", from: "tablet", cell: (a) => _jsx(Name, { text: nameOf(a), short: true }) },
    { id: "seq", title: "Number", from: "laptop", end: true, cell: (a) => count(a.seq) },
    { id: "result", title: "Answer", cell: (a) => _jsx(Badge, { word: answerOf(a), title: a.error }) },
    { id: "attempt", title: "Attempt", from: "laptop", end: true, cell: (a) => count(a.attempt) },
    { id: "millis", title: "ms", from: "laptop", end: true, cell: (a) => count(a.millis) },
    { id: "at", title: "Sent", from: "tablet", cell: (a) => _jsx(Time, { at: a.at }) },
];
export function Deliveries({ webhook: w }) {
    const [params, set] = useParams();
    const company = params.get("company") ?? "";
    const failed = params.get("failed") === "yes";
    const kind = params.get("kind") ?? "";
    const from = params.get("from") ?? "";
    const until = params.get("to") ?? "";
    const filtered = company !== "" || failed || kind !== "" || from !== "" || until !== "";
    const clear = () => set({ company: undefined, failed: undefined, kind: undefined, from: undefined, to: undefined });
    const query = {
        tenant: company || undefined,
        failed: failed || undefined,
        kind: kind || undefined,
        from: from ? new Date(from).toISOString() : undefined,
        to: until ? new Date(until).toISOString() : undefined,
    };
    const list = useList("list-webhook-deliveries", { path: { webhook: w.name }, query }, { every: 5_000 });
    const [open, setOpen] = useState();
    const names = useCompanyNames(company ? [company] : []);
    const kinds = [...new Set([...(list.rows ?? []).map((a) => a.kind), kind])].filter(Boolean).sort();
    return (_jsxs("div", { className: "stack", children: [_jsxs(TableBar, { filtered: filtered, clear: clear, children: [_jsx(Toggle, { label: "Failed only", on: failed, onChange: (on) => set({ failed: on ? "yes" : undefined }) }), (kinds.length > 1 || kind) && (_jsx(Filter, { label: "Event", value: kind, onChange: (next) => set({ kind: next }), options: kinds.map((id) => ({ id, text: id })) })), _jsx(Span, { from: from, until: until, set: (f, t) => set({ from: f, to: t }) }), company && (_jsx(Filter, { label: "Company", value: company, onChange: (next) => set({ company: next }), options: [{ id: company, text: nameOf({ tenant: company, tenant_name: names.get(company) }) }] }))] }), _jsx(Table, { name: "webhook-deliveries", label: "Deliveries", list: list, columns: columns, rowKey: (a) => `${a.tenant} ${a.seq} ${a.attempt} ${a.at}`, open: setOpen, filtered: filtered, clear: clear, empty: _jsx(Empty, { icon: "clock", title: "Nothing was sent yet", children: "Each event appears here when it is sent, with the answer. The last 25 attempts of each company are kept." }) }), _jsx(Box, { title: open?.kind ?? "", sub: open && `Event ${open.seq} of ${nameOf(open)}`, open: open !== undefined, close: () => setOpen(undefined), wide: true, children: open && _jsx(Attempt, { attempt: open }) })] }));
}
function Attempt({ attempt: a }) {
    return (_jsxs("div", { className: "stack", children: [_jsxs(Facts, { children: [_jsx(Fact, { name: "Answer", children: _jsx(Badge, { word: answerOf(a) }) }), a.error && _jsx(Fact, { name: "Why", children: sentence(a.error) }), _jsx(Fact, { name: "Sent", children: exact(a.at) }), _jsxs(Fact, { name: "Took", children: [count(a.millis), " ms"] }), _jsx(Fact, { name: "Attempt", children: count(a.attempt) }), _jsx(Fact, { name: "webhook-id", children: _jsx(Code, { text: a.id, what: "the id" }) })] }), _jsxs("section", { className: "message", children: [_jsx("h3", { children: "Beginning of the answer" }), _jsx(Scroll, { label: "Answer, body", high: true, children: _jsx("pre", { children: a.answer ? tidy(a.answer) : "no body" }) })] })] }));
}
