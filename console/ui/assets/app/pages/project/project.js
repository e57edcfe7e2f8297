import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useState } from "react";
import { useLocation, useParams as usePath } from "wouter";
import { useAction, useRead } from "../../api/query.js";
import { Action, Card, Code, Fact, Facts, Head, More, Name, Nothing, Time, To } from "../../parts/basic.js";
import { CompanyFind } from "../../parts/companies.js";
import { Box, Confirm, Consequences } from "../../parts/dialog.js";
import { Foresight } from "../../parts/foresight.js";
import { FormBox, Submit } from "../../parts/form.js";
import { Empty, View } from "../../parts/state.js";
import { Table } from "../../parts/table.js";
import { say } from "../../parts/toast.js";
import { tidy } from "../../parts/words.js";
import { to, useTitle } from "../../shell/place.js";
import { KeyInput } from "./key.js";
export default function ProjectPage() {
    const { project: raw } = usePath();
    const name = decodeURIComponent(raw ?? "");
    const project = useRead("get-google-project", { path: { project: name } });
    useTitle(`Google project · ${name}`);
    return (_jsx(View, { reading: project, what: "The Google project", level: 1, children: (g) => (_jsxs(_Fragment, { children: [_jsx(ProjectHead, { project: g }), _jsxs("div", { className: "columns-2-1", children: [_jsx(Companies, { project: g }), _jsxs(Card, { title: "The key", children: [_jsxs(Facts, { children: [_jsx(Fact, { name: "Service account", children: _jsx(Name, { text: g.account, short: true }) }), _jsx(Fact, { name: "Client ID", children: g.client_id ? _jsx(Code, { text: g.client_id, what: "client ID" }) : _jsx(Nothing, {}) }), _jsx(Fact, { name: "Key", children: _jsx("span", { className: "mono", children: g.key_id }) }), _jsx(Fact, { name: "Given", children: _jsx(Time, { at: g.key_created }) })] }), _jsx("p", { className: "card-pad about", children: "Each company enters the client ID in its Google Admin console, under domain-wide delegation." })] })] })] })) }));
}
function ProjectHead({ project: g }) {
    const [, go] = useLocation();
    const [dialog, setDialog] = useState();
    const close = () => setDialog(undefined);
    const remove = useAction("delete-google-project", () => {
        say("The Google project is deleted.");
        go(to.projects);
    });
    return (_jsxs(_Fragment, { children: [_jsxs(Head, { title: _jsx(Name, { text: g.name }), sub: _jsx(To, { href: to.projects, children: "Google projects" }), children: [_jsx(Action, { icon: "key", right: "project.manage", onPress: () => setDialog("key"), children: "Replace the key" }), _jsx(More, { label: `Actions for ${g.name}`, choices: [{ id: "delete", text: "Delete", icon: "trash", danger: true, right: "project.manage", run: () => setDialog("delete") }] })] }), _jsx(Box, { title: "Replace the key", open: dialog === "key", close: close, firm: true, children: dialog === "key" && _jsx(Rotate, { project: g, close: close }) }), _jsxs(Confirm, { title: `Delete the Google project ${g.name}?`, open: dialog === "delete", close: () => {
                    remove.clear();
                    close();
                }, verb: "Delete", danger: true, failure: remove.failure, running: remove.running, run: () => void remove.run({ path: { project: g.name } }), children: [_jsx(Consequences, { items: ["It is detached from all companies, and its key is deleted.", "No person loses access."] }), _jsx(Foresight, { operation: "delete-google-project", ask: { path: { project: g.name } }, on: dialog === "delete" })] })] }));
}
function Rotate({ project: g, close }) {
    const [credentials, setCredentials] = useState("");
    const rotate = useAction("rotate-google-project", () => {
        say("The key is replaced, for all companies from their next run on.");
        close();
    });
    return (_jsxs(FormBox, { failure: rotate.failure, submit: () => void rotate.run({ path: { project: g.name }, body: { credentials } }), children: [_jsx(KeyInput, { value: credentials, set: setCredentials, autoFocus: true }), _jsx(Submit, { running: rotate.running, cancel: close, right: "project.manage", children: "Replace" })] }));
}
const columns = [
    { id: "tenant", title: "Company", cell: (s) => _jsx(Name, { text: s.tenant_name, short: true }) },
    {
        id: "connections",
        title: "Connections",
        cell: (s) => s.connections.length ? (s.connections.map((c, i) => (_jsxs("span", { children: [i > 0 && ", ", _jsx(To, { href: to.connection(c), children: c })] }, c)))) : (_jsx(Nothing, {})),
    },
    { id: "attached", title: "Since", from: "tablet", cell: (s) => _jsx(Time, { at: s.attached }) },
];
function Companies({ project: g }) {
    const [sharing, setSharing] = useState(false);
    const [leaving, setLeaving] = useState();
    return (_jsxs("div", { className: "stack", children: [_jsx("div", { className: "row", children: _jsx(Action, { icon: "plus", right: "project.manage", onPress: () => setSharing(true), children: "Share with a company" }) }), _jsx(Table, { name: "project-companies", label: "Companies of the Google project", loose: true, list: {
                    rows: g.tenants,
                    data: g,
                    isPending: false,
                    isFetching: false,
                    isError: false,
                    error: null,
                    refetch: () => undefined,
                    dataUpdatedAt: Date.now(),
                }, columns: columns, rowKey: (s) => s.tenant, empty: _jsx(Empty, { icon: "building", title: "No company", children: "It is attached to no company that you have access to. Share it with one." }), menu: (s) => (_jsx(More, { label: `Actions for ${tidy(s.tenant_name)}`, choices: [{ id: "detach", text: "Detach", icon: "leave", danger: true, right: "project.manage", run: () => setLeaving(s) }] })) }), _jsx(Box, { title: `Share ${g.name} with a company`, open: sharing, close: () => setSharing(false), children: sharing && _jsx(Share, { project: g, close: () => setSharing(false) }) }), _jsx(Detach, { project: g, share: leaving, close: () => setLeaving(undefined) })] }));
}
function Share({ project: g, close }) {
    const [tenant, setTenant] = useState("");
    const share = useAction("share-google-project", () => {
        say("It is attached. A connection of the company may use it from now on.");
        close();
    });
    return (_jsxs(FormBox, { failure: share.failure, submit: () => void share.run({ path: { project: g.name, tenant } }), children: [_jsx(CompanyFind, { value: tenant, onChange: setTenant }), _jsx("p", { className: "about", children: "The key stays with you. The company does not see it." }), _jsx(Submit, { running: share.running, cancel: close, right: "project.manage", not: tenant ? undefined : "Choose a company.", children: "Share" })] }));
}
function Detach({ project: g, share, close }) {
    const detach = useAction("detach-google-project", () => {
        say(`${tidy(share?.tenant_name ?? "") || "The company"} is detached from ${g.name}.`);
        close();
    });
    const path = { project: g.name, tenant: share?.tenant ?? "" };
    return (_jsxs(Confirm, { title: _jsxs(_Fragment, { children: ["Detach ", _jsx(Name, { text: share?.tenant_name ?? "" }), " from ", g.name, "?"] }), open: share !== undefined, close: () => {
            detach.clear();
            close();
        }, verb: "Detach", danger: true, failure: detach.failure, running: detach.running, run: () => share && void detach.run({ path }), children: [_jsx(Consequences, { items: ["What was kept of the project for this company is deleted.", "No person loses access."] }), _jsx(Foresight, { operation: "detach-google-project", ask: { path }, on: share !== undefined })] }));
}
