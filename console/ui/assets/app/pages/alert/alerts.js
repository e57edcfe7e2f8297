import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useState } from "react";
import { useAction, useList } from "../../api/query.js";
import { Action, Head, Name, Tag, Time, To } from "../../parts/basic.js";
import { now } from "../../parts/clock.js";
import { OrNoCompany } from "../../parts/companies.js";
import { Box } from "../../parts/dialog.js";
import { Chips, Filter, FormBox, Pick, Search, Submit, TextInput } from "../../parts/form.js";
import { actorName } from "../../parts/sentence.js";
import { Empty } from "../../parts/state.js";
import { Table, TableBar } from "../../parts/table.js";
import { say } from "../../parts/toast.js";
import { alertKinds, count, exact, many, plain, sentence } from "../../parts/words.js";
import { to, useParams, useTitle } from "../../shell/place.js";
const states = {
    open: { text: "Open", tone: "bad" },
    acknowledged: { text: "Acknowledged", tone: "info" },
    snoozed: { text: "Snoozed", tone: "warn" },
    cleared: { text: "Cleared automatically", tone: "good" },
};
export function waits(a) {
    return a.state === "open" || a.state === "snoozed";
}
const hour = 3_600_000;
const snoozes = [
    { id: "never", text: "Only if it happens again" },
    { id: "1", text: "In an hour" },
    { id: "24", text: "In a day" },
    { id: "168", text: "In a week" },
    { id: "720", text: "In thirty days" },
];
function cause(a) {
    const id = a.subject.id;
    switch (a.kind) {
        case "brake":
            return id ? to.connection(id, "held") : to.company(a.tenant);
        case "sync":
            return id ? to.connection(id) : to.company(a.tenant, "connections");
        case "token":
            return to.company(a.tenant, "connections");
        case "seats":
            return to.company(a.tenant, "billing");
        case "webhook":
            return a.subject.name ? to.webhook(a.subject.name, "companies") : to.webhooks;
        case "target":
            return a.subject.name ? to.target(a.subject.name) : to.targets;
        case "protected_group":
            return to.group(a.tenant, a.key.split("/")[1] ?? "owners");
        default:
            return to.company(a.tenant);
    }
}
export default function Alerts() {
    useTitle("Alerts");
    return (_jsxs(_Fragment, { children: [_jsx(Head, { title: "Alerts", sub: "Each stays open until it clears automatically or an operator acknowledges it. It is kept for ninety days after that." }), _jsx(AlertTable, {})] }));
}
export function AlertTable({ tenant }) {
    const [params, set] = useParams();
    const state = params.get("state") ?? "open";
    const kind = params.get("kind") ?? "";
    const q = params.get("q") ?? "";
    const query = {
        past: state === "all" || undefined,
        state: state === "all" ? undefined : state,
        kind: (kind || undefined),
    };
    const all = useList("list-alerts", { query: { ...query, q: q || undefined } }, { enabled: !tenant });
    const own = useList("list-tenant-alerts", { path: { tenant: tenant ?? "" }, query }, { enabled: !!tenant });
    const list = tenant ? own : all;
    const [looking, setLooking] = useState();
    const filtered = kind !== "" || q !== "" || state !== "open";
    const clear = () => set({ state: undefined, kind: undefined, q: undefined });
    const columns = [
        {
            id: "text",
            title: "What happened",
            cell: (a) => (_jsxs("span", { className: "two-lines", children: [_jsx(Name, { text: sentence(a.text) }), _jsx("span", { className: "faint", children: alertKinds[a.kind] ?? plain(a.kind) })] })),
        },
        ...(tenant
            ? []
            : [
                {
                    id: "tenant",
                    title: "Company",
                    from: "tablet",
                    cell: (a) => (_jsx(To, { href: to.company(a.tenant), children: _jsx(Name, { text: a.tenant_name ?? a.tenant, short: true }) })),
                },
            ]),
        { id: "state", title: "State", from: "tablet", cell: (a) => _jsx(Tag, { tone: states[a.state].tone, children: states[a.state].text }) },
        { id: "times", title: "Times", end: true, from: "laptop", cell: (a) => count(a.times) },
        { id: "raised", title: "Raised", from: "desktop", cell: (a) => _jsx(Time, { at: a.raised }) },
        { id: "last", title: "Last", cell: (a) => _jsx(Time, { at: a.last }) },
        { id: "by", title: "By", from: "desktop", cell: (a) => _jsx(Name, { text: actorName(a.by), short: true }) },
        {
            id: "act",
            title: "Action",
            from: "tablet",
            cell: (a) => (_jsxs("span", { className: "row row-tight", children: [_jsx(To, { href: cause(a), className: "button button-quiet button-small", label: `The cause of: ${sentence(a.text)}`, children: "Cause" }), waits(a) && (_jsx(Action, { small: true, right: "tenant.alert", onPress: () => setLooking(a), label: `Acknowledge: ${sentence(a.text)}`, children: "Acknowledge" }))] })),
        },
    ];
    return (_jsxs(_Fragment, { children: [_jsxs(TableBar, { views: "alerts", filtered: filtered, clear: clear, children: [_jsx(Chips, { label: "State", value: state, onChange: (next) => set({ state: next === "open" ? undefined : next }), options: [
                            { id: "open", text: "Open" },
                            { id: "snoozed", text: "Snoozed" },
                            { id: "acknowledged", text: "Acknowledged" },
                            { id: "cleared", text: "Settled" },
                            { id: "all", text: "All of the last ninety days" },
                        ] }), _jsx(Filter, { label: "Kind", value: kind, onChange: (next) => set({ kind: next }), options: Object.entries(alertKinds).map(([id, text]) => ({ id, text })) }), !tenant && _jsx(Search, { label: "Company", placeholder: "Name of a company", value: q, onChange: (text) => set({ q: text }) })] }), _jsx(Table, { name: tenant ? "company-alerts" : "alerts", label: "Alerts", list: list, columns: columns, rowKey: (a) => `${a.tenant}-${a.key}-${a.raised}`, open: setLooking, loose: true, filtered: filtered, clear: clear, summary: (a) => (_jsxs(_Fragment, { children: [!tenant && _jsx(Name, { text: a.tenant_name ?? a.tenant, short: true }), _jsx(Tag, { tone: states[a.state].tone, children: states[a.state].text })] })), empty: _jsx(OrNoCompany, { children: _jsx(Empty, { icon: "bell", title: "No alert is open", children: "Alerts are raised when a protected group changes, removals are unusual, a sync goes quiet or fails, a credential expires soon, or all seats are in use." }) }) }), _jsx(Look, { alert: looking, close: () => setLooking(undefined), fresh: list.rows?.find((a) => looking && a.tenant === looking.tenant && a.key === looking.key) })] }));
}
export function Look({ alert, close, fresh }) {
    const [note, setNote] = useState("");
    const [again, setAgain] = useState("never");
    const [seen, setSeen] = useState();
    const acknowledge = useAction("acknowledge-alert", (a) => say(a.until ? `Snoozed until ${exact(a.until)}.` : "Acknowledged."));
    const times = seen ?? alert?.times ?? 0;
    const away = () => {
        acknowledge.clear();
        setNote("");
        setAgain("never");
        setSeen(undefined);
        close();
    };
    const run = async () => {
        if (!alert)
            return;
        const until = again === "never" ? undefined : new Date(now() + Number(again) * hour).toISOString();
        const body = { alert: alert.key, times, note: note.trim() || undefined, until };
        if (await acknowledge.run({ path: { tenant: alert.tenant }, body }))
            away();
    };
    const repeated = acknowledge.failure?.status === 412 && fresh && fresh.times !== times;
    return (_jsx(Box, { title: alert ? (alertKinds[alert.kind] ?? plain(alert.kind)) : "", sub: alert?.tenant_name ?? alert?.tenant, open: alert !== undefined, close: away, children: alert && (_jsxs(FormBox, { failure: repeated ? undefined : acknowledge.failure, submit: () => void run(), children: [_jsx("p", { children: _jsx(Name, { text: sentence(alert.text) }) }), _jsxs("p", { className: "faint", children: ["Raised ", _jsx(Time, { at: alert.raised }), ", ", many(alert.times, "time", "times"), ", last ", _jsx(Time, { at: alert.last }), "."] }), _jsx("p", { children: _jsx(To, { href: cause(alert), children: "Go to the cause" }) }), (alert.state === "acknowledged" || alert.state === "snoozed") && (_jsxs("p", { children: [alert.state === "snoozed" ? (_jsxs(_Fragment, { children: ["Snoozed until ", exact(alert.until ?? ""), " by ", alert.acknowledged_by] })) : (_jsxs(_Fragment, { children: ["Acknowledged by ", alert.acknowledged_by, " ", _jsx(Time, { at: alert.acknowledged })] })), alert.note && (_jsxs(_Fragment, { children: [": \u201C", _jsx(Name, { text: alert.note }), "\u201D"] }))] })), alert.state === "cleared" && (_jsxs("p", { children: ["It was cleared automatically ", _jsx(Time, { at: alert.cleared }), "."] })), waits(alert) && (_jsxs(_Fragment, { children: [_jsx(Pick, { label: "Open it again", name: "until", value: again, onChange: setAgain, options: snoozes, about: "It is open again at once if it happens again." }), _jsx(TextInput, { label: "Note", name: "note", value: note, onChange: setNote, lines: 2, maxLength: 500, about: "Other operators see it with the alert." }), repeated && (_jsxs("div", { className: "versions", role: "alert", children: [_jsxs("p", { children: ["It happened again after you opened it: ", many(fresh.times, "time", "times"), " in total. \u201C", fresh.text, "\u201D"] }), _jsx("div", { className: "row", children: _jsx(Action, { small: true, onPress: () => setSeen(fresh.times), children: "I have seen this too" }) })] })), _jsx(Submit, { running: acknowledge.running, cancel: away, right: "tenant.alert", children: again === "never" ? "Acknowledge" : "Snooze" })] }))] })) }));
}
