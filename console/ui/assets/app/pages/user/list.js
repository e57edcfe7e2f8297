import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useCallback, useState } from "react";
import { downloadURL } from "../../api/client.js";
import { useList } from "../../api/query.js";
import { Action, Download, More, Name, Nothing, Tag, Time, ToButton } from "../../parts/basic.js";
import { Chips, Filter, Search } from "../../parts/form.js";
import { Empty } from "../../parts/state.js";
import { Table, TableBar } from "../../parts/table.js";
import { userStates } from "../../parts/words.js";
import { to, useParams } from "../../shell/place.js";
import { AddPerson } from "./add.js";
import { Bulk } from "./bulk.js";
import { PersonDialog } from "./dialogs.js";
import { choicesFor } from "./menu.js";
import { nameOf, State, statement } from "./words.js";
const columns = [
    {
        id: "name",
        title: "Person",
        sort: "user_name",
        cell: (u) => (_jsxs("span", { className: "two-lines", children: [_jsx(Name, { text: nameOf(u), short: true }), u.display_name && (_jsx("span", { className: "faint", children: _jsx(Name, { text: u.user_name, short: true }) }))] })),
    },
    { id: "state", title: "State", sort: "state", cell: (u) => _jsx(State, { user: u }) },
    { id: "type", title: "Type", from: "laptop", cell: (u) => (u.type === "guest" ? _jsx(Tag, { tone: "info", children: "Guest" }) : "Member") },
    { id: "connection", title: "Managed by", from: "laptop", cell: (u) => u.connection || _jsx(Nothing, { children: "no connection" }) },
    {
        id: "statement",
        title: "IdP says",
        from: "desktop",
        cell: (u) => (_jsxs(_Fragment, { children: [statement(u), " ", u.stated_at && (_jsx("span", { className: "faint", children: _jsx(Time, { at: u.stated_at }) }))] })),
    },
    {
        id: "groups",
        title: "Groups",
        from: "desktop",
        cell: (u) => u.groups.length ? (_jsxs(_Fragment, { children: [u.groups
                    .slice(0, 2)
                    .map((g) => g.display_name)
                    .join(", "), u.groups.length > 2 && _jsxs("span", { className: "faint", children: [" +", u.groups.length - 2] })] })) : (_jsx(Nothing, {})),
    },
    { id: "seat", title: "Seat", from: "desktop", cell: (u) => seatOf(u) ?? _jsx(Nothing, { children: "none" }) },
    { id: "changed", title: "Changed", from: "tablet", cell: (u) => _jsx(Time, { at: u.modified }) },
    { id: "created", title: "Created", sort: "created", extra: true, from: "desktop", cell: (u) => _jsx(Time, { at: u.created }) },
    { id: "external", title: "externalId", extra: true, from: "desktop", cell: (u) => u.external_id || _jsx(Nothing, {}) },
];
function seatOf(u) {
    if (u.gone || u.state === "suspended")
        return undefined;
    if (u.type === "guest")
        return "Guest";
    return u.state === "invited" ? "Not billed yet" : "Billed";
}
const unmanaged = "-";
export default function People({ company, overview }) {
    const [params, set] = useParams();
    const q = params.get("q") ?? "";
    const state = params.get("state") ?? "";
    const sort = params.get("sort") ?? "user_name";
    const down = params.get("dir") === "desc";
    const gone = state === "gone";
    const type = params.get("type") ?? "";
    const connection = params.get("connection") ?? "";
    const said = params.get("said") ?? "";
    const mode = params.get("suspension") ?? "";
    const group = params.get("group") ?? "";
    const filtered = [q, state, type, connection, said, mode, group].some((f) => f !== "");
    const only = {
        q,
        state: (gone ? undefined : state || undefined),
        type: (type || undefined),
        connection: connection === unmanaged ? undefined : connection,
        managed: connection === unmanaged ? "false" : undefined,
        group,
        statement: (said || undefined),
        suspension: (mode || undefined),
    };
    const list = useList("list-users", {
        path: { tenant: company },
        query: { ...only, gone: gone || undefined, sort: sort, dir: down ? "desc" : "asc" },
    });
    const [acting, setActing] = useState();
    const actor = list.rows?.find((u) => u.id === acting?.user);
    const [chosen, setChosen] = useState(new Set());
    const [verb, setVerb] = useState();
    const clear = () => set({
        q: undefined,
        state: undefined,
        type: undefined,
        connection: undefined,
        said: undefined,
        suspension: undefined,
        group: undefined,
        sort: undefined,
        dir: undefined,
    });
    const search = useCallback((text) => set({ q: text }), [set]);
    const counts = overview.tenant.users;
    const all = Object.values(counts).reduce((sum, n) => sum + n, 0);
    const silent = overview.tenant.connections.find((c) => c.health === "never_connected");
    const people = (list.rows ?? []).filter((u) => chosen.has(u.id));
    return (_jsxs(_Fragment, { children: [_jsx(Chips, { label: "State", value: state, onChange: (next) => set({ state: next }), options: [
                    { id: "", text: "All", count: all },
                    ...Object.entries(userStates).map(([id, word]) => ({ id, text: word.text, count: counts[id] ?? 0 })),
                    { id: "gone", text: "Gone" },
                ] }), _jsxs(TableBar, { views: "company-people", filtered: filtered, clear: clear, actions: _jsxs(_Fragment, { children: [gone || said === "deleted" ? (_jsx(Action, { icon: "download", not: "A table has no people whom the identity provider deleted.", children: "CSV" })) : (_jsx(Download, { href: downloadURL("export-users", { path: { tenant: company }, query: only }), children: "CSV" })), _jsx(Action, { look: "primary", icon: "plus", right: "user.manage", onPress: () => set({ add: "person" }, "push"), children: "Add person" })] }), children: [_jsx(Search, { label: "Search people", placeholder: "Name, e-mail or userName", value: q, onChange: search }), _jsx(Filter, { label: "Type", value: type, onChange: (next) => set({ type: next }), options: [
                            { id: "member", text: "Members" },
                            { id: "guest", text: "Guests" },
                        ] }), _jsx(Filter, { label: "Managed by", value: connection, onChange: (next) => set({ connection: next }), options: [
                            ...overview.tenant.connections.map((c) => ({ id: c.slug, text: c.slug })),
                            { id: unmanaged, text: "No connection: local" },
                        ] }), _jsx(Filter, { label: "IdP says", value: said, onChange: (next) => set({ said: next }), options: [
                            { id: "active", text: "Active" },
                            { id: "inactive", text: "Inactive" },
                            { id: "deleted", text: "Deleted" },
                            { id: "none", text: "Nothing" },
                        ] }), _jsx(Filter, { label: "Suspension", value: mode, onChange: (next) => set({ suspension: next }), options: [
                            { id: "hold", text: "Held" },
                            { id: "yield", text: "Yields to the sync" },
                        ] }), group && (_jsxs(Action, { small: true, icon: "close", onPress: () => set({ group: undefined }), children: ["Group: ", group] }))] }), _jsx(Table, { name: "people", label: "People", list: list, columns: columns, rowKey: (u) => u.id, href: (u) => to.person(company, u.id), sort: { by: sort, down, set: (by, d) => set({ sort: by, dir: d ? "desc" : undefined }) }, filtered: filtered, clear: clear, selection: {
                    chosen,
                    set: setChosen,
                    actions: (_jsxs(_Fragment, { children: [_jsx(Action, { small: true, icon: "pause", right: "user.suspend", onPress: () => setVerb("suspend"), children: "Suspend" }), _jsx(Action, { small: true, icon: "play", right: "user.suspend", onPress: () => setVerb("release"), children: "Release" }), _jsx(More, { label: "More for the selected", look: "plain", choices: [
                                    { id: "confirm", text: "Confirm", icon: "check", right: "user.manage", run: () => setVerb("confirm") },
                                    { id: "resend", text: "Send the invitation again", icon: "mail", right: "user.manage", run: () => setVerb("resend") },
                                    { id: "member", text: "Make members", icon: "user", right: "user.manage", run: () => setVerb("member"), apart: true },
                                    { id: "guest", text: "Make guests", icon: "user", right: "user.manage", run: () => setVerb("guest") },
                                    {
                                        id: "delete",
                                        text: "Delete for good",
                                        icon: "trash",
                                        danger: true,
                                        right: "user.delete",
                                        run: () => setVerb("delete"),
                                        apart: true,
                                    },
                                ], children: "More" })] })),
                }, menu: (u) => (_jsx(More, { label: `Actions for ${nameOf(u)}`, choices: [
                        u.state === "suspended"
                            ? {
                                id: "release",
                                text: "Release",
                                icon: "play",
                                right: "user.suspend",
                                run: () => setActing({ user: u.id, verb: "release" }),
                            }
                            : {
                                id: "suspend",
                                text: "Suspend",
                                icon: "pause",
                                right: "user.suspend",
                                run: () => setActing({ user: u.id, verb: "suspend" }),
                            },
                        {
                            id: "confirm",
                            text: "Confirm",
                            icon: "check",
                            right: "user.manage",
                            not: u.state === "awaiting_confirmation" ? undefined : "This person does not wait for it.",
                            run: () => setActing({ user: u.id, verb: "confirm" }),
                        },
                        ...choicesFor(u, (verb) => setActing({ user: u.id, verb })),
                    ] })), empty: _jsx(Empty, { icon: "people", title: "No people yet", action: _jsxs(_Fragment, { children: [_jsx(Action, { icon: "plus", right: "user.manage", onPress: () => set({ add: "person" }, "push"), children: "Add a person by hand" }), silent && (_jsxs(ToButton, { icon: "plug", href: to.connection(silent.slug), children: ["Look at ", silent.slug] }))] }), children: silent
                        ? `${silent.slug} has never connected. People appear when it pushes them.`
                        : "People appear when the identity provider pushes them, or when you add a person by hand." }) }), _jsx(AddPerson, { company: company, overview: overview, open: params.get("add") === "person", close: () => set({ add: undefined }) }), actor && (_jsx(PersonDialog, { company: company, user: actor, connection: overview.tenant.connections.find((c) => c.slug === actor.connection), verb: acting?.verb, close: () => setActing({ user: actor.id }) })), _jsx(Bulk, { company: company, verb: verb, people: people, close: (done) => {
                    setVerb(undefined);
                    if (done)
                        setChosen(new Set());
                } })] }));
}
