import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useState } from "react";
import { useLocation } from "wouter";
import { call } from "../../api/client.js";
import { useAction } from "../../api/query.js";
import { Name, Note } from "../../parts/basic.js";
import { Box, Confirm, Consequences, Versions } from "../../parts/dialog.js";
import { useDraft } from "../../parts/draft.js";
import { Foresight } from "../../parts/foresight.js";
import { Choose, FormBox, Submit, TextInput, Tick } from "../../parts/form.js";
import { say } from "../../parts/toast.js";
import { to } from "../../shell/place.js";
import { idpName, nameOf } from "./words.js";
export function PersonDialog(p) {
    return (_jsxs(_Fragment, { children: [p.verb === "edit" && _jsx(Edit, { ...p }), _jsx(Suspend, { ...p }), _jsx(Release, { ...p }), _jsx(HoldYield, { ...p }), _jsx(Simple, { ...p }), _jsx(Convert, { ...p }), _jsx(Unmanage, { ...p }), _jsx(Request, { ...p }), _jsx(Delete, { ...p })] }));
}
const labels = {
    given_name: "First name",
    family_name: "Last name",
    display_name: "Display name",
    email: "E-mail",
    user_name: "userName",
    external_id: "externalId",
};
function fieldsOf(u) {
    const attributes = u.attributes;
    return {
        given_name: attributes?.name?.givenName ?? "",
        family_name: attributes?.name?.familyName ?? "",
        display_name: u.display_name ?? "",
        email: u.emails[0] ?? "",
        user_name: u.user_name,
        external_id: u.external_id ?? "",
    };
}
function Edit({ company, user: u, close }) {
    const { base, form, set, begin } = useDraft(u, fieldsOf);
    const update = useAction("update-user", () => say("Saved."));
    const put = (change) => set((old) => ({ ...old, ...change }));
    const names = Object.keys(labels);
    const was = fieldsOf(base);
    const there = fieldsOf(u);
    const mine = names.filter((name) => form[name].trim() !== was[name]);
    const run = async (version) => {
        const body = Object.fromEntries(mine.map((name) => [name, form[name]]));
        if (await update.run({ path: { tenant: company, user: u.id }, version, body }))
            close();
    };
    const stale = update.failure?.status === 412 && u.version !== base.version;
    return (_jsx(Box, { title: _jsxs(_Fragment, { children: ["Change ", _jsx(Name, { text: nameOf(u), short: true })] }), open: true, close: close, firm: true, children: _jsxs(FormBox, { failure: stale ? undefined : update.failure, submit: () => void run(base.version), children: [_jsxs("div", { className: "columns", children: [_jsx(TextInput, { label: "First name", name: "given_name", value: form.given_name, onChange: (given_name) => put({ given_name }), maxLength: 200, autoFocus: true }), _jsx(TextInput, { label: "Last name", name: "family_name", value: form.family_name, onChange: (family_name) => put({ family_name }), maxLength: 200 })] }), _jsx(TextInput, { label: "Display name", name: "display_name", value: form.display_name, onChange: (display_name) => put({ display_name }), maxLength: 200 }), _jsx(TextInput, { label: "E-mail", name: "email", type: "email", value: form.email, onChange: (email) => put({ email }) }), _jsx(TextInput, { label: "userName", name: "user_name", value: form.user_name, onChange: (user_name) => put({ user_name }), required: true }), _jsx(TextInput, { label: "externalId", name: "external_id", value: form.external_id, onChange: (external_id) => put({ external_id }), mono: true }), stale ? (_jsx(Versions, { rows: names.map((name) => ({ label: labels[name], mine: mine.includes(name) ? form[name] : there[name], theirs: there[name] })), keep: () => void run(u.version), take: () => {
                        update.clear();
                        begin(u);
                    } })) : (_jsx(Submit, { running: update.running, cancel: close, right: "user.manage", not: mine.length ? undefined : "Nothing was changed.", children: "Save" }))] }) }));
}
async function takeBack(operation, company, was) {
    const path = { tenant: company, user: was.id };
    const { state, suspension } = await call("get-user", { path });
    if (state !== "suspended" || JSON.stringify(suspension) !== JSON.stringify(was.suspension))
        throw new Error(`${nameOf(was)} was changed meanwhile. Nothing was undone.`);
    await call(operation, { path });
}
function Suspend({ company, user: u, connection, verb, close }) {
    const [mode, setMode] = useState("yield");
    const [reason, setReason] = useState("");
    const suspend = useAction("suspend-user");
    const idp = idpName(connection?.type);
    const run = async () => {
        const done = await suspend.run({
            path: { tenant: company, user: u.id },
            body: { mode: mode, reason: reason.trim() || undefined },
        });
        if (!done)
            return;
        say(`${nameOf(u)} is suspended. ${done.notice}`.trim(), {
            run: () => takeBack("release-user", company, done.user),
            said: `${nameOf(u)} is active again.`,
        });
        setReason("");
        close();
    };
    return (_jsx(Box, { title: _jsxs(_Fragment, { children: ["Suspend ", _jsx(Name, { text: nameOf(u), short: true }), "?"] }), open: verb === "suspend", close: () => {
            suspend.clear();
            close();
        }, alert: true, children: _jsxs(FormBox, { failure: suspend.failure, submit: run, children: [_jsx(Consequences, { items: [
                        "The person cannot sign in from now on, and applications are told to end the sessions.",
                        "The seat is free at once.",
                        "Memberships of groups are kept.",
                    ] }), u.connection ? (_jsx(Choose, { label: "What the next sync does", name: "mode", value: mode, onChange: setMode, required: true, options: [
                        {
                            id: "yield",
                            text: "Yield",
                            about: `${idp} reactivates the person at its next write that states active. A write without it does not.`,
                        },
                        {
                            id: "hold",
                            text: "Hold",
                            about: `The person stays suspended whatever ${idp} says, until an operator releases the suspension.`,
                        },
                    ] })) : (_jsx("p", { className: "about", children: "No identity provider manages this person, so the suspension stays until an operator ends it." })), _jsx(Foresight, { operation: "suspend-user", ask: { path: { tenant: company, user: u.id }, body: { mode: mode } }, on: verb === "suspend" }), _jsx(TextInput, { label: "Reason", name: "reason", value: reason, onChange: setReason, lines: 2, maxLength: 500, about: "It is recorded in the audit trail." }), _jsx(Submit, { running: suspend.running, cancel: close, danger: true, right: "user.suspend", children: "Suspend" })] }) }));
}
function Release({ company, user: u, verb, close }) {
    const release = useAction("release-user", () => say(`${nameOf(u)} is active again.`));
    return (_jsxs(Confirm, { title: `Release ${nameOf(u)}?`, open: verb === "release", close: () => {
            release.clear();
            close();
        }, verb: "Release", failure: release.failure, running: release.running, run: async () => (await release.run({ path: { tenant: company, user: u.id } })) && close(), children: [_jsx(Consequences, { items: [
                    "The person is active again and occupies a seat; without a free one it is refused.",
                    u.statement === "inactive" && "The identity provider says “inactive”: it suspends the person again when it next says so.",
                ] }), _jsx(Foresight, { operation: "release-user", ask: { path: { tenant: company, user: u.id } }, on: verb === "release" })] }));
}
function HoldYield({ company, user: u, connection, verb, close }) {
    const hold = useAction("hold-user", (done) => say(done.notice, { run: () => takeBack("yield-user", company, done.user), said: "The suspension yields to the sync again." }));
    const yielding = useAction("yield-user", (done) => say(done.notice, { run: () => takeBack("hold-user", company, done.user), said: "The suspension is held against the sync again." }));
    const idp = idpName(connection?.type);
    const current = verb === "yield" ? yielding : hold;
    return (_jsxs(Confirm, { title: verb === "yield" ? "Let the suspension yield to the sync?" : "Hold the suspension against the sync?", open: verb === "hold" || verb === "yield", close: () => {
            hold.clear();
            yielding.clear();
            close();
        }, verb: verb === "yield" ? "Let it yield" : "Hold", failure: current.failure, running: current.running, run: async () => (await current.run({ path: { tenant: company, user: u.id } })) && close(), children: [_jsx(Consequences, { items: [
                    verb === "yield"
                        ? `${idp} reactivates the person at its next write that states active.`
                        : `The person stays suspended whatever ${idp} says. Each contradiction is recorded.`,
                ] }), _jsx(Foresight, { operation: verb === "yield" ? "yield-user" : "hold-user", ask: { path: { tenant: company, user: u.id } }, on: verb === "hold" || verb === "yield" })] }));
}
function Simple({ company, user: u, verb, close }) {
    const path = { tenant: company, user: u.id };
    const recover = useAction("recover-user", () => say(`${nameOf(u)} is marked for recovery.`));
    const confirm = useAction("confirm-user", () => say(`${nameOf(u)} is confirmed.`));
    const resend = useAction("resend-invitation", (i) => say(`A mail goes to ${i.to}.`));
    const revoke = useAction("revoke-invitation", () => say("The invitation is revoked."));
    const all = {
        recover: {
            title: `Mark ${nameOf(u)} for recovery?`,
            verb: "Mark",
            items: ["The application recovers the account and says when it is done.", "The seat stays occupied and billed meanwhile."],
            action: recover,
            run: () => recover.run({ path }),
        },
        confirm: {
            title: `Confirm ${nameOf(u)}?`,
            verb: "Confirm",
            items: ["The person may sign in from now on, and the memberships of groups take effect."],
            action: confirm,
            run: () => confirm.run({ path }),
        },
        resend: {
            title: "Send the invitation again?",
            verb: "Send",
            items: ["The person gets another link, and the earlier one ends."],
            action: resend,
            run: () => resend.run({ path }),
        },
        revoke: {
            title: "Revoke the invitation?",
            verb: "Revoke",
            items: ["The link stops working. The person stays invited and keeps the seat until deleted."],
            action: revoke,
            run: () => revoke.run({ path }),
        },
    };
    const w = verb && verb in all ? all[verb] : undefined;
    return (_jsxs(Confirm, { title: w?.title ?? "", open: w !== undefined, close: () => {
            w?.action.clear();
            close();
        }, verb: w?.verb ?? "", failure: w?.action.failure, running: w?.action.running, run: async () => (await w?.run()) && close(), children: [_jsx(Consequences, { items: w?.items ?? [] }), _jsx(Foresight, { operation: verb === "confirm" ? "confirm-user" : "recover-user", ask: { path }, on: verb === "recover" || verb === "confirm" })] }));
}
function Convert({ company, user: u, verb, close }) {
    const type = u.type === "guest" ? "member" : "guest";
    const convert = useAction("convert-user", (done) => say(done.notice));
    return (_jsxs(Confirm, { title: `Make ${nameOf(u)} a ${type}?`, open: verb === "convert", close: () => {
            convert.clear();
            close();
        }, verb: `Make a ${type}`, failure: convert.failure, running: convert.running, run: async () => (await convert.run({ path: { tenant: company, user: u.id }, body: { type } })) && close(), children: [_jsx(Consequences, { items: type === "member"
                    ? ["The person needs a member's seat.", "The person is in Team Members from now on."]
                    : [
                        "The person leaves Team Members, and must not be in Owners, Administrators or Provision Managers.",
                        "A guest may be in few groups only.",
                    ] }), _jsx(Foresight, { operation: "convert-user", ask: { path: { tenant: company, user: u.id }, body: { type } }, on: verb === "convert" }), u.connection && _jsx(Note, { children: "The identity provider may decide otherwise with its next write: by userType, or by a mapped group." })] }));
}
function Unmanage({ company, user: u, verb, close }) {
    const release = useAction("release-user-management", () => say(`${nameOf(u)} is local from now on.`));
    return (_jsxs(Confirm, { title: `Release ${nameOf(u)} from ${u.connection ?? "its connection"}?`, open: verb === "unmanage", close: () => {
            release.clear();
            close();
        }, verb: "Release", failure: release.failure, running: release.running, run: async () => (await release.run({ path: { tenant: company, user: u.id } })) && close(), children: [_jsx(Consequences, { items: [
                    "The person becomes local and keeps state, seat and groups.",
                    "Another connection can adopt the person with its next write, and so can the same one.",
                    u.statement === "active" && "The identity provider last said “active”: only an Owner can delete the person, by force.",
                ] }), _jsx(Foresight, { operation: "release-user-management", ask: { path: { tenant: company, user: u.id } }, on: verb === "unmanage" })] }));
}
function Request({ company, user: u, verb, close }) {
    const request = useAction("create-deletion-request", () => say("An Owner decides about the request."));
    return (_jsx(Confirm, { title: `Ask for the deletion of ${nameOf(u)}?`, open: verb === "request", close: () => {
            request.clear();
            close();
        }, verb: "Ask", reason: "must", failure: request.failure, running: request.running, run: async (reason) => (await request.run({ path: { tenant: company }, body: { user: u.id, reason } })) && close(), children: _jsx(Consequences, { items: ["An Owner approves or rejects it. Nothing happens until then."] }) }));
}
function Delete({ company, user: u, connection, verb, close }) {
    const [force, setForce] = useState(false);
    const [reason, setReason] = useState("");
    const [typed, setTyped] = useState("");
    const [, go] = useLocation();
    const remove = useAction("delete-user");
    const idp = idpName(connection?.type);
    const suspended = u.state === "suspended";
    const stillActive = u.statement === "active";
    const missing = typed.trim() !== u.user_name;
    const run = async () => {
        if (missing)
            return;
        const done = await remove.run({
            path: { tenant: company, user: u.id },
            query: { force: force || undefined, reason: reason.trim() || undefined },
        });
        if (!done)
            return;
        say(`${nameOf(u)} is deleted.`);
        close();
        go(to.company(company, "people"));
    };
    return (_jsx(Box, { title: _jsxs(_Fragment, { children: ["Delete ", _jsx(Name, { text: nameOf(u), short: true }), " for good?"] }), open: verb === "delete", close: () => {
            remove.clear();
            close();
        }, alert: true, children: _jsxs(FormBox, { failure: remove.failure, submit: run, children: [_jsx(Consequences, { items: [
                        "The account, its memberships and its attributes are gone. This cannot be undone.",
                        "A tombstone keeps the id, so that no other record gets it.",
                    ] }), _jsx(Foresight, { operation: "delete-user", ask: { path: { tenant: company, user: u.id }, query: { force: force || undefined, reason: force ? "preview" : undefined } }, on: verb === "delete", refused: suspended
                        ? stillActive && !force
                            ? `${idp} still says “active”. Deprovision the person there first, or force the deletion with a reason: a later create by ${idp} makes a new account then, or revives this one.`
                            : undefined
                        : "Suspend the person first: only a suspended person can be deleted." }), stillActive && _jsx(Tick, { label: `Delete although ${idp} still says “active”`, checked: force, onChange: setForce }), _jsx(TextInput, { label: "Reason", name: "reason", value: reason, onChange: setReason, lines: 2, required: force, maxLength: 500 }), _jsx(TextInput, { label: `Type ${u.user_name} to confirm`, name: "typed", value: typed, onChange: setTyped, required: true, mono: true }), _jsx(Submit, { running: remove.running, cancel: close, danger: true, right: "user.delete", not: missing ? "Type the userName first." : undefined, children: "Delete for good" })] }) }));
}
