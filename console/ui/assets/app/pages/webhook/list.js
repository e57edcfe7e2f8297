import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useState } from "react";
import { useLocation } from "wouter";
import { useAction, useList } from "../../api/query.js";
import { Action, Badge, Head, Name, Nothing, Time } from "../../parts/basic.js";
import { CompanyNames } from "../../parts/companies.js";
import { Box } from "../../parts/dialog.js";
import { Choose, FormBox, Submit, TextInput } from "../../parts/form.js";
import { Empty } from "../../parts/state.js";
import { Table } from "../../parts/table.js";
import { count, many } from "../../parts/words.js";
import { to, useParams, useTitle } from "../../shell/place.js";
import { Fields, formats, kindsOf, Secret, wholes } from "./form.js";
export const states = {
    active: { text: "Delivering", tone: "good" },
    failing: { text: "Failing", tone: "warn" },
    paused: { text: "Paused", tone: "hold" },
    parked: { text: "Parked", tone: "bad" },
};
export function Companies({ webhook: w }) {
    return (_jsxs(_Fragment, { children: [w.all ? "All" : _jsx(CompanyNames, { of: w }), w.installation && (w.all || w.tenants.length > 0 ? " and the installation" : "The installation")] }));
}
function TakenDay({ webhook: w }) {
    if (!w.sent_24h)
        return _jsx(Nothing, {});
    return (_jsxs("span", { title: `${count(w.taken_24h)} of ${many(w.sent_24h, "attempt", "attempts")}`, children: [Math.floor((w.taken_24h / w.sent_24h) * 100), " %"] }));
}
const columns = [
    {
        id: "name",
        title: "Name",
        cell: (w) => (_jsxs("span", { className: "two-lines", children: [_jsx(Name, { text: w.name, short: true }), _jsx("span", { className: "faint", children: _jsx(Name, { text: w.url, short: true }) })] })),
    },
    { id: "status", title: "Status", cell: (w) => _jsx(Badge, { word: states[w.status], title: w.reason }) },
    { id: "companies", title: "Companies", from: "tablet", cell: (w) => _jsx(Companies, { webhook: w }) },
    {
        id: "events",
        title: "Events",
        from: "laptop",
        cell: (w) => (w.events.length ? _jsx(Name, { text: w.events.join(", "), short: true }) : wholes[w.format]),
    },
    { id: "taken", title: "Success 24 h", from: "laptop", end: true, cell: (w) => _jsx(TakenDay, { webhook: w }) },
    { id: "backlog", title: "Waiting", from: "tablet", end: true, cell: (w) => count(w.backlog) },
    { id: "success", title: "Last success", from: "laptop", cell: (w) => _jsx(Time, { at: w.last_success, none: "never" }) },
];
export default function Webhooks() {
    useTitle("Webhooks");
    const [params, set] = useParams();
    const [, go] = useLocation();
    const list = useList("list-webhooks", {}, { every: 10_000 });
    const [issued, setIssued] = useState();
    const add = (_jsx(Action, { look: "primary", icon: "plus", right: "webhook.manage", onPress: () => set({ add: "new" }, "push"), children: "Add webhook" }));
    return (_jsxs(_Fragment, { children: [_jsx(Head, { title: "Webhooks", sub: "Endpoints of other systems that get events as they happen: signed, in order, at least once.", children: add }), _jsx(Table, { name: "webhooks", label: "Webhooks", list: list, columns: columns, rowKey: (w) => w.name, href: (w) => to.webhook(w.name), empty: _jsx(Empty, { icon: "pulse", title: "No webhook", action: add, children: "Add one to push events to an application, instead of letting it ask for them." }) }), _jsx(Add, { open: params.get("add") === "new", close: () => set({ add: undefined }), done: (made) => {
                    set({ add: undefined });
                    if (made.secret)
                        setIssued(made);
                    else
                        go(to.webhook(made.name));
                } }), _jsx(Secret, { issued: issued, close: () => {
                    if (issued)
                        go(to.webhook(issued.name));
                    setIssued(undefined);
                } })] }));
}
const blank = { format: "events", url: "", events: "", which: "some", tenants: [], installation: false };
function Add({ open, close, done }) {
    const [name, setName] = useState("");
    const [form, setForm] = useState(blank);
    const create = useAction("create-webhook", (made) => {
        setName("");
        setForm(blank);
        done(made);
    });
    const run = () => create.run({
        body: {
            name,
            format: form.format,
            url: form.url,
            ...(form.format === "audit" ? { installation: form.installation } : { events: kindsOf(form.events) }),
            ...(form.which === "all" ? { all: true } : { tenants: form.tenants }),
        },
    });
    const shut = () => {
        create.clear();
        close();
    };
    return (_jsx(Box, { title: "Add a webhook", open: open, close: shut, firm: true, children: _jsxs(FormBox, { failure: create.failure, submit: () => void run(), children: [_jsx(TextInput, { label: "Name", name: "name", value: name, onChange: setName, about: "a-z, 0-9 and hyphen. It cannot be changed.", maxLength: 40, required: true, autoFocus: true, mono: true }), _jsx(Choose, { label: "What it gets", name: "format", value: form.format, onChange: (format) => setForm({ ...form, format: format }), required: true, options: Object.keys(formats).map((id) => ({ id, text: formats[id] })) }), _jsx(Fields, { form: form, set: setForm }), _jsx(Submit, { running: create.running, cancel: shut, right: "webhook.manage", children: "Add" })] }) }));
}
