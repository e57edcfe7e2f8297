import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useState } from "react";
import { useParams } from "wouter";
import { useAction, useRead, useTrail } from "../../api/query.js";
import { Action, Badge, Card, Code, Fact, Facts, Head, lackOf, Name, Note, Tabs, Tag, Time, To, useLack, useRights, } from "../../parts/basic.js";
import { useNow } from "../../parts/clock.js";
import { Versions } from "../../parts/dialog.js";
import { useDraft } from "../../parts/draft.js";
import { FormBox, Pick, Submit } from "../../parts/form.js";
import { AsJSON, CopyLink } from "../../parts/json.js";
import { CompanyName } from "../../parts/names.js";
import { Needs, View, Withheld } from "../../parts/state.js";
import { SyncStrip } from "../../parts/strip.js";
import { say } from "../../parts/toast.js";
import { exact, many, standing, typeTitle, sentence as words } from "../../parts/words.js";
import { to, useTitle } from "../../shell/place.js";
import { Attributes } from "./attributes.js";
import { Credentials } from "./credentials.js";
import { Disconnect } from "./disconnect.js";
import { Doctor } from "./doctor.js";
import { HeldReview } from "./held.js";
import { ExchangeLine, Journal } from "./journal.js";
import { daysLeft, Pause } from "./list.js";
import { Mapping } from "./mapping.js";
import { Move } from "./move.js";
import { Observe } from "./observe.js";
import { PullSettings, Runs } from "./pull.js";
import { Steps } from "./setup.js";
const tabs = [
    { id: "", text: "Overview" },
    { id: "journal", text: "Journal", right: "tenant.record", reads: "tenant.record" },
    { id: "credentials", text: "Credentials" },
    { id: "mapping", text: "Mapping" },
    { id: "held", text: "Held" },
    { id: "observe", text: "Observe" },
    { id: "doctor", text: "Doctor", right: "credential.manage" },
    { id: "move", text: "Move" },
    { id: "settings", text: "Settings" },
    { id: "disconnect", text: "Disconnect", right: "connection.manage", reads: "connection.manage" },
];
function sections(c) {
    if (!c.google)
        return tabs;
    const runs = { id: "runs", text: "Runs" };
    return tabs.flatMap((t) => (t.id === "" ? [t, runs] : t.id === "doctor" ? [] : [t]));
}
export default function ConnectionPage() {
    const { connection: raw, tab = "" } = useParams();
    const slug = decodeURIComponent(raw ?? "");
    const connection = useRead("get-connection", { path: { connection: slug } }, { every: 10_000 });
    useTitle(`${tabs.find((t) => t.id === tab)?.text ?? (tab === "runs" ? "Runs" : "Connection")} · ${slug}`);
    return (_jsx(View, { reading: connection, what: "The connection", level: 1, children: (c) => (_jsxs(_Fragment, { children: [_jsx(ConnectionHead, { connection: c }), _jsx(TabNav, { connection: c, current: tab }), _jsxs(Needs, { any: [tabs.find((t) => t.id === tab)?.reads ?? "connection.read"], children: [tab === "" && _jsx(ConnectionOverview, { connection: c }), tab === "journal" && _jsx(Journal, { connection: c.slug }), tab === "credentials" && _jsx(Credentials, { connection: c }), tab === "mapping" && (_jsxs(_Fragment, { children: [_jsx(Mapping, { connection: c }), _jsx(Attributes, { connection: c })] })), tab === "held" && _jsx(HeldReview, { connection: c }), tab === "runs" && _jsx(Runs, { connection: c }), tab === "doctor" && _jsx(Doctor, { connection: c }), tab === "observe" && _jsx(Observe, { connection: c }), tab === "move" && _jsx(Move, { connection: c }), tab === "settings" && (c.google ? _jsx(PullSettings, { connection: c }) : _jsx(Settings, { connection: c })), tab === "disconnect" && _jsx(Disconnect, { connection: c })] })] })) }));
}
function ConnectionHead({ connection: c }) {
    const [pausing, setPausing] = useState(false);
    return (_jsxs(Head, { title: _jsx(Name, { text: c.slug }), badge: _jsxs(_Fragment, { children: [_jsx(Badge, { word: standing(c) }), _jsx(CopyLink, { to: "this connection" })] }), sub: _jsxs(_Fragment, { children: [typeTitle(c.type), " of", " ", _jsx(To, { href: to.company(c.tenant), children: _jsx(CompanyName, { slug: c.tenant }) })] }), children: [_jsx(Action, { icon: c.paused ? "play" : "pause", right: "connection.manage", not: c.ending ? "It is being disconnected." : undefined, onPress: () => setPausing(true), children: c.paused ? "Resume" : "Pause" }), _jsx(Pause, { connection: pausing ? c : undefined, close: () => setPausing(false) })] }));
}
function TabNav({ connection: c, current }) {
    const rights = useRights();
    return (_jsx(Tabs, { label: "Sections of the connection", current: current, sections: sections(c).map((t) => ({
            id: t.id,
            text: t.text,
            href: to.connection(c.slug, t.id),
            count: t.id === "held" ? c.held : 0,
            lacks: lackOf(rights, t.right),
        })) }));
}
function sentence(c) {
    if (c.ending)
        return "It is being disconnected. Its credentials are revoked, and its people are being released or suspended.";
    if (c.paused)
        return "It is paused: the identity provider gets 503 and tries again later.";
    if (c.observing?.promoting)
        return "What it wrote in observe mode is being promoted. The identity provider is asked to wait.";
    if (c.observing)
        return "It is in observe mode: its identity provider works on a copy, and the company does not change until the difference is promoted.";
    switch (c.health.state) {
        case "healthy":
            return "Requests arrive as often as usual, and are answered.";
        case "quiet":
            return "No request arrived for longer than usual.";
        case "failing":
            return "The last requests were refused or failed.";
        default:
            if (c.google)
                return "The directory was not read yet. Look at the preview of a run, and then read it.";
            return "No request has come yet. Enter the base URL and a credential in the console of the identity provider, and press its test button.";
    }
}
function ConnectionOverview({ connection: c }) {
    const { health } = c;
    const now = useNow();
    const left = daysLeft(c, now);
    return (_jsxs("div", { className: "columns-2-1", children: [_jsxs("div", { className: "stack", children: [c.ending && (_jsxs(Note, { tone: "warn", action: _jsx(To, { href: to.connection(c.slug, "disconnect"), children: "Look" }), children: ["Being disconnected (", c.ending.mode, ") since ", exact(c.ending.since), " by ", c.ending.by, "."] })), c.observing && (_jsxs(Note, { tone: "info", action: _jsx(To, { href: to.connection(c.slug, "observe"), children: "Look at the difference" }), children: ["In observe mode since ", exact(c.observing.since), " by ", c.observing.by, "."] })), c.google && !c.last_success && (_jsx(Note, { tone: "info", action: _jsx(To, { href: to.connection(c.slug, "runs"), children: "Preview" }), children: "No run was complete yet." })), c.held > 0 && (_jsxs(Note, { tone: "warn", action: _jsx(To, { href: to.connection(c.slug, "held"), children: "Review" }), children: [many(c.held, "removal waits", "removals wait"), " for a decision."] })), _jsxs(Card, { title: "Sync", children: [_jsxs("p", { children: [sentence(c), " ", health.why && _jsx("span", { className: "faint", children: words(health.why) })] }), _jsxs(Facts, { children: [_jsxs(Fact, { name: "State", children: [_jsx(Badge, { word: standing(c) }), " ", health.since && (_jsxs("span", { className: "faint", children: ["since ", _jsx(Time, { at: health.since })] }))] }), _jsx(Fact, { name: "Last request", children: _jsx(Time, { at: c.last_request, none: "never" }) }), _jsx(Fact, { name: "Last success", children: _jsx(Time, { at: c.last_success, none: "never" }) }), health.last_error && (_jsxs(Fact, { name: "Last refusal", children: [words(health.last_error), " ", _jsx("span", { className: "faint", children: _jsx(Time, { at: health.last_error_at }) }), " ", health.last_error_request && (_jsx(To, { href: `${to.connection(c.slug, "journal")}?request=${encodeURIComponent(health.last_error_request)}`, children: "Look at the request" }))] })), health.stale_since && (_jsxs(Fact, { name: "Not watched", children: [_jsxs(Tag, { tone: "warn", children: ["as of ", exact(health.stale_since)] }), " ", health.stale_why] }))] })] }), _jsx(Card, { title: "The last thirty days", children: _jsx(SyncStrip, { connection: c.slug }) }), _jsx(LastRequests, { connection: c })] }), _jsxs("div", { className: "stack", children: [_jsxs(Card, { title: "How it is reached", children: [_jsxs("div", { className: "secret", children: [_jsx("span", { className: "label", children: "Base URL" }), _jsx(Code, { text: c.base_url, what: "the base URL", block: true })] }), _jsxs(Facts, { children: [_jsx(Fact, { name: "id", children: _jsx(Code, { text: c.slug, what: "the id of the connection" }) }), _jsxs(Fact, { name: "Credentials", children: [_jsx(To, { href: to.connection(c.slug, "credentials"), children: many(c.tokens.filter((t) => t.status === "live").length, "live credential", "live credentials") }), left !== undefined && left <= 30 && (_jsxs(_Fragment, { children: [" ", _jsx(Tag, { tone: left <= 7 ? "bad" : "warn", children: left === 0 ? "one expires today" : `one expires in ${many(left, "day", "days")}` })] }))] }), _jsx(Fact, { name: "Mapping", children: _jsx(To, { href: to.connection(c.slug, "mapping"), children: many(c.mappings.length, "group", "groups") }) }), _jsx(Fact, { name: "Made", children: exact(c.created) })] }), _jsx(AsJSON, { operation: "get-connection", path: { connection: c.slug }, value: c })] }), _jsx(SetUp, { connection: c })] })] }));
}
function LastRequests({ connection: c }) {
    const rights = useRights();
    const journal = useTrail("list-journal", { path: { connection: c.slug }, query: { limit: 8 } }, { enabled: rights.has("tenant.record") });
    if (!rights.has("tenant.record"))
        return _jsx(Withheld, { title: "Last requests", right: "tenant.record" });
    return (_jsx(Card, { title: "Last requests", actions: _jsx(To, { href: to.connection(c.slug, "journal"), children: "Journal" }), children: _jsx(View, { reading: journal, rows: 4, children: () => journal.rows?.length ? (_jsx("ul", { className: "feed", children: journal.rows.slice(0, 8).map((r) => (_jsx("li", { children: _jsx(ExchangeLine, { exchange: r }) }, r.seq))) })) : (_jsxs("p", { className: "faint", children: ["The journal has no request. ", typeTitle(c.type), " has sent none yet, or all are older than the journal keeps."] })) }) }));
}
function SetUp({ connection: c }) {
    const setup = useRead("get-connection-setup", { path: { connection: c.slug } }, { every: false });
    return (_jsx(Card, { title: "Setup", children: _jsx(View, { reading: setup, rows: 3, children: (s) => _jsx(Steps, { setup: s.setup }) }) }));
}
const choices = {
    refuse: (type) => [
        { id: "", text: `As ${typeTitle(type)} says` },
        { id: "refuse", text: "Refuse" },
        { id: "ignore", text: "Ignore, and count" },
    ],
    answer: (type) => [
        { id: "", text: `As ${typeTitle(type)} says` },
        { id: "resource", text: "The whole resource (200)" },
        { id: "no_content", text: "Nothing (204)" },
    ],
};
const labels = {
    unknown_paths: "A PATCH of an attribute that does not exist",
    unknown_members: "A member of a group who does not exist",
    user_patch: "The answer to a PATCH of a person",
    group_patch: "The answer to a PATCH of a group",
};
function answersOf(c) {
    return {
        unknown_paths: c.unknown_paths ?? "",
        unknown_members: c.unknown_members ?? "",
        user_patch: c.user_patch ?? "",
        group_patch: c.group_patch ?? "",
    };
}
function Settings({ connection: c }) {
    const lack = useLack("connection.manage");
    const { base, form, set: setForm, dirty, begin } = useDraft(c, answersOf);
    const update = useAction("update-connection", (saved) => {
        begin(saved);
        say("Saved.");
    });
    const save = (version) => void update.run({ path: { connection: c.slug }, version, body: form });
    const stale = update.failure?.status === 412 && c.version !== base.version;
    const there = answersOf(c);
    const word = (options, id) => options.find((o) => o.id === id)?.text ?? id;
    return (_jsxs("div", { className: "narrow", children: [_jsx("p", { className: "page-sub", children: "What this identity provider may write, and how its requests are answered. The defaults of its type are right for most." }), _jsxs(FormBox, { failure: stale ? undefined : update.failure, submit: () => save(base.version), children: [_jsx(Pick, { label: labels.unknown_paths, name: "unknown_paths", value: form.unknown_paths || "*", onChange: (v) => setForm({ ...form, unknown_paths: (v === "*" ? "" : v) }), not: lack, required: true, options: star(choices.refuse(c.type)), about: "With \u201Cignore\u201D, one unmapped attribute does not block a person." }), _jsx(Pick, { label: labels.unknown_members, name: "unknown_members", value: form.unknown_members || "*", onChange: (v) => setForm({ ...form, unknown_members: (v === "*" ? "" : v) }), not: lack, required: true, options: star(choices.refuse(c.type)) }), _jsx(Pick, { label: labels.user_patch, name: "user_patch", value: form.user_patch || "*", onChange: (v) => setForm({ ...form, user_patch: (v === "*" ? "" : v) }), not: lack, required: true, options: star(choices.answer(c.type)) }), _jsx(Pick, { label: labels.group_patch, name: "group_patch", value: form.group_patch || "*", onChange: (v) => setForm({ ...form, group_patch: (v === "*" ? "" : v) }), not: lack, required: true, options: star(choices.answer(c.type)) }), stale ? (_jsx(Versions, { rows: Object.keys(labels).map((name) => {
                            const options = (name.endsWith("patch") ? choices.answer : choices.refuse)(c.type);
                            return { label: labels[name], mine: word(options, form[name]), theirs: word(options, there[name]) };
                        }), keep: () => save(c.version), take: () => {
                            update.clear();
                            begin(c);
                        } })) : (_jsx(Submit, { running: update.running, not: lack ?? (dirty ? undefined : "Nothing was changed."), children: "Save" }))] })] }));
}
function star(options) {
    return options.map((o) => (o.id ? o : { ...o, id: "*" }));
}
