import { jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useState } from "react";
import { useLocation } from "wouter";
import { useAction, useRead } from "../../api/query.js";
import { Action, Card, Note } from "../../parts/basic.js";
import { Box, Consequences } from "../../parts/dialog.js";
import { FormBox, Submit, TextInput } from "../../parts/form.js";
import { View } from "../../parts/state.js";
import { say } from "../../parts/toast.js";
import { count, many, people, sentence } from "../../parts/words.js";
import { to } from "../../shell/place.js";
export function DeleteCompany({ company }) {
    const [open, setOpen] = useState(false);
    return (_jsxs(Card, { title: "Delete the company", children: [_jsx("p", { className: "faint", children: "For a company that was a mistake or a trial. One that moves to another installation is handed over instead." }), _jsx("div", { className: "form-foot", children: _jsx(Action, { look: "danger", right: "tenant.delete", onPress: () => setOpen(true), children: "Delete the company" }) }), open && _jsx(Deletion, { company: company, close: () => setOpen(false) })] }));
}
function Deletion({ company, close }) {
    const preview = useRead("preview-tenant-deletion", { path: { tenant: company } }, { every: false });
    return (_jsx(Box, { title: "Delete the company for good?", open: true, close: close, alert: true, firm: true, children: _jsx(View, { reading: preview, what: "The preview", children: (p) => _jsx(Form, { company: company, preview: p, close: close, again: () => void preview.refetch() }) }) }));
}
function Form({ company, preview: p, close, again }) {
    const [name, setName] = useState("");
    const [reason, setReason] = useState("");
    const [, go] = useLocation();
    const remove = useAction("delete-tenant");
    const missing = name.trim() !== p.name;
    const everybody = Object.values(p.users).reduce((sum, n) => sum + n, 0);
    const run = async () => {
        if (missing)
            return;
        const done = await remove.run({
            path: { tenant: company },
            body: { name: name.trim(), expect: p.digest ?? "", reason: reason.trim() },
        });
        if (!done) {
            again();
            return;
        }
        say(`${p.name ?? company} is deleted.`);
        go(to.companies);
    };
    return (_jsxs(FormBox, { failure: remove.failure, submit: () => void run(), children: [_jsx(Consequences, { items: [
                    `${people(everybody)} and ${many(p.groups, "group", "groups")} are erased.`,
                    p.credentials > 0 &&
                        `${many(p.credentials, "credential", "credentials")} of ${many(p.connections.length, "connection", "connections")} end at once: ${p.connections.join(", ")}.`,
                    p.app_keys > 0 && `${many(p.app_keys, "application key ends", "application keys end")} at once.`,
                    p.integrations.length > 0 &&
                        `These are detached: ${p.integrations.map((i) => `${i.kind === "project" ? "Google project" : i.kind} ${i.name}`).join(", ")}.`,
                    p.operators > 0 && `${many(p.operators, "administrator loses", "administrators lose")} access.`,
                    `${count(p.audit_lines)} audit lines and ${count(p.events)} events are erased.`,
                    `No other company gets the slug ${company}.`,
                ] }), _jsx(Note, { tone: "warn", children: sentence(p.archive) }), _jsx(TextInput, { label: "Reason", name: "reason", value: reason, onChange: setReason, lines: 2, required: true, maxLength: 500, about: "It is recorded in the audit trail of the installation." }), _jsx(TextInput, { label: `Type ${p.name ?? company} to confirm`, name: "name", value: name, onChange: setName, required: true }), _jsx(Submit, { running: remove.running, cancel: close, danger: true, right: "tenant.delete", not: missing ? "Type the name first." : undefined, children: "Delete for good" })] }));
}
