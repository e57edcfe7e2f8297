import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useState } from "react";
import { useAction, useList, useRead } from "../../api/query.js";
import { Action, Badge, Card, Code, Fact, Facts, Head, More, Name, Note, Nothing, Tag, Time } from "../../parts/basic.js";
import { Box, Confirm, Consequences } from "../../parts/dialog.js";
import { Refusal } from "../../parts/form.js";
import { CompanyName } from "../../parts/names.js";
import { Empty, View } from "../../parts/state.js";
import { Table } from "../../parts/table.js";
import { say, useQuick } from "../../parts/toast.js";
import { bytes, count, exact, lasting, many, plain, sentence } from "../../parts/words.js";
import { useTitle } from "../../shell/place.js";
import { Archive, Streams } from "../audit/archive.js";
export default function Server() {
    useTitle("Server");
    const status = useRead("get-status", {}, { every: 10_000 });
    return (_jsxs(_Fragment, { children: [_jsx(Head, { title: "Server", badge: status.data && _jsx(Badge, { word: status.data.ready ? { text: "Ready", tone: "good" } : { text: "Not ready", tone: "bad" } }), sub: `Version ${status.data?.version ?? "…"}`, children: _jsx("a", { className: "button button-plain", href: "/api/v1/openapi.json", children: "API document" }) }), status.data?.warnings.map((w) => (_jsx(Note, { tone: "warn", children: sentence(w) }, w))), _jsxs("div", { className: "columns-2-1", children: [_jsxs("div", { className: "stack", children: [_jsx(Backups, {}), _jsx(Jobs, {}), _jsx(Outbox, {})] }), _jsxs("div", { className: "stack", children: [_jsx(Card, { title: "Running", children: _jsx(View, { reading: status, rows: 3, children: (s) => (_jsxs(Facts, { children: [_jsx(Fact, { name: "Since", children: _jsx(Time, { at: s.started }) }), _jsx(Fact, { name: "Address", children: _jsx(Code, { text: s.base_url, what: "the address" }) }), _jsx(Fact, { name: "Data folder", children: _jsx("span", { className: "mono wrap", children: s.data }) }), _jsx(Fact, { name: "Companies", children: count(s.tenants) }), s.parts.map((p) => (_jsxs(Fact, { name: plain(p.name), children: [_jsx(Badge, { word: p.ready ? { text: "ready", tone: "good" } : { text: "not ready", tone: "bad" } }), " ", p.message && _jsx("span", { className: "faint", children: p.message })] }, p.name)))] })) }) }), _jsx(Archive, {}), _jsx(Streams, {}), _jsx(Keeping, {})] })] })] }));
}
function Backups() {
    const backups = useRead("list-backups", { query: { limit: 50 } }, { every: 5_000 });
    const create = useAction("create-backup", (b) => say(`A copy of ${bytes(b.bytes)} is written and verified.`));
    const [checked, setChecked] = useState();
    const check = useAction("check-store", setChecked);
    return (_jsxs(Card, { title: "Backups", flush: true, actions: _jsxs(_Fragment, { children: [_jsx(Action, { small: true, running: check.running, onPress: () => check.run({}), children: "Check the store" }), _jsx(Action, { small: true, look: "primary", running: create.running, onPress: () => create.run({ body: {} }), children: "Back up now" })] }), children: [_jsx(View, { reading: backups, rows: 3, children: (b) => (_jsxs(_Fragment, { children: [_jsxs("p", { className: "card-note card-note-top", children: [b.every ? `Every ${b.every}, the last ${count(b.keep)} are kept in ` : "Only when an operator asks. Copies go to ", _jsx("span", { className: "mono wrap", children: b.dir })] }), b.running && (_jsxs("p", { className: "card-note", children: [_jsx("span", { className: "spinner" }), " ", plain(b.running.what), ": ", count(b.running.done), b.running.total ? ` of ${count(b.running.total)}` : ""] })), b.last_failure && (_jsxs("p", { className: "card-note", children: [_jsx(Tag, { tone: "bad", children: "failed" }), " ", b.last_failure] })), (create.failure || check.failure) && (_jsx("div", { className: "card-pad", children: _jsx(Refusal, { failure: (create.failure ?? check.failure) }) })), b.items.length === 0 ? (_jsx(Empty, { icon: "box", title: "No copy yet", children: "A copy is made while the server keeps working. Another process verifies it." })) : (_jsx("ul", { className: "rows", children: b.items.slice(0, 8).map((x) => (_jsxs("li", { className: "line", children: [_jsxs("div", { className: "line-main", children: [_jsx("span", { className: "mono wrap", children: x.path.split("/").pop() }), _jsxs("span", { className: "faint mono wrap", children: ["SHA-256 ", x.sha256.slice(0, 16), "\u2026"] })] }), _jsxs("div", { className: "line-end", children: [_jsx("span", { children: bytes(x.bytes) }), _jsx("span", { className: "faint", children: _jsx(Time, { at: x.time }) })] })] }, x.path))) }))] })) }), _jsx(Checked, { report: checked, close: () => setChecked(undefined) })] }));
}
function Checked({ report: r, close }) {
    return (_jsx(Box, { title: "The store was checked", open: r !== undefined, close: close, children: r && (_jsxs(_Fragment, { children: [_jsx(Note, { tone: r.ok ? "good" : "bad", children: r.ok ? "Every page and record is correct." : `${many(r.findings.length, "finding", "findings")}.` }), _jsxs(Facts, { children: [_jsx(Fact, { name: "Companies", children: count(r.tenants) }), _jsx(Fact, { name: "People", children: count(r.users) }), _jsx(Fact, { name: "Groups", children: count(r.groups) }), _jsx(Fact, { name: "Memberships", children: count(r.memberships) }), _jsx(Fact, { name: "Events", children: count(r.events) }), _jsx(Fact, { name: "Audit lines", children: count(r.audit_lines) }), _jsxs(Fact, { name: "Size", children: [bytes(r.bytes), ", ", count(r.free_pages), " of ", count(r.pages), " pages free"] })] }), r.findings.length > 0 && (_jsx("ul", { className: "consequences", children: r.findings.slice(0, 50).map((f) => (_jsx("li", { children: f }, f))) }))] })) }));
}
function Jobs() {
    const list = useList("list-jobs", {}, { every: 10_000 });
    const [report, setReport] = useState();
    const run = useAction("run-job", setReport);
    const columns = [
        {
            id: "name",
            title: "Job",
            cell: (j) => (_jsxs("span", { className: "two-lines", children: [_jsx("span", { children: plain(j.name) }), _jsx("span", { className: "faint", children: sentence(j.about) })] })),
        },
        { id: "every", title: "Every", from: "laptop", cell: (j) => lasting(j.every_seconds) },
        { id: "last", title: "Last run", cell: (j) => (j.running ? _jsx(Tag, { tone: "info", children: "runs" }) : _jsx(Time, { at: j.last_run, none: "not yet" })) },
        {
            id: "result",
            title: "Result",
            from: "tablet",
            cell: (j) => (j.error ? _jsx(Tag, { tone: "bad", children: "failed" }) : j.last_success ? _jsxs(Tag, { tone: "good", children: [count(j.done), " done"] }) : _jsx(Nothing, {})),
        },
        { id: "next", title: "Next", from: "laptop", cell: (j) => _jsx(Time, { at: j.next, none: "" }) },
    ];
    return (_jsxs(Card, { title: "Jobs", flush: true, children: [run.failure && (_jsx("div", { className: "card-pad", children: _jsx(Refusal, { failure: run.failure }) })), _jsx(Table, { name: "jobs", label: "Jobs", loose: true, list: list, columns: columns, rowKey: (j) => j.name, empty: _jsx(Empty, { icon: "clock", title: "No job", children: "This server has no scheduled work." }), menu: (j) => (_jsx(More, { label: `Actions for ${j.name}`, choices: [
                        {
                            id: "dry",
                            text: "Say what it would do",
                            icon: "info",
                            run: () => void run.run({ path: { job: j.name }, query: { dry_run: true } }),
                        },
                        { id: "run", text: "Run now", icon: "play", run: () => void run.run({ path: { job: j.name } }) },
                    ] })) }), _jsx(Box, { title: report ? `${plain(report.job)}: ${report.dry_run ? "what it would do" : "what it did"}` : "", open: report !== undefined, close: () => setReport(undefined), children: report && (_jsxs(_Fragment, { children: [_jsx(Note, { tone: report.error ? "bad" : "info", children: report.error || `${many(report.done, "thing", "things")}${report.dry_run ? " would be done" : " done"}.` }), report.lines.length > 0 && (_jsx("ul", { className: "consequences", children: report.lines.slice(0, 200).map((l, i) => (_jsxs("li", { children: [l.tenant && (_jsxs(_Fragment, { children: [_jsx(CompanyName, { slug: l.tenant }), ":", " "] })), l.text] }, i))) }))] })) })] }));
}
const mailStates = {
    waiting: { text: "Waiting", tone: "info" },
    parked: { text: "Parked", tone: "bad" },
};
function Outbox() {
    const list = useList("list-mails", {}, { every: 10_000 });
    const retry = useQuick("retry-mail", () => say("It is tried again now."));
    const drop = useAction("drop-mail", () => say("The mail is dropped."));
    const [dropping, setDropping] = useState();
    const columns = [
        {
            id: "to",
            title: "To",
            cell: (m) => (_jsxs("span", { className: "two-lines", children: [_jsx(Name, { text: m.to, short: true }), _jsxs("span", { className: "faint", children: [plain(m.kind), m.tenant && (_jsxs(_Fragment, { children: [", ", _jsx(CompanyName, { slug: m.tenant })] }))] })] })),
        },
        { id: "status", title: "Status", cell: (m) => _jsx(Tag, { tone: mailStates[m.status].tone, children: mailStates[m.status].text }) },
        { id: "attempts", title: "Attempts", end: true, from: "tablet", cell: (m) => count(m.attempts) },
        { id: "due", title: "Next try", from: "laptop", cell: (m) => _jsx(Time, { at: m.due, none: "none" }) },
        { id: "created", title: "Written", from: "laptop", cell: (m) => _jsx(Time, { at: m.created }) },
    ];
    return (_jsxs(Card, { title: "Waiting mails", flush: true, children: [_jsx(Table, { name: "mails", label: "Waiting mails", list: list, columns: columns, rowKey: (m) => m.id, open: setDropping, empty: _jsx(Empty, { icon: "mail", title: "The outbox is empty", children: "The mail server accepted every mail." }), menu: (m) => (_jsx(More, { label: `Actions for the mail to ${m.to}`, choices: [
                        { id: "retry", text: "Try again now", icon: "refresh", run: () => void retry.run({ path: { mail: m.id } }) },
                        { id: "drop", text: "Look, or drop", icon: "trash", run: () => setDropping(m) },
                    ] })) }), _jsxs(Confirm, { title: _jsxs(_Fragment, { children: ["Drop the mail to ", _jsx(Name, { text: dropping?.to ?? "", short: true }), "?"] }), open: dropping !== undefined, close: () => {
                    drop.clear();
                    setDropping(undefined);
                }, verb: "Drop", danger: true, failure: drop.failure, running: drop.running, run: async () => dropping && (await drop.run({ path: { mail: dropping.id } })) && setDropping(undefined), children: [_jsxs(Facts, { children: [_jsx(Fact, { name: "Written", children: dropping && exact(dropping.created) }), _jsx(Fact, { name: "Attempts", children: dropping?.attempts }), dropping?.error && _jsx(Fact, { name: "Last error", children: dropping.error })] }), _jsx(Consequences, { items: ["It is never sent."] })] })] }));
}
function Keeping() {
    const [report, setReport] = useState();
    const [asked, setAsked] = useState(false);
    const trim = useAction("trim");
    const preview = async () => {
        const answer = await trim.run({ query: { dry_run: true } });
        if (answer) {
            setReport(answer.items);
            setAsked(true);
        }
    };
    const events = report?.reduce((n, t) => n + t.events, 0) ?? 0;
    const tombstones = report?.reduce((n, t) => n + t.tombstones, 0) ?? 0;
    return (_jsxs(Card, { title: "Retention", children: [_jsx("p", { className: "faint", children: "Once a day, old events are removed and old tombstones are reduced, after the number of days in the settings of each company." }), _jsx("div", { children: _jsx(Action, { small: true, running: trim.running, onPress: () => void preview(), children: "Clean up now" }) }), _jsx(Confirm, { title: "Remove what is past its retention time?", open: asked, close: () => setAsked(false), verb: "Remove", not: events + tombstones > 0 ? undefined : "Nothing is past its retention time.", failure: trim.failure, running: trim.running, run: async () => {
                    if (await trim.run({})) {
                        say(`${many(events, "event", "events")} and ${many(tombstones, "tombstone", "tombstones")} are cleaned up.`);
                        setAsked(false);
                    }
                }, children: _jsx(Consequences, { items: [
                        `${many(events, "event", "events")} of ${many(report?.filter((t) => t.events).length ?? 0, "company", "companies")} ${events === 1 ? "is" : "are"} removed.`,
                        `${many(tombstones, "tombstone is", "tombstones are")} reduced to the id and the times.`,
                    ] }) })] }));
}
