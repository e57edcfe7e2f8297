import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { Fragment, useState } from "react";
import { call, downloadURL, failureOf } from "../../api/client.js";
import { useList, useRead, useTrail } from "../../api/query.js";
import { Action, Code, Download, Fact, Facts, Name, Note, Tag, Time, To } from "../../parts/basic.js";
import { Box } from "../../parts/dialog.js";
import { Filter, FormBox, Refusal, Search, TextInput } from "../../parts/form.js";
import { Icon } from "../../parts/icon.js";
import { CompanyName } from "../../parts/names.js";
import { Rule } from "../../parts/rule.js";
import { actorKind, actorName, Difference, nounOf, Sentence, SubjectName, verbOf } from "../../parts/sentence.js";
import { Empty, Failed, NothingMatches, Skeleton, Stale } from "../../parts/state.js";
import { step, TableBar } from "../../parts/table.js";
import { count, exact } from "../../parts/words.js";
import { to, useParams } from "../../shell/place.js";
import { Span } from "../connection/journal.js";
const kinds = ["idp", "operator", "policy", "system", "user"].map((id) => ({ id, text: actorKind(id) }));
const nouns = Object.entries({
    alert: "Alerts",
    api_key: "API keys",
    appkey: "Application keys",
    audit: "Archive",
    backup: "Backups",
    brake: "Brake",
    bundle: "Bundles",
    tenant: "Companies",
    connection: "Connections",
    token: "Credentials",
    deletion: "Deletion requests",
    events: "Events",
    group: "Groups",
    job: "Jobs",
    mail: "Mails",
    link: "One-time links",
    operator: "Operators",
    user: "People",
    project: "Google projects",
    provider: "Provider",
    request: "Requests without a right",
    seats: "Seats",
    target: "Targets",
    tombstones: "Tombstones",
    webhook: "Webhooks",
}).map(([id, text]) => ({ id: `${id}.*`, text }));
function actionsWith(action) {
    return !action || nouns.some((n) => n.id === action) ? nouns : [...nouns, { id: action, text: verbOf(action) }];
}
export function Trail({ scope, verify }) {
    const tenant = typeof scope === "object" ? scope.company : "";
    const [params, set] = useParams();
    const get = (name) => params.get(name) ?? "";
    const archive = get("archive") === "yes" && scope !== "everywhere";
    const [user, actor, kind, action, outcome, address, request, from, until] = [
        "user",
        "actor",
        "kind",
        "action",
        "outcome",
        "address",
        "request",
        "from",
        "to",
    ].map(get);
    const query = {
        user: user || undefined,
        actor: actor || undefined,
        kind: (kind || undefined),
        action: action || undefined,
        outcome: (outcome || undefined),
        address: address || undefined,
        request: request || undefined,
        from: from ? new Date(from).toISOString() : undefined,
        to: until ? new Date(until).toISOString() : undefined,
    };
    const deep = { ...query, archive: archive || undefined };
    const own = useTrail("search-audit", { path: { tenant }, query: deep }, { enabled: tenant !== "" });
    const provider = useTrail("search-provider-audit", { query: deep }, { enabled: scope === "installation" });
    const archived = (scope === "installation" ? provider : own).data?.pages.at(-1)?.archived;
    const all = useList("search-all-audit", { query }, { enabled: scope === "everywhere" });
    const trail = scope === "everywhere" ? all : scope === "installation" ? provider : own;
    const path = { tenant };
    const files = scope === "everywhere"
        ? [downloadURL("export-all-audit-csv", { query }), downloadURL("export-all-audit-jsonl", { query })]
        : scope === "installation"
            ? [downloadURL("export-provider-audit-csv", { query: deep }), downloadURL("export-provider-audit-jsonl", { query: deep })]
            : [downloadURL("export-audit-csv", { path, query: deep }), downloadURL("export-audit-jsonl", { path, query: deep })];
    const filtered = Object.values(query).some(Boolean);
    const clear = () => set({
        user: undefined,
        actor: undefined,
        kind: undefined,
        action: undefined,
        outcome: undefined,
        address: undefined,
        request: undefined,
        from: undefined,
        to: undefined,
    });
    return (_jsxs("div", { className: "stack", children: [_jsxs(TableBar, { views: "audit", filtered: filtered, clear: clear, actions: _jsxs(_Fragment, { children: [_jsx(Download, { href: files[0] ?? "", children: "CSV" }), _jsx(Download, { href: files[1] ?? "", children: "JSON lines" }), verify && (_jsx(Action, { icon: "shield", onPress: verify, children: "Verify" }))] }), children: [_jsx(Search, { label: "Whom it is about", placeholder: "Person, group, id", value: user ?? "", onChange: (next) => set({ user: next }) }), _jsx(Search, { label: "Who did it", placeholder: "Who did it", value: actor ?? "", onChange: (next) => set({ actor: next }) }), _jsx(Filter, { label: "Kind", value: kind ?? "", onChange: (next) => set({ kind: next }), options: kinds }), _jsx(Filter, { label: "Action", value: action ?? "", onChange: (next) => set({ action: next }), options: actionsWith(action ?? "") }), _jsx(Filter, { label: "Outcome", value: outcome ?? "", onChange: (next) => set({ outcome: next }), options: [
                            { id: "done", text: "Done" },
                            { id: "refused", text: "Refused" },
                        ] }), _jsx(Search, { label: "Address", placeholder: "IP address", value: address ?? "", onChange: (next) => set({ address: next }) }), _jsx(Span, { from: from ?? "", until: until ?? "", set: (f, t) => set({ from: f, to: t }) }), request && (_jsxs(Action, { small: true, icon: "close", onPress: () => set({ request: undefined }), children: ["Request: ", request] }))] }), archived && (_jsxs(Note, { action: _jsx(Action, { small: true, onPress: () => set({ archive: "yes" }), children: "Search the archive too" }), children: ["Lines 1 to ", count(archived.last), archived.to && (_jsxs(_Fragment, { children: [", until ", _jsx(Time, { at: archived.to }), ","] })), " ", "are in the archive and were not searched."] })), _jsx(Lines, { trail: trail, everywhere: scope === "everywhere", filtered: filtered, clear: clear })] }));
}
function Lines({ trail, everywhere, filtered, clear }) {
    const [params, set] = useParams();
    const open = params.get("line") ?? undefined;
    const setOpen = (line) => set({ line });
    const keyOf = (line) => `${line.tenant}/${line.seq}`;
    if (trail.rows === undefined)
        return trail.isError ? _jsx(Failed, { error: trail.error, retry: () => trail.refetch(), what: "The trail" }) : _jsx(Skeleton, { rows: 8 });
    if (!trail.rows.length) {
        return filtered ? (_jsx(NothingMatches, { clear: clear })) : (_jsx(Empty, { icon: "scroll", title: "Nothing has happened yet", children: "Each write becomes a line here, also one that a rule refused: who did what, when, from where, and what it changed." }));
    }
    return (_jsxs("div", { className: "table-wrap", children: [_jsx(Stale, { reading: trail }), _jsxs("table", { className: "table table-loose table-trail", "aria-label": "Audit trail", children: [_jsx("thead", { children: _jsxs("tr", { children: [_jsx("th", { scope: "col", children: "Time" }), _jsx("th", { scope: "col", children: "What happened" }), everywhere && (_jsx("th", { scope: "col", className: "from-tablet trail-company", children: "Company" })), _jsx("th", { scope: "col", className: "from-laptop", children: "By" }), _jsx("th", { scope: "col", className: "from-tablet", children: "Outcome" }), _jsx("th", { scope: "col", className: "from-laptop", children: "Rule" }), _jsx("th", { scope: "col", className: "from-desktop", children: "Address" })] }) }), _jsx("tbody", { onKeyDown: step, children: trail.rows.map((line) => (_jsxs(Fragment, { children: [_jsxs("tr", { className: `row-opens${open === keyOf(line) ? " is-current" : ""}`, onClick: () => setOpen(open === keyOf(line) ? undefined : keyOf(line)), children: [_jsx("td", { children: _jsx(Time, { at: line.time }) }), _jsx("th", { scope: "row", children: _jsx("button", { type: "button", className: "row-link", "aria-expanded": open === keyOf(line), onClick: (event) => {
                                                    event.stopPropagation();
                                                    setOpen(open === keyOf(line) ? undefined : keyOf(line));
                                                }, children: _jsx(Sentence, { line: line }) }) }), everywhere && (_jsx("td", { className: "from-tablet", children: _jsx(To, { href: to.company(line.tenant, "audit"), children: _jsx(CompanyName, { slug: line.tenant }) }) })), _jsx("td", { className: "from-laptop", children: actorKind(line.actor.kind) }), _jsx("td", { className: "from-tablet", children: line.outcome === "refused" ? _jsx(Tag, { tone: "bad", children: "refused" }) : _jsx(Tag, { tone: "good", children: "done" }) }), _jsx("td", { className: "from-laptop", children: line.rule }), _jsx("td", { className: "from-desktop", children: line.address })] }), open === keyOf(line) && (_jsx("tr", { className: "expanded", children: _jsx("td", { colSpan: everywhere ? 7 : 6, children: _jsx(Line, { line: line }) }) }))] }, keyOf(line)))) })] }), trail.hasNextPage && (_jsxs("div", { className: "further", children: [_jsxs("span", { className: "faint", children: [count(trail.rows.length), " shown"] }), _jsx(Action, { small: true, running: trail.isFetchingNextPage, onPress: () => void trail.fetchNextPage?.(), children: "Load older ones" })] }))] }));
}
function Line({ line }) {
    const { tenant } = line;
    const connection = line.actor.kind === "idp" ? line.actor.id : "";
    return (_jsxs("div", { className: "stack", children: [_jsxs(Facts, { children: [_jsxs(Fact, { name: "Number", children: [line.seq, " ", _jsx("span", { className: "faint mono", children: line.action })] }), _jsx(Fact, { name: "When", children: exact(line.time) }), _jsxs(Fact, { name: "Who", children: [actorKind(line.actor.kind), ": ", _jsx(Name, { text: actorName(line.actor) }), " ", line.address && _jsxs("span", { className: "faint", children: ["from ", line.address] })] }), _jsxs(Fact, { name: "About", children: [nounOf(line.subject.kind), ": ", _jsx(SubjectName, { line: line }), tenant && line.subject.kind === "User" && (_jsxs(_Fragment, { children: [" ", _jsx(To, { href: to.person(tenant, line.subject.id), children: "Look" })] }))] }), line.reason && _jsx(Fact, { name: "Reason", children: line.reason }), line.rule && (_jsx(Fact, { name: "Rule", children: _jsx(Rule, { id: line.rule }) })), line.deviations && line.deviations.length > 0 && _jsx(Fact, { name: "Leniencies", children: line.deviations.join(", ") }), line.request && (_jsxs(Fact, { name: "Request", children: [_jsx(Code, { text: line.request, what: "the request id" }), connection && _jsx(To, { href: `${to.connection(connection, "journal")}?request=${encodeURIComponent(line.request)}`, children: "Look" })] }))] }), _jsx(Difference, { before: line.before, after: line.after })] }));
}
export function Verify({ tenant, open, close }) {
    const [head, setHead] = useState("");
    const [report, setReport] = useState();
    const [failure, setFailure] = useState();
    const [running, setRunning] = useState(false);
    const run = async (archive) => {
        setRunning(true);
        setFailure(undefined);
        const [seq, hash] = head.trim().split(":");
        const query = head.trim() ? { seq: Number(seq), hash, archive } : { archive };
        try {
            setReport(tenant ? await call("verify-audit", { path: { tenant }, query }) : await call("verify-provider-audit", { query }));
        }
        catch (error) {
            setFailure(failureOf(error));
        }
        setRunning(false);
    };
    const away = () => {
        setReport(undefined);
        setFailure(undefined);
        close();
    };
    const kept = report ? `${report.head.seq}:${report.head.hash ?? ""}` : "";
    return (_jsx(Box, { title: "Verify the trail", open: open, close: away, children: _jsxs(FormBox, { submit: () => void run(), children: [_jsx("p", { children: "Each line has a hash of itself and of the line before it. The check follows the chain from its first line and names a line that was changed, inserted, removed or moved." }), _jsx(TextInput, { label: "A head that you kept", name: "head", value: head, onChange: setHead, mono: true, pattern: "[0-9]+:[0-9a-f]{64}", placeholder: "number:hash", about: "With a head, the check proves that nothing up to it was changed since. Without one, it proves only that the chain is consistent." }), failure && _jsx(Refusal, { failure: failure }), report && (_jsxs(_Fragment, { children: [_jsxs(Note, { tone: report.ok ? "good" : "bad", children: [report.ok
                                    ? `The chain holds: ${count(report.checked)} of ${count(report.lines)} lines were checked.`
                                    : `Line ${report.broken} does not match. ${report.why ?? ""}`, report.archived && !report.archive && ` Lines 1 to ${count(report.archived)} are in the archive and were not read.`, report.archive && ` ${count(report.archive.lines)} of them and ${count(report.archive.events)} events are in the archive.`, report.older > 0 && ` ${count(report.older)} lines are older than the chain and not protected.`] }), _jsxs("div", { className: "secret", children: [_jsx("span", { className: "label", children: "The head now. Keep it elsewhere: in a ticket, in a mail." }), _jsx(Code, { text: kept, what: "the head", block: true })] })] })), _jsxs("div", { className: "form-foot", children: [report?.archived && (_jsx(Action, { running: running, onPress: () => void run(true), children: "Verify the archive too" })), _jsx(Action, { submit: true, look: "primary", running: running, icon: "shield", children: report ? "Verify again" : "Verify" })] })] }) }));
}
export function Visits({ tenant }) {
    const [params, set] = useParams();
    const from = params.get("from") ?? "";
    const until = params.get("to") ?? "";
    const visits = useRead("list-visits", {
        path: { tenant },
        query: { from: from ? new Date(from).toISOString() : undefined, to: until ? new Date(until).toISOString() : undefined },
    }, { every: 120_000 });
    if (visits.data === undefined)
        return visits.isError ? _jsx(Failed, { error: visits.error, retry: () => visits.refetch(), what: "The report" }) : _jsx(Skeleton, { rows: 5 });
    const report = visits.data;
    return (_jsxs("div", { className: "stack", children: [_jsx(TableBar, { filtered: !!(from || until), clear: () => set({ from: undefined, to: undefined }), children: _jsx(Span, { from: from, until: until, set: (f, t) => set({ from: f, to: t }) }) }), !report.complete && (_jsxs(Note, { tone: "warn", children: ["The trail does not reach back to the beginning of the time that you asked for.", " ", report.since && `It begins ${exact(report.since)}.`] })), report.items.length === 0 ? (_jsx(Empty, { icon: "door", title: "No operator entered", children: "In this time, no operator worked inside the company or changed anything in it." })) : (_jsx("ul", { className: "cards", children: report.items.map((v) => (_jsx("li", { className: "card", children: _jsxs("div", { className: "card-body", children: [_jsxs("div", { className: "row row-split", children: [_jsx("strong", { children: _jsx(Name, { text: actorName(v.actor), short: true }) }), _jsxs("span", { className: "faint", children: [exact(v.from), " \u2013 ", exact(v.to)] })] }), _jsxs("p", { children: [v.entered ? (_jsxs(_Fragment, { children: [_jsx(Icon, { name: "enter", size: 14 }), " Entered", v.reason && _jsxs(_Fragment, { children: [": \u201C", _jsx(Name, { text: v.reason }), "\u201D"] }), "."] })) : ("Worked without entering."), " ", _jsx("span", { className: "faint", children: v.address && `From ${v.address}. ` }), count(v.lines), " lines", v.refused > 0 && `, ${count(v.refused)} refused`, "."] }), _jsx("p", { className: "row", children: Object.entries(v.actions).map(([action, n]) => (_jsxs(Tag, { children: [verbOf(action), " ", n > 1 && `× ${count(n)}`] }, action))) }), v.subjects.length > 0 && (_jsxs("p", { className: "faint", children: ["About ", v.subjects.slice(0, 8).join(", "), (v.more_subjects ?? 0) + Math.max(0, v.subjects.length - 8) > 0 &&
                                        ` and ${count((v.more_subjects ?? 0) + Math.max(0, v.subjects.length - 8))} more`] }))] }) }, `${v.first}-${v.actor.id}`))) }))] }));
}
