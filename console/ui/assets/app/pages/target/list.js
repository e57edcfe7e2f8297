import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useState } from "react";
import { useLocation } from "wouter";
import { useAction, useList } from "../../api/query.js";
import { Action, Badge, Head, Name, Time } from "../../parts/basic.js";
import { CompanyList, CompanyNames } from "../../parts/companies.js";
import { Box } from "../../parts/dialog.js";
import { FormBox, Submit, TextInput, Toggle } from "../../parts/form.js";
import { Empty } from "../../parts/state.js";
import { Table } from "../../parts/table.js";
import { count } from "../../parts/words.js";
import { to, useParams, useTitle } from "../../shell/place.js";
import { blank, bodyOf, Credential, Fields, namesOf, Which } from "./form.js";
export const states = {
    waiting: { text: "Not run yet", tone: "quiet" },
    active: { text: "In step", tone: "good" },
    failing: { text: "Failing", tone: "warn" },
    quarantined: { text: "Quarantined", tone: "bad" },
    paused: { text: "Paused", tone: "hold" },
};
const columns = [
    {
        id: "name",
        title: "Name",
        cell: (t) => (_jsxs("span", { className: "two-lines", children: [_jsx(Name, { text: t.name, short: true }), _jsx("span", { className: "faint", children: _jsx(Name, { text: t.url, short: true }) })] })),
    },
    { id: "status", title: "Status", cell: (t) => _jsx(Badge, { word: states[t.status], title: t.reason }) },
    { id: "companies", title: "Companies", from: "tablet", cell: (t) => (t.all ? "All" : _jsx(CompanyNames, { of: t })) },
    { id: "people", title: "People", from: "laptop", end: true, cell: (t) => count(t.users) },
    { id: "pending", title: "Waiting", from: "tablet", end: true, cell: (t) => count(t.pending) },
    { id: "parked", title: "Refused", from: "laptop", end: true, cell: (t) => count(t.parked) },
    { id: "synced", title: "Up to date", from: "laptop", cell: (t) => _jsx(Time, { at: t.synced, none: "never" }) },
];
export default function Targets() {
    useTitle("Targets");
    const [params, set] = useParams();
    const [, go] = useLocation();
    const list = useList("list-targets", {}, { every: 10_000 });
    const add = (_jsx(Action, { look: "primary", icon: "plus", right: "target.manage", onPress: () => set({ add: "new" }, "push"), children: "Add target" }));
    return (_jsxs(_Fragment, { children: [_jsx(Head, { title: "Targets", sub: "Applications that speak SCIM. The people and groups of companies are kept there as they are here.", children: add }), _jsx(Table, { name: "targets", label: "Targets", list: list, columns: columns, rowKey: (t) => t.name, href: (t) => to.target(t.name), empty: _jsx(Empty, { icon: "upload", title: "No target", action: add, children: "Add an application that gets the people and groups of a company." }) }), _jsx(Add, { open: params.get("add") === "new", close: () => set({ add: undefined }), done: (made) => go(to.target(made.name)) })] }));
}
function Add({ open, close, done }) {
    const [name, setName] = useState("");
    const [form, setForm] = useState(blank);
    const [secret, setSecret] = useState("");
    const [tenants, setTenants] = useState([]);
    const [groups, setGroups] = useState("");
    const [paused, setPaused] = useState(true);
    const all = form.which === "all";
    const clear = () => {
        setName("");
        setForm(blank);
        setSecret("");
        setTenants([]);
        setGroups("");
        setPaused(true);
    };
    const create = useAction("create-target", (made) => {
        clear();
        done(made);
    });
    const shut = () => {
        create.clear();
        setSecret("");
        close();
    };
    const run = () => void create.run({ body: { name, secret, paused, ...bodyOf(form), ...(all ? {} : { tenants, groups: namesOf(groups) }) } });
    return (_jsx(Box, { title: "Add a target", open: open, close: shut, firm: true, children: _jsxs(FormBox, { failure: create.failure, submit: run, children: [_jsx(TextInput, { label: "Name", name: "name", value: name, onChange: setName, about: "a-z, 0-9 and hyphen. It cannot be changed.", maxLength: 40, required: true, autoFocus: true, mono: true }), _jsx(Fields, { form: form, set: setForm }), _jsx(Credential, { value: secret, set: setSecret, client: form.client }), _jsx(Which, { form: form, set: setForm, some: "These" }), !all && (_jsxs(_Fragment, { children: [_jsx(CompanyList, { value: tenants, onChange: setTenants }), _jsx(TextInput, { label: "Only these groups", name: "groups", value: groups, onChange: setGroups, placeholder: "Engineering, Sales", about: "The names of groups of these companies. Empty means everybody, and all groups." })] })), _jsx(Toggle, { label: "Begin paused", about: "Nothing is sent before you resume it, so that you can look at its plan first.", on: paused, onChange: setPaused }), _jsx(Submit, { running: create.running, cancel: shut, right: "target.manage", children: "Add" })] }) }));
}
