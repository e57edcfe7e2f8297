import { jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useState } from "react";
import { useLocation } from "wouter";
import { useAction } from "../../api/query.js";
import { Box } from "../../parts/dialog.js";
import { Choose, FormBox, Submit, TextInput, Tick } from "../../parts/form.js";
import { say } from "../../parts/toast.js";
import { count } from "../../parts/words.js";
import { to } from "../../shell/place.js";
import { nameOf } from "./words.js";
const empty = { user_name: "", email: "", given: "", family: "", type: "member", invite: false };
export function AddPerson({ company, overview, open, close }) {
    const [form, setForm] = useState(empty);
    const [own, setOwn] = useState(false);
    const [, go] = useLocation();
    const create = useAction("create-user");
    const put = (change) => setForm((old) => ({ ...old, ...change }));
    const { seats } = overview.tenant;
    const full = seats.limit > 0 && seats.occupied >= seats.limit;
    const run = async () => {
        const name = `${form.given.trim()} ${form.family.trim()}`.trim();
        const made = await create.run({
            path: { tenant: company },
            body: {
                user_name: form.user_name.trim() || form.email.trim(),
                email: form.email.trim() || undefined,
                given_name: form.given.trim() || undefined,
                family_name: form.family.trim() || undefined,
                display_name: name || undefined,
                type: form.type,
                invite: form.invite || undefined,
            },
        });
        if (!made)
            return;
        say(form.invite ? `${nameOf(made)} is invited.` : `${nameOf(made)} is added.`);
        setForm(empty);
        setOwn(false);
        close();
        go(to.person(company, made.id));
    };
    return (_jsx(Box, { title: "Add a person", sub: seats.limit ? `${count(seats.occupied)} of ${count(seats.limit)} seats in use${full ? ": there is no free one" : ""}` : undefined, open: open, close: () => {
            create.clear();
            close();
        }, firm: true, children: _jsxs(FormBox, { failure: create.failure, submit: run, children: [_jsxs("div", { className: "columns", children: [_jsx(TextInput, { label: "First name", name: "given_name", value: form.given, onChange: (given) => put({ given }), maxLength: 200, autoFocus: true }), _jsx(TextInput, { label: "Last name", name: "family_name", value: form.family, onChange: (family) => put({ family }), maxLength: 200 })] }), _jsx(TextInput, { label: "E-mail", name: "email", type: "email", value: form.email, onChange: (email) => put(own ? { email } : { email, user_name: email }), required: true }), _jsx(TextInput, { label: "userName", name: "user_name", value: form.user_name, onChange: (user_name) => {
                        setOwn(true);
                        put({ user_name });
                    }, required: true, about: "The name to sign in with. An identity provider finds the person by it." }), _jsx(Choose, { label: "Type", name: "type", value: form.type, onChange: (type) => put({ type }), required: true, options: [
                        { id: "member", text: "Member" },
                        { id: "guest", text: "Guest", about: `${count(seats.included_guests)} guests are included in the plan.` },
                    ] }), _jsx(Tick, { label: "Invite by e-mail", about: "The person accepts with a link and is confirmed then. Otherwise the company's setting decides.", checked: form.invite, onChange: (invite) => put({ invite }) }), _jsx(Submit, { running: create.running, cancel: close, right: "user.manage", children: "Add" })] }) }));
}
