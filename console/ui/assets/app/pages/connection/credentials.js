import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useState } from "react";
import { useAction, useList } from "../../api/query.js";
import { Action, Badge, More, Name, Note, Time } from "../../parts/basic.js";
import { Box, Confirm, Consequences } from "../../parts/dialog.js";
import { FormBox, Pick, Submit, TextInput, Tick } from "../../parts/form.js";
import { Empty } from "../../parts/state.js";
import { Table } from "../../parts/table.js";
import { say } from "../../parts/toast.js";
import { exact } from "../../parts/words.js";
import { Credential, Steps } from "./setup.js";
const kinds = {
    bearer: "Bearer token",
    basic: "Password",
    client_secret: "Client secret",
    access_token: "Access token",
};
const states = {
    live: { text: "Live", tone: "good" },
    expired: { text: "Expired", tone: "quiet" },
    revoked: { text: "Revoked", tone: "quiet" },
};
const columns = [
    {
        id: "prefix",
        title: "Credential",
        cell: (t) => (_jsxs("span", { className: "two-lines", children: [_jsxs("span", { className: "mono", children: [t.prefix, "\u2026"] }), _jsx("span", { className: "faint", children: kinds[t.kind] })] })),
    },
    { id: "status", title: "Status", cell: (t) => _jsx(Badge, { word: states[t.status] }) },
    { id: "created", title: "Created", from: "tablet", cell: (t) => _jsx(Time, { at: t.created }) },
    {
        id: "expires",
        title: "Ends",
        from: "tablet",
        cell: (t) => (t.revoked ? _jsx(Time, { at: t.revoked }) : _jsx(Time, { at: t.expires, none: "never" })),
    },
    { id: "used", title: "Last used", cell: (t) => _jsx(Time, { at: t.last_used, none: "never" }) },
    { id: "address", title: "From", from: "laptop", cell: (t) => t.address ?? "" },
    { id: "agent", title: "Client", from: "desktop", cell: (t) => (t.user_agent ? _jsx(Name, { text: t.user_agent, short: true }) : "") },
];
export function Credentials({ connection: c }) {
    const list = useList("list-tokens", { path: { connection: c.slug } }, { every: 10_000 });
    const [rotating, setRotating] = useState(false);
    const [issued, setIssued] = useState();
    const [revoking, setRevoking] = useState();
    const [stored, setStored] = useState(false);
    const revoke = useAction("revoke-token", () => say("The credential is revoked."));
    const live = (list.rows ?? []).filter((t) => t.status === "live");
    const fresh = live.find((t) => t.id === issued?.token_id) ?? live[0];
    const others = live.filter((t) => t !== fresh && t.kind === fresh?.kind);
    return (_jsxs("div", { className: "stack", children: [_jsxs("div", { className: "row row-split", children: [_jsx("p", { className: "page-sub", children: "Two can be valid at once, so that a new one can be entered without an outage." }), _jsx(Action, { look: "primary", icon: "refresh", right: "credential.manage", not: c.ending ? "It is being disconnected." : undefined, onPress: () => setRotating(true), children: "Rotate" })] }), fresh && others.length > 0 && (_jsx(Note, { tone: fresh.last_used ? "good" : "info", children: fresh.last_used ? (_jsxs(_Fragment, { children: ["The newest credential, ", _jsxs("span", { className: "mono", children: [fresh.prefix, "\u2026"] }), ", was used ", _jsx(Time, { at: fresh.last_used }), ". The older one can be revoked now."] })) : (_jsxs(_Fragment, { children: ["The newest credential, ", _jsxs("span", { className: "mono", children: [fresh.prefix, "\u2026"] }), ", was not used yet. Keep the older one until it is."] })) })), _jsx(Table, { name: "tokens", label: "Credentials", list: list, columns: columns, rowKey: (t) => t.id, empty: _jsx(Empty, { icon: "key", title: "No credential", children: "Make one to let the identity provider in." }), menu: (t) => t.status === "live" && (_jsx(More, { label: `Actions for ${t.prefix}`, choices: [
                        { id: "revoke", text: "Revoke", icon: "trash", danger: true, right: "credential.manage", run: () => setRevoking(t) },
                    ] })) }), _jsx(Rotate, { connection: c, open: rotating, close: () => setRotating(false), done: (made) => {
                    setRotating(false);
                    setStored(false);
                    setIssued(made);
                } }), _jsx(Box, { title: "A new credential", open: issued !== undefined && !stored, close: () => setStored(true), wide: true, stuck: true, children: issued && _jsx(NewCredential, { issued: issued, done: () => setStored(true) }) }), _jsx(Confirm, { title: _jsxs(_Fragment, { children: ["Revoke ", revoking?.prefix, "\u2026?"] }), open: revoking !== undefined, close: () => {
                    revoke.clear();
                    setRevoking(undefined);
                }, verb: "Revoke", danger: true, failure: revoke.failure, running: revoke.running, run: async () => revoking && (await revoke.run({ path: { connection: c.slug, token: revoking.id } })) && setRevoking(undefined), children: _jsx(Consequences, { items: [
                        "A request with it gets 401 from now on.",
                        live.length === 1 && "It is the last valid one: the identity provider is locked out until a new one is entered.",
                        revoking?.last_used ? (_jsxs(_Fragment, { children: ["It was used ", _jsx(Time, { at: revoking.last_used }), "."] })) : ("It was never used."),
                    ] }) })] }));
}
function NewCredential({ issued, done }) {
    const [stored, setStored] = useState(false);
    return (_jsxs(_Fragment, { children: [_jsxs("div", { className: "columns-even", children: [_jsx("div", { className: "form", children: _jsx(Credential, { issued: issued }) }), _jsx(Steps, { setup: issued.setup })] }), _jsxs("div", { className: "form-foot form-foot-split", children: [_jsx(Tick, { label: "I have stored the secret", checked: stored, onChange: setStored }), _jsx(Action, { look: "primary", onPress: done, not: stored ? undefined : "Store the secret first: it is not shown again.", children: "Done" })] })] }));
}
function Rotate({ connection: c, open, close, done, }) {
    const [overlap, setOverlap] = useState("604800");
    const [expires, setExpires] = useState("");
    const [auth, setAuth] = useState("bearer");
    const create = useAction("create-token");
    const run = async () => {
        const made = await create.run({
            path: { connection: c.slug },
            body: {
                auth: auth,
                overlap_seconds: Number(overlap) || undefined,
                expires: expires ? new Date(`${expires}T12:00:00`).toISOString() : undefined,
            },
        });
        if (made)
            done(made);
    };
    const seconds = Number(overlap);
    return (_jsx(Box, { title: "Make a new credential", open: open, close: () => {
            create.clear();
            close();
        }, children: _jsxs(FormBox, { failure: create.failure, submit: run, children: [_jsx(Pick, { label: "Kind", name: "auth", value: auth, onChange: setAuth, required: true, options: [
                        { id: "bearer", text: "Bearer token" },
                        { id: "oauth", text: "OAuth 2.0 client credentials" },
                        { id: "basic", text: "User name and password" },
                    ] }), _jsx(Pick, { label: "Keep the older ones", name: "overlap", value: overlap, onChange: setOverlap, required: true, options: [
                        { id: "3600", text: "For an hour" },
                        { id: "86400", text: "For a day" },
                        { id: "604800", text: "For a week" },
                        { id: "0", text: "Until I revoke them" },
                    ], about: seconds ? `They end ${exact(new Date(Date.now() + seconds * 1000))}.` : undefined }), _jsx(TextInput, { label: "The new one expires on", name: "expires", type: "date", value: expires, onChange: setExpires, about: "Empty: never." }), _jsx(Submit, { running: create.running, cancel: close, right: "credential.manage", children: "Make it" })] }) }));
}
