import { jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { createContext, useContext, useMemo, useState } from "react";
import { useLocation } from "wouter";
import { useAction, useList, useRead } from "../../api/query.js";
import { Action, Name, Nothing, Tag, Time } from "../../parts/basic.js";
import { Box } from "../../parts/dialog.js";
import { FormBox, Search, Submit, TextInput } from "../../parts/form.js";
import { Empty } from "../../parts/state.js";
import { Table, TableBar } from "../../parts/table.js";
import { say } from "../../parts/toast.js";
import { builtInGroups, count } from "../../parts/words.js";
import { to, useParams } from "../../shell/place.js";
export function groupName(g) {
    return g.built_in ? (builtInGroups[g.built_in] ?? g.display_name) : g.display_name;
}
export function NotBuiltIn() {
    return _jsx(Tag, { tone: "warn", children: "Not the built-in group" });
}
const MappingsContext = createContext(new Map());
function Grants({ group: g }) {
    const mappings = useContext(MappingsContext).get(g.connection ?? "") ?? [];
    const mine = mappings.filter((m) => (m.external_id ? m.external_id === g.external_id : m.display_name === g.display_name));
    if (!mine.length)
        return _jsx(Nothing, {});
    return mine.map((m) => (m.guest ? "Guest" : (builtInGroups[m.grants ?? ""] ?? m.grants))).join(", ");
}
const columns = [
    { id: "name", title: "Group", sort: "display_name", cell: (g) => _jsx(Name, { text: groupName(g), short: true }) },
    {
        id: "kind",
        title: "Kind",
        cell: (g) => g.built_in ? (_jsx(Tag, { tone: "hold", children: "Built in" })) : g.namesake ? (_jsx(NotBuiltIn, {})) : g.connection ? (_jsx(Tag, { children: "From outside" })) : (_jsx(Tag, { tone: "info", children: "Own" })),
    },
    {
        id: "members",
        title: "Members",
        end: true,
        cell: (g) => (g.built_in === "owners" && g.members <= 1 ? _jsx(Tag, { tone: "warn", children: count(g.members) }) : count(g.members)),
    },
    {
        id: "connection",
        title: "Managed by",
        from: "tablet",
        cell: (g) => g.connection || _jsx(Nothing, { children: g.built_in ? "the company" : "no connection" }),
    },
    { id: "grants", title: "Grants", from: "laptop", cell: (g) => _jsx(Grants, { group: g }) },
    { id: "external", title: "externalId", extra: true, from: "desktop", cell: (g) => g.external_id || _jsx(Nothing, {}) },
    { id: "changed", title: "Changed", from: "laptop", cell: (g) => _jsx(Time, { at: g.modified }) },
];
export default function Groups({ company }) {
    const [params, set] = useParams();
    const q = params.get("q") ?? "";
    const sort = params.get("sort") ?? "built_in";
    const down = params.get("dir") === "desc";
    const list = useList("list-groups", {
        path: { tenant: company },
        query: { q, sort: sort, dir: down ? "desc" : "asc" },
    });
    const connections = useRead("list-connections", { query: { tenant: company, limit: 500 } });
    const mappings = useMemo(() => new Map((connections.data?.items ?? []).map((c) => [c.slug, c.mappings])), [connections.data]);
    const clear = () => set({ q: undefined, sort: undefined, dir: undefined });
    return (_jsxs("div", { className: "stack", children: [_jsx(TableBar, { filtered: q !== "", clear: clear, actions: _jsx(Action, { look: "primary", icon: "plus", right: "group.manage", onPress: () => set({ add: "group" }, "push"), children: "Add group" }), children: _jsx(Search, { label: "Search groups", placeholder: "Name", value: q, onChange: (text) => set({ q: text }) }) }), _jsx(MappingsContext, { value: mappings, children: _jsx(Table, { name: "groups", label: "Groups", list: list, columns: columns, rowKey: (g) => g.id, href: (g) => to.group(company, g.id), sort: { by: sort, down, set: (by, d) => set({ sort: by, dir: d ? "desc" : undefined }) }, filtered: q !== "", clear: clear, empty: _jsx(Empty, { icon: "group", title: "No group", children: "Groups appear when an identity provider pushes them, or when you make one of the company's own." }) }) }), _jsx(AddGroup, { company: company, open: params.get("add") === "group", close: () => set({ add: undefined }) })] }));
}
function AddGroup({ company, open, close }) {
    const [name, setName] = useState("");
    const [external, setExternal] = useState("");
    const [, go] = useLocation();
    const create = useAction("create-group");
    const away = () => {
        create.clear();
        setName("");
        setExternal("");
        close();
    };
    const run = async () => {
        const made = await create.run({
            path: { tenant: company },
            body: { display_name: name.trim(), external_id: external.trim() || undefined },
        });
        if (!made)
            return;
        say(`The group ${made.display_name} is made.`);
        away();
        go(to.group(company, made.id));
    };
    return (_jsx(Box, { title: "Add a group", sub: "A group of the company's own: its members are added by hand.", open: open, close: away, firm: true, children: _jsxs(FormBox, { failure: create.failure, submit: () => void run(), children: [_jsx(TextInput, { label: "Name", name: "display_name", value: name, onChange: setName, required: true, autoFocus: true, maxLength: 200 }), _jsx(TextInput, { label: "externalId", name: "external_id", value: external, onChange: setExternal, mono: true, maxLength: 200, about: "The id that an application or an identity provider uses for it." }), _jsx(Submit, { running: create.running, cancel: away, right: "group.manage", children: "Add" })] }) }));
}
