import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useState } from "react";
import { useLocation } from "wouter";
import { call } from "../../api/client.js";
import { useAction, useList, useRead, useTrail } from "../../api/query.js";
import { Action, Badge, Card, Code, Fact, Facts, Head, IconAction, More, Name, Note, Nothing, Tag, Time, To, useRights, } from "../../parts/basic.js";
import { Box, Confirm, Consequences, Versions } from "../../parts/dialog.js";
import { useDraft } from "../../parts/draft.js";
import { Foresight } from "../../parts/foresight.js";
import { Find, FormBox, Refusal, Search, Submit, TextInput, Tick } from "../../parts/form.js";
import { AsJSON, CopyLink } from "../../parts/json.js";
import { useCompanyNames } from "../../parts/names.js";
import { Sentence } from "../../parts/sentence.js";
import { Sources } from "../../parts/sources.js";
import { Empty, View, Withheld } from "../../parts/state.js";
import { Table, TableBar } from "../../parts/table.js";
import { say } from "../../parts/toast.js";
import { builtInGroups, exact, people, tidy, userStates } from "../../parts/words.js";
import { to, useParams, useTitle } from "../../shell/place.js";
import { groupName, NotBuiltIn } from "./list.js";
export default function GroupPage({ company, group: id }) {
    const group = useRead("get-group", { path: { tenant: company, group: id } });
    const name = useCompanyNames([company]).get(company) ?? company;
    useTitle(group.data ? `${groupName(group.data)} · ${name}` : "Group");
    return (_jsx(View, { reading: group, what: "The group", level: 1, children: (g) => _jsx(GroupView, { company: company, group: g }, g.id) }));
}
function warning(g) {
    switch (g.built_in) {
        case "owners":
            return "Owners may do everything in the company. Each change raises an alert, and the last active Owner cannot leave.";
        case "administrators":
            return "Administrators have power over the company. Each change raises an alert.";
        case "team_members":
            return "Every member is in Team Members automatically. Guests never are.";
        case "provision_managers":
            return "Provision Managers may confirm people who were invited.";
        default:
            return undefined;
    }
}
function GroupView({ company, group: g }) {
    const [verb, setVerb] = useState();
    const warn = warning(g);
    return (_jsxs(_Fragment, { children: [_jsx(Head, { title: _jsx(Name, { text: groupName(g) }), badge: _jsxs(_Fragment, { children: [g.built_in ? _jsx(Tag, { tone: "hold", children: "Built in" }) : g.namesake && _jsx(NotBuiltIn, {}), _jsx(CopyLink, { to: "this group" })] }), sub: _jsxs(_Fragment, { children: [_jsx(To, { href: to.company(company, "groups"), children: "Groups" }), " / ", people(g.members)] }), children: !g.built_in && (_jsx(More, { label: "More actions", look: "plain", choices: [
                        {
                            id: "rename",
                            text: "Rename",
                            icon: "edit",
                            right: "group.manage",
                            not: g.connection ? `Its name comes from ${g.connection}.` : undefined,
                            run: () => setVerb("rename"),
                        },
                        {
                            id: "unmanage",
                            text: "Release from its connection",
                            icon: "plug",
                            right: "group.manage",
                            not: g.connection ? undefined : "No connection manages it.",
                            run: () => setVerb("unmanage"),
                        },
                        {
                            id: "delete",
                            text: "Delete for good",
                            icon: "trash",
                            danger: true,
                            right: "group.delete",
                            run: () => setVerb("delete"),
                            apart: true,
                        },
                    ], children: "More" })) }), warn && _jsx(Note, { tone: g.built_in === "owners" || g.built_in === "administrators" ? "warn" : "info", children: warn }), _jsxs("div", { className: "columns-2-1", children: [_jsx(Members, { company: company, group: g }), _jsxs("div", { className: "stack", children: [_jsxs(Card, { title: "About", children: [_jsxs(Facts, { children: [_jsx(Fact, { name: "Managed by", children: g.connection ? _jsx(To, { href: to.connection(g.connection), children: g.connection }) : _jsx(Nothing, { children: "no connection" }) }), g.external_id && (_jsx(Fact, { name: "externalId", children: _jsx("span", { className: "mono wrap", children: tidy(g.external_id) }) })), !g.built_in && (_jsx(Fact, { name: "In the list of people", children: _jsx(To, { href: `${to.company(company, "people")}?group=${encodeURIComponent(g.display_name)}`, children: "Filter by this group" }) })), _jsx(Fact, { name: "Made", children: exact(g.created) }), _jsx(Fact, { name: "Changed", children: _jsx(Time, { at: g.modified }) }), _jsx(Fact, { name: "id", children: _jsx(Code, { text: g.id, what: "the id" }) })] }), _jsx(AsJSON, { operation: "get-group", path: { tenant: company, group: g.id }, value: g })] }), g.built_in && _jsx(Grants, { company: company, group: g }), _jsx(History, { company: company, group: g })] })] }), _jsx(Rename, { company: company, group: g, open: verb === "rename", close: () => setVerb(undefined) }), _jsx(Unmanage, { company: company, group: g, open: verb === "unmanage", close: () => setVerb(undefined) }), _jsx(Delete, { company: company, group: g, open: verb === "delete", close: () => setVerb(undefined) })] }));
}
function Members({ company, group: g }) {
    const [params, set] = useParams();
    const q = params.get("q") ?? "";
    const list = useList("list-members", { path: { tenant: company, group: g.id }, query: { q } });
    const [adding, setAdding] = useState(false);
    const [removing, setRemoving] = useState();
    const fixed = g.built_in === "team_members"
        ? "It has all members, and no one else."
        : g.built_in
            ? undefined
            : g.connection
                ? `Its members come from ${g.connection}.`
                : undefined;
    const remove = useAction("remove-member");
    const takeOut = async (m) => {
        const path = { tenant: company, group: g.id, user: m.id };
        if (!(await remove.run({ path })))
            return;
        setRemoving(undefined);
        say(`${tidy(m.display || m.id)} is taken out of ${groupName(g)}.`, g.built_in ? undefined : { run: () => call("add-member", { path }), said: `${m.display || m.id} is in the group again.` });
    };
    const columns = [
        {
            id: "name",
            title: "Member",
            cell: (m) => (_jsxs("span", { className: "two-lines", children: [_jsx(Name, { text: m.display || m.user_name || m.id, short: true }), m.display && m.user_name && m.display !== m.user_name && (_jsx("span", { className: "faint", children: _jsx(Name, { text: m.user_name, short: true }) }))] })),
        },
        {
            id: "state",
            title: "State",
            from: "tablet",
            cell: (m) => (m.state && m.state in userStates ? _jsx(Badge, { word: userStates[m.state] }) : _jsx(Nothing, {})),
        },
        { id: "why", title: "In it because of", from: "laptop", cell: (m) => _jsx(Sources, { sources: m.sources }) },
        { id: "type", title: "Type", from: "tablet", cell: (m) => (m.type === "Group" ? _jsx(Tag, { tone: "info", children: "Group" }) : "Person") },
    ];
    return (_jsxs("div", { className: "stack", children: [_jsx(TableBar, { filtered: q !== "", clear: () => set({ q: undefined }), actions: _jsx(Action, { icon: "plus", right: "group.manage", not: fixed, onPress: () => setAdding(true), children: "Add a member" }), children: _jsx(Search, { label: "Search members", placeholder: "Name", value: q, onChange: (text) => set({ q: text }) }) }), _jsx(Table, { name: "members", label: "Members", list: list, columns: columns, rowKey: (m) => m.id, href: (m) => (m.type === "Group" ? to.group(company, m.id) : to.person(company, m.id)), filtered: q !== "", clear: () => set({ q: undefined }), menu: (m) => !fixed && _jsx(IconAction, { icon: "close", label: `Take ${m.display || m.id} out`, right: "group.manage", onPress: () => setRemoving(m) }), empty: _jsx(Empty, { icon: "group", title: "No members yet", children: g.built_in
                        ? "Add a person by hand, or map a group of the identity provider to it."
                        : "The identity provider has added no one." }) }), _jsx(AddMember, { company: company, group: g, open: adding, close: () => setAdding(false) }), _jsxs(Confirm, { title: _jsxs(_Fragment, { children: ["Take ", _jsx(Name, { text: removing?.display || removing?.id || "", short: true }), " out of ", groupName(g), "?"] }), open: removing !== undefined, close: () => {
                    remove.clear();
                    setRemoving(undefined);
                }, verb: "Take out", danger: true, failure: remove.failure, running: remove.running, run: () => removing && void takeOut(removing), children: [_jsx(Consequences, { items: [
                            "It takes effect for applications at once.",
                            (g.built_in === "owners" || g.built_in === "administrators") && "It raises an alert.",
                            g.built_in && "A membership that a mapping grants comes back with the next sync if it is removed here.",
                        ] }), removing && _jsx(Foresight, { operation: "remove-member", ask: { path: { tenant: company, group: g.id, user: removing.id } }, on: true })] })] }));
}
function AddMember({ company, group: g, open, close }) {
    const [text, setText] = useState("");
    const [user, setUser] = useState("");
    const found = useRead("list-users", { path: { tenant: company }, query: { q: text, limit: 20 } }, { enabled: open, keep: true, every: false });
    const add = useAction("add-member", () => say(`The person is in ${groupName(g)} from now on.`));
    const away = () => {
        add.clear();
        setText("");
        setUser("");
        close();
    };
    const powerful = g.built_in === "owners" || g.built_in === "administrators";
    return (_jsx(Box, { title: `Add a member to ${groupName(g)}`, open: open, close: away, children: _jsxs(FormBox, { failure: add.failure, submit: async () => user && (await add.run({ path: { tenant: company, group: g.id, user } })) && away(), children: [_jsx(Find, { label: "Person", name: "user", text: text, onText: setText, loading: found.isFetching, options: (found.data?.items ?? []).map((u) => ({ id: u.id, text: tidy(u.display_name || u.user_name), about: u.user_name })), onChange: (id) => {
                        setUser(id);
                        const chosen = found.data?.items.find((u) => u.id === id);
                        if (chosen)
                            setText(tidy(chosen.display_name || chosen.user_name));
                    }, required: true, placeholder: "Name or e-mail" }), powerful && _jsx(Note, { tone: "warn", children: "This gives power over the company, and raises an alert." }), _jsx(Foresight, { operation: "add-member", ask: { path: { tenant: company, group: g.id, user } }, on: user !== "" }), _jsx(Submit, { running: add.running, cancel: away, right: "group.manage", not: user ? undefined : "Choose a person first.", children: "Add" })] }) }));
}
function Grants({ company, group: g }) {
    const connections = useList("list-connections", { query: { tenant: company } });
    const rows = (connections.rows ?? []).flatMap((c) => c.mappings.filter((m) => m.grants === g.built_in).map((m) => ({ connection: c.slug, by: m.display_name || m.external_id || "" })));
    return (_jsx(Card, { title: "Granted by", children: rows.length === 0 ? (_jsxs("p", { className: "faint", children: ["No mapping grants ", builtInGroups[g.built_in ?? ""], ". Its members are added by hand."] })) : (_jsx("ul", { className: "todo", children: rows.map((r) => (_jsxs("li", { children: [_jsx(Name, { text: r.by, short: true }), " ", _jsx("span", { className: "faint", children: "of" }), " ", _jsx(To, { href: to.connection(r.connection, "mapping"), children: r.connection })] }, `${r.connection}-${r.by}`))) })) }));
}
function History({ company, group: g }) {
    const rights = useRights();
    const audit = useTrail("search-audit", { path: { tenant: company }, query: { user: g.built_in ?? g.id, action: "group.*", limit: 10 } }, { enabled: rights.has("tenant.record") });
    if (!rights.has("tenant.record"))
        return _jsx(Withheld, { title: "History", right: "tenant.record" });
    return (_jsx(Card, { title: "History", children: _jsx(View, { reading: audit, rows: 3, children: () => (audit.rows ?? []).length === 0 ? (_jsx("p", { className: "faint", children: "No audit line is kept." })) : (_jsx("ul", { className: "feed", children: (audit.rows ?? []).map((line) => (_jsxs("li", { children: [_jsx(Sentence, { line: line }), _jsx("span", { className: "faint", children: _jsx(Time, { at: line.time }) })] }, line.seq))) })) }) }));
}
function namesOf(g) {
    return { name: g.display_name, external: g.external_id ?? "" };
}
function Rename({ company, group: g, open, close }) {
    const { base, form, set, dirty, begin } = useDraft(g, namesOf);
    const update = useAction("update-group", () => say("Saved."));
    const away = () => {
        update.clear();
        begin(g);
        close();
    };
    const run = async (version) => {
        const was = namesOf(base);
        const body = {
            ...(form.name !== was.name ? { display_name: form.name.trim() } : {}),
            ...(form.external !== was.external ? { external_id: form.external.trim() } : {}),
        };
        const made = await update.run({ path: { tenant: company, group: g.id }, version, body });
        if (!made)
            return;
        begin(made);
        close();
    };
    const stale = update.failure?.status === 412 && g.version !== base.version;
    return (_jsx(Box, { title: `Rename ${groupName(g)}`, open: open, close: away, firm: true, children: _jsxs(FormBox, { failure: stale ? undefined : update.failure, submit: () => void run(base.version), children: [_jsx(TextInput, { label: "Name", name: "display_name", value: form.name, onChange: (name) => set({ ...form, name }), required: true, autoFocus: true, maxLength: 200 }), _jsx(TextInput, { label: "externalId", name: "external_id", value: form.external, onChange: (external) => set({ ...form, external }), mono: true, maxLength: 200 }), stale ? (_jsx(Versions, { rows: [
                        { label: "Name", mine: form.name, theirs: g.display_name },
                        { label: "externalId", mine: form.external, theirs: g.external_id ?? "" },
                    ], keep: () => void run(g.version), take: () => {
                        update.clear();
                        begin(g);
                    } })) : (_jsx(Submit, { running: update.running, cancel: away, right: "group.manage", not: dirty ? undefined : "Nothing was changed.", children: "Save" }))] }) }));
}
function Unmanage({ company, group: g, open, close }) {
    const release = useAction("release-group-management", () => say("The group is local from now on."));
    return (_jsxs(Confirm, { title: `Release ${groupName(g)} from ${g.connection ?? "its connection"}?`, open: open, close: () => {
            release.clear();
            close();
        }, verb: "Release", failure: release.failure, running: release.running, run: async () => (await release.run({ path: { tenant: company, group: g.id } })) && close(), children: [_jsx(Consequences, { items: ["The group becomes local and keeps its members.", "A connection can adopt it with its next write."] }), _jsx(Foresight, { operation: "release-group-management", ask: { path: { tenant: company, group: g.id } }, on: open })] }));
}
function Delete({ company, group: g, open, close }) {
    const [force, setForce] = useState(false);
    const [reason, setReason] = useState("");
    const [typed, setTyped] = useState("");
    const [, go] = useLocation();
    const remove = useAction("delete-group");
    const missing = typed.trim() !== g.display_name.trim();
    const away = () => {
        remove.clear();
        close();
    };
    const run = async () => {
        if (missing)
            return;
        if (await remove.run({ path: { tenant: company, group: g.id }, query: { force: force || undefined, reason: reason.trim() || undefined } })) {
            say("The group is deleted.");
            go(to.company(company, "groups"));
        }
    };
    return (_jsx(Box, { title: `Delete ${groupName(g)} for good?`, open: open, close: away, alert: true, children: _jsxs(FormBox, { failure: remove.failure, submit: () => void run(), children: [_jsx(Consequences, { items: [`${people(g.members)} lose the membership. The people stay.`, "This cannot be undone."] }), _jsx(Foresight, { operation: "delete-group", ask: { path: { tenant: company, group: g.id }, query: { force: force || undefined, reason: force ? "preview" : undefined } }, on: open, refused: g.connection && !force
                        ? `${g.connection} manages the group. Delete it there first, or force the deletion with a reason.`
                        : undefined }), g.connection && (_jsx(Tick, { label: `Delete although ${g.connection} manages it`, about: "It comes back if the identity provider pushes it again.", checked: force, onChange: setForce })), _jsx(TextInput, { label: "Reason", name: "reason", value: reason, onChange: setReason, lines: 2, required: force, maxLength: 500 }), _jsx(TextInput, { label: `Type ${tidy(g.display_name)} to confirm`, name: "typed", value: typed, onChange: setTyped, required: true, mono: true }), remove.failure?.field && _jsx(Refusal, { failure: remove.failure }), _jsx(Submit, { running: remove.running, cancel: away, danger: true, right: "group.delete", not: missing ? "Type the name first." : undefined, children: "Delete for good" })] }) }));
}
