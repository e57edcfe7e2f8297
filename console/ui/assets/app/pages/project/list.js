import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useState } from "react";
import { useLocation } from "wouter";
import { useAction, useList } from "../../api/query.js";
import { Action, Head, Name, Time } from "../../parts/basic.js";
import { CompanyList, CompanyNames } from "../../parts/companies.js";
import { Box } from "../../parts/dialog.js";
import { FormBox, Submit, TextInput } from "../../parts/form.js";
import { Empty } from "../../parts/state.js";
import { Table } from "../../parts/table.js";
import { count } from "../../parts/words.js";
import { to, useParams, useTitle } from "../../shell/place.js";
import { KeyInput } from "./key.js";
const columns = [
    {
        id: "name",
        title: "Name",
        cell: (g) => (_jsxs("span", { className: "two-lines", children: [_jsx(Name, { text: g.name, short: true }), _jsx("span", { className: "faint", children: _jsx(Name, { text: g.account, short: true }) })] })),
    },
    {
        id: "companies",
        title: "Companies",
        cell: (g) => _jsx(CompanyNames, { of: { tenants: g.tenants.map((t) => t.tenant), tenant_names: g.tenants.map((t) => t.tenant_name) } }),
    },
    {
        id: "connections",
        title: "Connections",
        from: "tablet",
        end: true,
        cell: (g) => count(g.tenants.reduce((n, t) => n + t.connections.length, 0)),
    },
    { id: "key", title: "Key given", from: "laptop", cell: (g) => _jsx(Time, { at: g.key_created }) },
];
export default function Projects() {
    useTitle("Google projects");
    const [params, set] = useParams();
    const [, go] = useLocation();
    const list = useList("list-google-projects");
    const add = (_jsx(Action, { look: "primary", icon: "plus", right: "project.manage", onPress: () => set({ add: "new" }, "push"), children: "Add Google project" }));
    return (_jsxs(_Fragment, { children: [_jsx(Head, { title: "Google projects", sub: "Keys of Google that connections of several companies read their directories with.", children: add }), _jsx(Table, { name: "projects", label: "Google projects", list: list, columns: columns, rowKey: (g) => g.name, href: (g) => to.project(g.name), empty: _jsx(Empty, { icon: "key", title: "No Google project", action: add, children: "Add the key of a service account, and share it with the companies whose directories it may read." }) }), _jsx(Add, { open: params.get("add") === "new", close: () => set({ add: undefined }), done: (made) => go(to.project(made.name)) })] }));
}
const blank = { name: "", credentials: "", tenants: [] };
function Add({ open, close, done }) {
    const [form, setForm] = useState(blank);
    const put = (change) => setForm((old) => ({ ...old, ...change }));
    const create = useAction("create-google-project", (made) => {
        setForm(blank);
        done(made);
    });
    const shut = () => {
        create.clear();
        put({ credentials: "" });
        close();
    };
    return (_jsx(Box, { title: "Add a Google project", open: open, close: shut, firm: true, children: _jsxs(FormBox, { failure: create.failure, submit: () => void create.run({ body: form }), children: [_jsx(TextInput, { label: "Name", name: "name", value: form.name, onChange: (name) => put({ name }), about: "a-z, 0-9 and hyphen. It cannot be changed.", maxLength: 40, required: true, autoFocus: true, mono: true }), _jsx(KeyInput, { value: form.credentials, set: (credentials) => put({ credentials }) }), _jsx(CompanyList, { value: form.tenants, onChange: (tenants) => put({ tenants }) }), _jsx(Submit, { running: create.running, cancel: shut, right: "project.manage", children: "Add" })] }) }));
}
