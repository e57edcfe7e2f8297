import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useState } from "react";
import { useAction, useTrail } from "../../api/query.js";
import { Action, Badge, Card, Fact, Facts, Name, Note, Scroll, Tag, Time, To, useLack, useRights } from "../../parts/basic.js";
import { Confirm, Consequences, Versions } from "../../parts/dialog.js";
import { useDraft } from "../../parts/draft.js";
import { useFinding } from "../../parts/finding.js";
import { FormBox, Pick, Refusal, Submit, TextInput } from "../../parts/form.js";
import { CompanyName } from "../../parts/names.js";
import { Rule } from "../../parts/rule.js";
import { View, Withheld } from "../../parts/state.js";
import { say } from "../../parts/toast.js";
import { count, many, people, sentence, standing, typeTitle } from "../../parts/words.js";
import { to } from "../../shell/place.js";
import { ProjectPick } from "../project/key.js";
import { ExchangeLine } from "./journal.js";
export function Runs({ connection: c }) {
    const [result, setResult] = useState();
    const [found, setFound] = useFinding(c.version, c.health.state, c.health.last_error_at);
    const [asked, setAsked] = useState(false);
    const sync = useAction("sync-connection");
    const check = useAction("check-connection");
    const running = sync.running || check.running;
    const stopped = c.paused ? "It is paused: resume it first." : undefined;
    const run = async (preview) => {
        check.clear();
        const done = await sync.run({ path: { connection: c.slug }, query: { preview } });
        if (!done)
            return;
        setAsked(false);
        setFound(undefined);
        setResult(done);
    };
    const look = async () => {
        sync.clear();
        const done = await check.run({ path: { connection: c.slug } });
        if (!done)
            return;
        setResult(undefined);
        setFound(done);
    };
    const failure = check.failure ?? (asked ? undefined : sync.failure);
    return (_jsxs("div", { className: "columns-2-1", children: [_jsxs("div", { className: "stack", children: [_jsxs(Card, { title: "Read the directory", actions: _jsxs(_Fragment, { children: [_jsx(Action, { icon: "pulse", right: "connection.manage", running: check.running, not: running ? busy : undefined, onPress: () => void look(), children: "Check" }), _jsx(Action, { icon: "search", right: "connection.manage", running: sync.running && !asked, not: stopped ?? (running ? busy : undefined), onPress: () => void run(true), children: "Preview" }), _jsx(Action, { look: "primary", icon: "refresh", right: "connection.manage", not: stopped ?? (running ? busy : undefined), onPress: () => setAsked(true), children: "Sync now" })] }), children: [_jsxs("p", { children: ["The server reads the directory by itself, every ten minutes unless its configuration says otherwise. ", _jsx("b", { children: "Preview" }), " says what a run would do, and writes nothing. ", _jsx("b", { children: "Check" }), " tries the key, the administrator and the delegation."] }), running && (_jsxs("div", { className: "waiting", role: "status", children: [_jsx("span", { className: "spinner" }), " ", typeTitle(c.type), " is being read."] })), failure && _jsx(Refusal, { failure: failure })] }), result && _jsx(Result, { result: result }), found && _jsx(Found, { check: found.value, at: found.at }), _jsx(Last, { connection: c })] }), _jsxs("div", { className: "stack", children: [_jsx(Card, { title: "The last run", children: _jsxs(Facts, { children: [_jsx(Fact, { name: "State", children: _jsx(Badge, { word: standing(c) }) }), _jsx(Fact, { name: "Complete", children: _jsx(Time, { at: c.last_success, none: "never" }) }), c.health.last_error && (_jsxs(Fact, { name: "Problem", children: [sentence(c.health.last_error), " ", _jsx("span", { className: "faint", children: _jsx(Time, { at: c.health.last_error_at }) })] }))] }) }), c.google && _jsx(What, { connection: c, google: c.google })] }), _jsx(Confirm, { title: _jsxs(_Fragment, { children: ["Read the directory of ", _jsx(CompanyName, { slug: c.tenant }), " now?"] }), open: asked, close: () => {
                    sync.clear();
                    setAsked(false);
                }, verb: "Sync now", failure: sync.failure, running: sync.running, run: () => void run(false), children: _jsx(Consequences, { items: [
                        c.observing
                            ? "The connection is in observe mode: people and groups are created, changed and suspended in the copy, and the company does not change."
                            : "People and groups are created, changed and suspended in the company, as the directory says.",
                        "Only a complete listing takes access away. A run that cannot read everything changes nothing.",
                        "The brake judges all removals of the run together, before the first one is done.",
                    ] }) })] }));
}
const busy = "A run or a check is in progress.";
const outcomes = {
    complete: { tone: "good", done: "The run is complete.", would: "This is a preview. Nothing was written." },
    void: {
        tone: "warn",
        done: "The run is void: the directory could not be read completely, so nothing was changed.",
        would: "A run would be void: the directory cannot be read completely.",
    },
    stopped: { tone: "warn", done: "The run stopped early. The next one continues.", would: "The preview stopped early." },
};
const deeds = [
    ["created", "created"],
    ["restored", "restored"],
    ["adopted", "adopted: no connection managed them"],
    ["updated", "changed"],
    ["reactivated", "reactivated"],
    ["suspended", "suspended"],
    ["deleted", "deleted"],
    ["groups_created", "groups created"],
    ["groups_updated", "groups changed"],
    ["groups_deleted", "groups deleted"],
    ["joined", "memberships begun"],
    ["left", "memberships ended"],
    ["refused", "refused by a rule"],
    ["held", "removals held by the brake"],
    ["missing", "missing, until another run confirms it"],
    ["outside", "left out: members from outside the company"],
    ["skipped", "left out: too large, or in a circle"],
];
function Result({ result: r }) {
    const word = outcomes[r.outcome];
    return (_jsxs(Card, { title: r.preview ? "What a run would do" : "What the run did", flush: true, children: [_jsxs("div", { className: "card-pad stack", children: [_jsxs(Note, { tone: r.preview && r.outcome === "complete" ? "info" : word.tone, children: [_jsx("p", { children: r.preview ? word.would : word.done }), r.reason && _jsx("p", { children: sentence(r.reason) })] }), r.outcome !== "void" && _jsx(Numbers, { result: r })] }), r.changes.length > 0 && _jsx(Changes, { result: r })] }));
}
function Numbers({ result: r }) {
    const c = r.counts;
    return (_jsxs(_Fragment, { children: [_jsxs("p", { children: ["The directory has ", people(c.active), " who ", c.active === 1 ? "is" : "are", " active, ", count(c.inactive), " inactive and", " ", many(c.groups, "group", "groups"), ". ", count(c.unchanged), " people and ", many(c.groups_unchanged, "group", "groups"), " do not change.", r.seats && ` Before, ${count(r.seats.before)}${r.seats.limit ? ` of ${count(r.seats.limit)}` : ""} seats were occupied.`, r.seats?.after !== undefined && ` After it, ${count(r.seats.after)} would be.`] }), _jsx("ul", { className: "consequences", children: deeds
                    .filter(([key]) => c[key] > 0)
                    .map(([key, text]) => (_jsxs("li", { children: [count(c[key]), " ", text] }, key))) })] }));
}
const verbs = {
    "user.create": "created",
    "user.restore": "restored, with the old id",
    "user.adopt": "taken over, with the same id",
    "user.update": "changed",
    "user.suspend": "suspended",
    "user.reactivate": "activated again",
    "user.delete": "deleted",
    "user.skip": "left as it is",
    "group.create": "created",
    "group.adopt": "taken over, with the same id",
    "group.update": "changed",
    "group.delete": "deleted",
    "group.skip": "left as it is",
    "group.circle": "left out of another group",
};
function effect(d, preview) {
    const not = d.refused || d.held ? "not " : "";
    return `${preview ? `Would ${not}be ` : `Was ${not}`}${verbs[d.action] ?? d.action}`;
}
function reason(d) {
    const members = [d.joined && `${count(d.joined)} join`, d.left && `${count(d.left)} leave`].filter(Boolean).join(", ");
    const by = d.refused ? "Refused by a rule." : d.held ? "Held by the brake." : "";
    return [by, members && sentence(members), d.detail && sentence(d.detail)].filter(Boolean).join(" ");
}
function Changes({ result: r }) {
    const { changes, more } = r;
    return (_jsxs(_Fragment, { children: [_jsx(Scroll, { label: "The changes", high: true, children: _jsxs("table", { className: "mini", children: [_jsx("thead", { children: _jsxs("tr", { children: [_jsx("th", { scope: "col", children: "Person or group" }), _jsx("th", { scope: "col", children: "What happens" }), _jsx("th", { scope: "col", children: "Why" })] }) }), _jsx("tbody", { children: changes.map((d, i) => (_jsxs("tr", { children: [_jsx("th", { scope: "row", children: _jsx(Name, { text: d.name, short: true }) }), _jsxs("td", { children: [effect(d, r.preview), " ", d.refused && _jsx(Tag, { tone: "bad", children: "refused" }), d.held && _jsx(Tag, { tone: "hold", children: "held" })] }), _jsxs("td", { children: [reason(d), " ", d.rule && _jsx(Rule, { id: d.rule })] })] }, `${i} ${d.external_id ?? d.id}`))) })] }) }), more > 0 && _jsxs("p", { className: "card-pad faint", children: ["And ", count(more), " more."] })] }));
}
function Found({ check, at }) {
    return (_jsxs(Card, { title: "What the check found", tone: check.ok ? undefined : "bad", children: [_jsxs(Note, { tone: check.ok ? "good" : "bad", children: [check.ok ? "A run has everything that it needs. Nothing was changed." : "A run cannot succeed like this. Nothing was changed.", " ", _jsxs("span", { className: "faint", children: ["Checked ", _jsx(Time, { at: at }), "."] })] }), _jsx("ul", { className: "todo", children: check.steps.map((s) => (_jsxs("li", { children: [_jsx(Tag, { tone: s.skipped ? "quiet" : s.warning ? "warn" : s.ok ? "good" : "bad", children: s.skipped ? "not tried" : s.warning ? "look at this" : s.ok ? "good" : "problem" }), " ", sentence(s.name), " ", sentence(s.problem ?? s.warning ?? s.skipped ?? "")] }, s.name))) })] }));
}
function Last({ connection: c }) {
    const rights = useRights();
    const journal = useTrail("list-journal", { path: { connection: c.slug }, query: { limit: 100 } }, { enabled: rights.has("tenant.record") });
    if (!rights.has("tenant.record"))
        return _jsx(Withheld, { title: "The last runs", right: "tenant.record" });
    const runs = journal.rows?.filter((r) => r.operation === "pull.run" || r.operation === "pull.read").slice(0, 8);
    return (_jsx(Card, { title: "The last runs", actions: _jsx(To, { href: to.connection(c.slug, "journal"), children: "Journal" }), children: _jsx(View, { reading: journal, rows: 4, children: () => runs?.length ? (_jsx("ul", { className: "feed", children: runs.map((r) => (_jsxs("li", { className: "feed-told", children: [_jsx(ExchangeLine, { exchange: r }), " ", r.why && _jsx("span", { className: "faint", children: sentence(r.why) })] }, r.seq))) })) : (_jsx("p", { className: "faint", children: "No run is recorded. The directory was not read yet, or all runs are older than the journal keeps." })) }) }));
}
function What({ connection: c, google: g }) {
    return (_jsxs(Card, { title: "What is read", actions: _jsx(To, { href: to.connection(c.slug, "settings"), children: "Change" }), children: [g.detached && (_jsxs(Note, { tone: "bad", children: ["The Google project ", g.project, " was detached. Nothing is changed until the connection has a credential: give it a key of its own, or share the project with the company again."] })), _jsxs(Facts, { children: [_jsx(Fact, { name: "Administrator", children: _jsx(Name, { text: g.admin, short: true }) }), _jsx(Fact, { name: "Customer", children: g.customer || "that of the administrator" }), _jsx(Fact, { name: "People", children: g.query ? _jsx("span", { className: "mono", children: g.query }) : "all" }), _jsx(Fact, { name: "Groups", children: g.groups.length === 0 ? "all" : g.groups.join(", ") }), _jsx(Fact, { name: "Groups in groups", children: g.nested === "flatten" ? "their people become members" : "stay groups" }), g.project ? (_jsxs(Fact, { name: "Google project", children: [_jsx(To, { href: to.project(g.project), children: g.project }), g.detached && _jsx(Tag, { tone: "bad", children: "detached" })] })) : (_jsxs(_Fragment, { children: [_jsx(Fact, { name: "Service account", children: _jsx(Name, { text: g.account, short: true }) }), _jsx(Fact, { name: "Key", children: _jsx("span", { className: "mono", children: g.key_id }) })] }))] })] }));
}
const nestings = { keep: "Stay groups", flatten: "Their people become members" };
function readOf({ google: g }) {
    return {
        admin: g?.admin ?? "",
        customer: g?.customer ?? "",
        query: g?.query ?? "",
        groups: (g?.groups ?? []).join("\n"),
        nested: g?.nested ?? "keep",
        project: g?.project ?? "",
        credentials: "",
    };
}
export function PullSettings({ connection: c }) {
    const lack = useLack("connection.manage");
    const { base, form, set, dirty, begin } = useDraft(c, readOf);
    const put = (change) => set({ ...form, ...change });
    const update = useAction("update-connection");
    const stale = update.failure?.status === 412 && c.version !== base.version;
    const there = readOf(c);
    const save = async (version) => {
        const { groups, credentials, nested, project, ...rest } = form;
        const body = {
            google: {
                ...rest,
                nested: nested,
                groups: groups.split(/[\s,]+/).filter(Boolean),
                credentials: project ? undefined : credentials || undefined,
                project: project || undefined,
            },
        };
        const done = await update.run({ path: { connection: c.slug }, version, body });
        if (!done)
            return;
        begin(done);
        say("Saved. The next run reads what you chose.");
    };
    return (_jsxs("div", { className: "narrow", children: [_jsx("p", { className: "page-sub", children: "Which part of the directory is read. The preview on the tab Runs shows what a change would do." }), _jsxs(FormBox, { failure: stale ? undefined : update.failure, submit: () => void save(base.version), children: [_jsx(TextInput, { label: "Administrator", name: "admin", type: "email", value: form.admin, onChange: (admin) => put({ admin }), required: true, not: lack, about: "Drawbridge reads the directory as this person, who must be allowed to read users and groups." }), _jsx(TextInput, { label: "People", name: "query", value: form.query, onChange: (query) => put({ query }), not: lack, mono: true, maxLength: 1000, about: "In Google's search syntax, such as orgUnitPath='/Sales'. Empty: everybody." }), _jsx(TextInput, { label: "Groups", name: "groups", value: form.groups, onChange: (groups) => put({ groups }), not: lack, lines: 3, mono: true, about: "An address on each line. Empty: all. Only the word none: no group." }), _jsx(Pick, { label: "Groups in groups", name: "nested", value: form.nested, onChange: (nested) => put({ nested: nested }), not: lack, required: true, options: Object.entries(nestings).map(([id, text]) => ({ id, text })) }), _jsx(TextInput, { label: "Customer ID", name: "customer", value: form.customer, onChange: (customer) => put({ customer }), not: lack, mono: true, maxLength: 100, about: "Empty: the company of the administrator." }), _jsx(ProjectPick, { tenant: c.tenant, value: form.project, onChange: (project) => put({ project }), not: lack }), !form.project && (_jsx(TextInput, { label: "A new key of the service account", name: "credentials", value: form.credentials, onChange: (credentials) => put({ credentials }), not: lack, lines: 4, mono: true, required: there.project !== "", about: there.project
                            ? "The JSON file from Google Cloud console. It takes the place of the Google project. It is sealed, and never shown again."
                            : "The JSON file from Google Cloud console. Empty: the key stays. It is sealed, and never shown again." })), stale ? (_jsx(Versions, { rows: [
                            { label: "Administrator", mine: form.admin, theirs: there.admin },
                            { label: "People", mine: form.query, theirs: there.query },
                            { label: "Groups", mine: form.groups.replaceAll("\n", ", "), theirs: there.groups.replaceAll("\n", ", ") },
                            { label: "Groups in groups", mine: nestings[form.nested], theirs: nestings[there.nested] },
                            { label: "Google project", mine: form.project, theirs: there.project },
                            { label: "Customer ID", mine: form.customer, theirs: there.customer },
                        ], keep: () => void save(c.version), take: () => {
                            update.clear();
                            begin(c);
                        } })) : (_jsx(Submit, { running: update.running, not: lack ?? (dirty ? undefined : "Nothing was changed."), children: "Save" }))] })] }));
}
