import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useState } from "react";
import { useAction, useList } from "../../api/query.js";
import { Badge, More, Name, Nothing, Time } from "../../parts/basic.js";
import { Box, Confirm, Consequences } from "../../parts/dialog.js";
import { Choose, choicesOf, Filter, FormBox, Submit, TextInput } from "../../parts/form.js";
import { Empty } from "../../parts/state.js";
import { Table, TableBar } from "../../parts/table.js";
import { say } from "../../parts/toast.js";
import { count, sentence, tidy } from "../../parts/words.js";
import { to, useParams } from "../../shell/place.js";
import { states } from "./list.js";
export function nameOf(p) {
    return tidy(p.tenant_name ?? "") || (p.tenant === "_installation" ? "This installation" : (p.tenant ?? ""));
}
const columns = [
    {
        id: "tenant",
        title: "Company",
        cell: (p) => (_jsxs("span", { className: "two-lines", children: [_jsx(Name, { text: nameOf(p), short: true }), p.error && _jsx("span", { className: "faint wrap", children: sentence(p.error) })] })),
    },
    { id: "status", title: "Status", cell: (p) => _jsx(Badge, { word: states[p.status] }) },
    { id: "backlog", title: "Waiting", end: true, cell: (p) => count(p.backlog) },
    { id: "delivered", title: "Delivered", from: "laptop", end: true, cell: (p) => count(p.delivered) },
    { id: "attempts", title: "Failed attempts", from: "laptop", end: true, cell: (p) => (p.attempts ? count(p.attempts) : _jsx(Nothing, {})) },
    { id: "next", title: "Next attempt", from: "tablet", cell: (p) => (p.next_attempt ? _jsx(Time, { at: p.next_attempt }) : _jsx(Nothing, {})) },
    { id: "success", title: "Last success", from: "laptop", cell: (p) => _jsx(Time, { at: p.last_success, none: "never" }) },
];
export function Progress({ webhook: w }) {
    const [params, set] = useParams();
    const status = params.get("status") ?? "";
    const query = { status: (status || undefined) };
    const list = useList("list-webhook-progress", { path: { webhook: w.name }, query }, { every: 5_000 });
    const [replaying, setReplaying] = useState();
    const [skipping, setSkipping] = useState();
    const clear = () => set({ status: undefined });
    return (_jsxs("div", { className: "stack", children: [_jsx(TableBar, { filtered: !!status, clear: clear, children: _jsx(Filter, { label: "Status", value: status, onChange: (next) => set({ status: next }), options: choicesOf(states) }) }), _jsx(Table, { name: "webhook-progress", label: "Progress of each company", loose: true, list: list, columns: columns, rowKey: (p) => p.tenant, href: (p) => `${to.webhook(w.name)}?company=${encodeURIComponent(p.tenant)}`, filtered: !!status, clear: clear, empty: _jsx(Empty, { icon: "building", title: "No company", children: "No company that you have access to sends it events. Name companies under Settings." }), menu: (p) => (_jsx(More, { label: `Actions for ${nameOf(p)}`, choices: [
                        { id: "replay", text: "Deliver again", icon: "refresh", right: "webhook.manage", run: () => setReplaying(p) },
                        {
                            id: "skip",
                            text: p.failing_event ? `Skip event ${p.failing_event}` : "Skip the event that fails",
                            icon: "right",
                            right: "webhook.manage",
                            not: p.failing_event ? undefined : "No event of this company fails.",
                            run: () => setSkipping(p),
                        },
                    ] })) }), _jsx(Box, { title: _jsxs(_Fragment, { children: ["Deliver events of ", replaying && _jsx(Name, { text: nameOf(replaying) }), " again"] }), open: replaying !== undefined, close: () => setReplaying(undefined), children: replaying && _jsx(Replay, { webhook: w, progress: replaying, close: () => setReplaying(undefined) }) }), _jsx(Skip, { webhook: w, progress: skipping, close: () => setSkipping(undefined) })] }));
}
function Skip({ webhook: w, progress: p, close }) {
    const skip = useAction("skip-webhook-event", () => {
        say("The event is skipped.");
        close();
    });
    const seq = p?.failing_event ?? 0;
    return (_jsx(Confirm, { title: _jsxs(_Fragment, { children: ["Skip event ", seq, " of ", p && _jsx(Name, { text: nameOf(p) }), "?"] }), open: p !== undefined, close: close, verb: "Skip", danger: true, failure: skip.failure, running: skip.running, run: () => p && void skip.run({ path: { webhook: w.name }, body: { tenant: p.tenant, seq } }), children: _jsx(Consequences, { items: [
                "The receiver never gets this event.",
                "It is named in the audit trail.",
                p?.error && `The last attempt: ${sentence(p.error)}`,
            ] }) }));
}
function Replay({ webhook: w, progress: p, close }) {
    const [by, setBy] = useState("event");
    const [from, setFrom] = useState("");
    const [since, setSince] = useState("");
    const replay = useAction("replay-webhook", (now) => {
        say(`${count(now.backlog)} events are delivered again.`);
        close();
    });
    const run = () => {
        const start = by === "event" ? { from: Number(from) } : { since: new Date(since).toISOString() };
        void replay.run({ path: { webhook: w.name }, body: { tenant: p.tenant, ...start } });
    };
    return (_jsxs(FormBox, { failure: replay.failure, submit: run, children: [_jsxs("p", { className: "about", children: ["All events from there on are sent again, with the same ids. The last one is ", count(p.last), "."] }), _jsx(Choose, { label: "From", name: "by", value: by, onChange: setBy, required: true, options: [
                    { id: "event", text: "An event" },
                    { id: "time", text: "A time" },
                ] }), by === "event" ? (_jsx(TextInput, { label: "Number of the first event", name: "from", value: from, onChange: setFrom, inputMode: "numeric", pattern: "[0-9]+", required: true, autoFocus: true })) : (_jsx(TextInput, { label: "Time of the first event", name: "since", type: "datetime-local", value: since, onChange: setSince, required: true })), _jsx(Submit, { running: replay.running, cancel: close, right: "webhook.manage", children: "Deliver again" })] }));
}
