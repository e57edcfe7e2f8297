import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useState } from "react";
import { Tab, TabList, TabPanel, Tabs } from "react-aria-components";
import { useAction, useRead } from "../../api/query.js";
import { Action, Badge, Card, Fact, Facts, Name, Note, Tag, Time, useLack } from "../../parts/basic.js";
import { CompanyList } from "../../parts/companies.js";
import { Box, Confirm, Consequences, SecretBox, Versions } from "../../parts/dialog.js";
import { useDraft } from "../../parts/draft.js";
import { Choose, FormBox, Pick, Refusal, Submit, TextInput, Tick } from "../../parts/form.js";
import { useCompanyNames } from "../../parts/names.js";
import { above } from "../../parts/roles.js";
import { View } from "../../parts/state.js";
import { say } from "../../parts/toast.js";
import { clientName, day, exact, list, operatorStates, roleTitle, tidy } from "../../parts/words.js";
import { useParams } from "../../shell/place.js";
import { useSession } from "../../shell/session.js";
import { Mails } from "./mails.js";
export function OperatorPanel({ id, close, requireMFA }) {
    const [link, setLink] = useState();
    return (_jsxs(_Fragment, { children: [id === "new" ? (_jsx(Box, { title: "Add an administrator", open: true, close: close, panel: true, firm: true, children: _jsx(AddOperator, { requireMFA: requireMFA, cancel: close, done: (made) => {
                        close();
                        if (made.secret)
                            setLink(made);
                        else
                            say(`The invitation goes to ${made.mailed_to}.`);
                    } }) })) : (_jsx(Existing, { id: id, close: close, requireMFA: requireMFA, showLink: setLink })), _jsx(LinkBox, { link: link, close: () => setLink(undefined) })] }));
}
function LinkBox({ link, close }) {
    return (_jsx(SecretBox, { title: "One-time link", open: link !== undefined, close: close, secrets: [{ label: "The link", text: link?.url || link?.secret || "", what: "the link" }], children: _jsxs("p", { children: ["Give it to ", link ? tidy(`${link.operator.first_name} ${link.operator.last_name}`) : "", " in a way that others cannot read. It works once, until ", link ? exact(link.expires) : "", "."] }) }));
}
function Existing({ id, close, requireMFA, showLink, }) {
    const operator = useRead("get-operator", { path: { operator: id } }, { enabled: id !== "" });
    const [params, set] = useParams();
    const title = operator.data ? _jsx(Name, { text: `${operator.data.first_name} ${operator.data.last_name}` }) : "Administrator";
    return (_jsx(Box, { title: title, sub: operator.data?.email, open: id !== "", close: close, panel: true, children: _jsx(View, { reading: operator, children: (o) => (_jsxs(Tabs, { className: "panel-tabs", selectedKey: params.get("panel") || "details", onSelectionChange: (key) => set({ panel: key === "details" ? undefined : String(key) }), children: [_jsxs(TabList, { className: "tab-list", "aria-label": "Administrator", children: [_jsx(Tab, { id: "details", className: "tab", children: "Details" }), _jsx(Tab, { id: "access", className: "tab", children: "Permissions & access" }), _jsx(Tab, { id: "mails", className: "tab", children: "Mails" })] }), _jsx(TabPanel, { id: "details", className: "stack", children: _jsx(Details, { operator: o, requireMFA: requireMFA, showLink: showLink, ended: close }) }), _jsx(TabPanel, { id: "access", className: "stack", children: _jsx(Access, { operator: o }) }), _jsx(TabPanel, { id: "mails", className: "stack", children: _jsx(MailsOf, { operator: o }) })] })) }) }));
}
function useBeyond(o) {
    const lack = useLack("operator.manage");
    const { operator: me } = useSession();
    if (lack)
        return lack;
    if (above(o.role, me.role))
        return `${roleTitle(o.role)} is above your own role.`;
    if (o.beyond_your_scope || (!me.all_tenants && (o.all_tenants || o.tenants.some((t) => !me.tenants.includes(t)))))
        return "This administrator has companies that you do not have.";
    return undefined;
}
function MailsOf({ operator: o }) {
    const beyond = useBeyond(o);
    const { operator: me } = useSession();
    if (beyond && me.id !== o.id)
        return _jsxs(Note, { tone: "info", children: [beyond, " Their mails are not shown to you."] });
    return _jsx(Mails, { operator: o.id });
}
function Details({ operator: o, requireMFA, showLink, ended, }) {
    const beyond = useBeyond(o);
    const { operator: me } = useSession();
    const [asked, setAsked] = useState();
    const suspend = useAction("suspend-operator");
    const restore = useAction("restore-operator");
    const end = useAction("delete-operator", () => {
        say(`The account of ${tidy(o.first_name)} ${tidy(o.last_name)} has ended.`);
        ended();
    });
    const link = useAction("create-operator-link");
    const self = o.id === me.id;
    const sendLink = async (kind, show) => {
        const made = await link.run({ path: { operator: o.id }, body: { kind, show_link: show || undefined } });
        if (!made)
            return;
        setAsked(undefined);
        if (made.secret)
            showLink(made);
        else
            say(`The link goes to ${made.mailed_to}.`);
    };
    return (_jsxs(_Fragment, { children: [_jsxs(Facts, { children: [_jsx(Fact, { name: "Status", children: _jsx(Badge, { word: operatorStates[o.status] }) }), _jsxs(Fact, { name: "Second factor", children: [o.mfa_enrolled ? `Enrolled, ${o.recovery_codes} recovery codes left` : "Not enrolled", " ", o.mfa_enrolled && o.recovery_codes <= 3 && _jsx(Tag, { tone: "warn", children: "few codes" })] }), _jsx(Fact, { name: "Last sign-in", children: _jsx(Time, { at: o.last_sign_in, none: "never" }) }), _jsx(Fact, { name: "Added", children: day(o.created) }), o.new_email && (_jsxs(Fact, { name: "New e-mail", children: [_jsx("bdi", { children: o.new_email }), " ", _jsx(Tag, { tone: "warn", children: "not confirmed yet" })] }))] }), _jsx(NameForm, { operator: o, requireMFA: requireMFA, beyond: beyond }), _jsxs("div", { className: "row", children: [o.status === "pending" && (_jsx(Action, { icon: "mail", not: beyond, onPress: () => setAsked("invitation"), children: "Send the invitation again" })), o.status === "active" && (_jsxs(_Fragment, { children: [_jsx(Action, { icon: "key", not: beyond, onPress: () => setAsked("password_reset"), children: "Reset the password" }), _jsx(Action, { icon: "shield", not: beyond ??
                                    (self
                                        ? "Remove your own second factor under Your account, with a code."
                                        : o.mfa_enrolled
                                            ? undefined
                                            : "There is no second factor to reset."), onPress: () => setAsked("mfa_reset"), children: "Reset the second factor" }), o.new_email && (_jsx(Action, { icon: "mail", not: beyond, onPress: () => setAsked("email_change"), children: "Confirm the new e-mail" }))] })), o.status === "suspended" ? (_jsx(Action, { icon: "play", not: beyond, onPress: () => setAsked("restore"), children: "Restore" })) : (_jsx(Action, { icon: "pause", not: beyond ?? (self ? "You cannot suspend yourself." : undefined), onPress: () => setAsked("suspend"), children: "Suspend" })), _jsx(Action, { icon: "trash", not: beyond ?? (self ? "You cannot end your own account." : undefined), onPress: () => setAsked("end"), children: "End the account" })] }), (self || !beyond) && (_jsxs(_Fragment, { children: [_jsx(Sessions, { operator: o, beyond: beyond }), _jsx(Keys, { operator: o, beyond: beyond })] })), _jsx(Confirm, { title: `Suspend ${o.first_name} ${o.last_name}?`, open: asked === "suspend", close: () => setAsked(undefined), verb: "Suspend", danger: true, reason: "may", failure: suspend.failure, running: suspend.running, run: async (reason) => (await suspend.run({ path: { operator: o.id }, body: { reason: reason || undefined } })) && setAsked(undefined), children: _jsx(Consequences, { items: [
                        "All sessions end now.",
                        "All API keys are revoked and stay so.",
                        "The choice of mails is deleted. The account stays and can be restored.",
                    ] }) }), _jsx(Confirm, { title: `Restore ${o.first_name} ${o.last_name}?`, open: asked === "restore", close: () => setAsked(undefined), verb: "Restore", failure: restore.failure, running: restore.running, run: async () => (await restore.run({ path: { operator: o.id } })) && setAsked(undefined), children: _jsx(Consequences, { items: [
                        "The account can sign in again, with the password and the second factor that it had.",
                        "API access is off, and the old keys stay revoked.",
                    ] }) }), _jsx(Confirm, { title: `End the account of ${o.first_name} ${o.last_name}?`, open: asked === "end", close: () => {
                    end.clear();
                    setAsked(undefined);
                }, verb: "End the account", danger: true, reason: "may", typed: o.email, failure: end.failure, running: end.running, run: (reason) => void end.run({ path: { operator: o.id }, query: { reason: reason || undefined } }), children: _jsx(Consequences, { items: [
                        "Sessions, API keys, links, access to companies and the choice of mails are deleted. Nothing restores them.",
                        "The audit trail keeps the name.",
                        "The same address can be invited again, as a new account without any of this. A suspension can be undone.",
                    ] }) }), _jsx(LinkDialog, { operator: o, kind: asked === "suspend" || asked === "restore" || asked === "end" ? undefined : asked, close: () => setAsked(undefined), failure: link.failure, running: link.running, send: sendLink })] }));
}
const linkWords = {
    invitation: { title: "Send the invitation again", text: "The new link works for seven days. Earlier ones stop working." },
    password_reset: { title: "Reset the password", text: "A link that sets a new password. When it is used, all sessions end." },
    mfa_reset: {
        title: "Reset the second factor",
        text: "A link that removes the second factor. When it is used, all sessions end, and the next sign-in enrols a new one if one is required.",
    },
    email_change: {
        title: "Confirm the new e-mail",
        text: "A link that goes to the new address. When it is used, the new address replaces the old one, which gets a notice.",
    },
};
function LinkDialog({ operator, kind, close, failure, running, send, }) {
    const [wanted, setShow] = useState(false);
    const show = wanted && kind !== "email_change";
    const lack = useLack("operator.owner");
    const words = linkWords[kind ?? "invitation"];
    return (_jsx(Box, { title: words.title, open: kind !== undefined, close: close, children: _jsxs(FormBox, { failure: failure, submit: () => kind && send(kind, show), children: [_jsx("p", { children: words.text }), kind !== "email_change" && (_jsx(Tick, { label: "Show the link to me instead of mailing it", about: `Otherwise it goes to ${operator.email}. A person who sees the link can become ${tidy(operator.first_name)}.`, checked: show, onChange: setShow, not: lack ? "Only an Owner may see it. If the server sends no mail, it is shown anyway." : undefined })), _jsx(Submit, { running: running, cancel: close, children: show ? "Show the link" : "Send the link" })] }) }));
}
function fieldsOf(o) {
    return { first_name: o.first_name, last_name: o.last_name, email: o.email, mfa_required: o.mfa_required };
}
function NameForm({ operator: o, requireMFA, beyond }) {
    const { base, form, set: setForm, dirty, begin } = useDraft(o, fieldsOf);
    const { operator: me } = useSession();
    const update = useAction("update-operator", () => say("Saved."));
    const save = async (version) => {
        const body = {};
        const was = fieldsOf(base);
        if (form.first_name !== was.first_name)
            body.first_name = form.first_name.trim();
        if (form.last_name !== was.last_name)
            body.last_name = form.last_name.trim();
        if (form.email !== was.email)
            body.email = form.email.trim();
        if (form.mfa_required !== was.mfa_required)
            body.mfa_required = form.mfa_required;
        const answer = await update.run({ path: { operator: o.id }, version, body });
        if (answer)
            begin(answer);
    };
    const stale = update.failure?.status === 412 && o.version !== base.version;
    return (_jsxs(FormBox, { failure: stale ? undefined : update.failure, submit: () => void save(base.version), children: [_jsxs("div", { className: "columns", children: [_jsx(TextInput, { label: "First name", name: "first_name", value: form.first_name, onChange: (first_name) => setForm({ ...form, first_name }), required: true, not: beyond, maxLength: 100 }), _jsx(TextInput, { label: "Last name", name: "last_name", value: form.last_name, onChange: (last_name) => setForm({ ...form, last_name }), required: true, not: beyond, maxLength: 100 })] }), _jsx(TextInput, { label: "E-mail", name: "email", type: "email", value: form.email, onChange: (email) => setForm({ ...form, email }), required: true, not: beyond, about: o.status === "active" ? "A new address takes effect once it is confirmed by a link that goes there." : undefined }), _jsx(Tick, { label: "A second factor is required", checked: form.mfa_required || requireMFA, onChange: (mfa_required) => setForm({ ...form, mfa_required }), not: beyond ??
                    (requireMFA
                        ? "The installation requires it of everybody (Settings)."
                        : o.id === me.id && base.mfa_required
                            ? "Only another administrator can change this."
                            : undefined) }), stale && (_jsx(Versions, { rows: [
                    { label: "First name", mine: form.first_name, theirs: o.first_name },
                    { label: "Last name", mine: form.last_name, theirs: o.last_name },
                    { label: "E-mail", mine: form.email, theirs: o.email },
                    { label: "Second factor required", mine: form.mfa_required ? "yes" : "no", theirs: o.mfa_required ? "yes" : "no" },
                ], keep: () => void save(o.version), take: () => {
                    update.clear();
                    begin(o);
                } })), dirty && !stale && (_jsx(Submit, { running: update.running, cancel: () => setForm(fieldsOf(base)), children: "Save" }))] }));
}
function Sessions({ operator: o, beyond }) {
    const sessions = useRead("list-operator-sessions", { path: { operator: o.id }, query: { limit: 100 } });
    const end = useAction("end-operator-sessions", () => say("All sessions are ended."));
    return (_jsxs(Card, { title: "Sessions", actions: (sessions.data?.items.length ?? 0) > 0 && (_jsx(Action, { small: true, not: beyond, running: end.running, onPress: () => end.run({ path: { operator: o.id } }), children: "End all" })), children: [_jsx(View, { reading: sessions, rows: 2, children: (page) => page.items.length === 0 ? (_jsx("p", { className: "faint", children: "Not signed in anywhere." })) : (_jsx("ul", { className: "todo", children: page.items.map((s) => (_jsxs("li", { children: [_jsx(Name, { text: clientName(s.user_agent), short: true }), _jsxs("div", { className: "faint", children: [s.address || "address unknown", ", last used ", _jsx(Time, { at: s.last_used ?? s.created })] })] }, s.id))) })) }), end.failure && _jsx(Refusal, { failure: end.failure })] }));
}
function Keys({ operator: o, beyond }) {
    const keys = useRead("list-operator-api-keys", { path: { operator: o.id }, query: { limit: 100 } });
    const revoke = useAction("revoke-operator-api-key", () => say("The key is revoked."));
    return (_jsxs(Card, { title: "API keys", children: [_jsx(View, { reading: keys, rows: 2, children: (page) => page.items.length === 0 ? (_jsx("p", { className: "faint", children: o.api_access ? "No key was made yet." : "API access is off." })) : (_jsx("ul", { className: "todo", children: page.items.map((k) => (_jsxs("li", { className: "line line-flush", children: [_jsxs("div", { className: "line-main", children: [_jsxs("span", { children: [_jsxs("span", { className: "mono", children: [k.prefix, "\u2026"] }), " ", k.label && _jsx(Name, { text: k.label, short: true }), " ", k.status !== "live" && _jsx(Tag, { children: k.status })] }), _jsxs("span", { className: "faint", children: ["Made ", day(k.created), ", last used ", _jsx(Time, { at: k.last_used, none: "never" })] })] }), k.status === "live" && (_jsx(Action, { small: true, not: beyond, running: revoke.running, onPress: () => revoke.run({ path: { operator: o.id, key: k.id } }), children: "Revoke" }))] }, k.id))) })) }), revoke.failure && _jsx(Refusal, { failure: revoke.failure })] }));
}
function accessOf(o) {
    return { role: o.role, scope: o.all_tenants ? "all" : o.tenants.length ? "some" : "none", tenants: o.tenants, api_access: o.api_access };
}
function Access({ operator: o }) {
    const beyond = useBeyond(o);
    const { base, form, set: setForm, dirty, begin } = useDraft(o, accessOf);
    const update = useAction("update-operator", () => say("Saved."));
    const save = async (version) => {
        const was = accessOf(base);
        const scoped = form.scope !== was.scope || form.tenants.join() !== was.tenants.join();
        const answer = await update.run({
            path: { operator: o.id },
            version,
            body: {
                ...(form.role !== was.role ? { role: form.role } : {}),
                ...(scoped ? { all_tenants: form.scope === "all", tenants: form.scope === "some" ? form.tenants : [] } : {}),
                ...(form.api_access !== was.api_access ? { api_access: form.api_access } : {}),
            },
        });
        if (answer)
            begin(answer);
    };
    const stale = update.failure?.status === 412 && o.version !== base.version;
    const names = useCompanyNames([...form.tenants, ...o.tenants]);
    const words = (f) => ({
        role: roleTitle(f.role),
        scope: f.scope === "all" ? "all" : list(f.tenants.map((slug) => names.get(slug) ?? slug)) || "none",
        key: f.api_access ? "on" : "off",
    });
    return (_jsxs(FormBox, { failure: stale ? undefined : update.failure, submit: () => void save(base.version), children: [_jsx(AccessInputs, { form: form, put: (change) => setForm({ ...form, ...change }), not: beyond, was: base }), stale && (_jsx(Versions, { rows: [
                    { label: "Role", mine: words(form).role, theirs: words(accessOf(o)).role },
                    { label: "Companies", mine: words(form).scope, theirs: words(accessOf(o)).scope },
                    { label: "API access", mine: words(form).key, theirs: words(accessOf(o)).key },
                ], keep: () => void save(o.version), take: () => {
                    update.clear();
                    begin(o);
                } })), dirty && !stale && (_jsx(Submit, { running: update.running, cancel: () => setForm(accessOf(base)), children: "Save" }))] }));
}
function AccessInputs({ form, put, not, was, }) {
    const { operator: me } = useSession();
    const roles = useRead("list-roles", { query: { limit: 100 } }, { every: false });
    const chosen = roles.data?.items.find((r) => r.role === form.role);
    return (_jsxs(_Fragment, { children: [_jsx(Pick, { label: "Role", name: "role", value: form.role, onChange: (role) => put({ role: role }), required: true, not: not, options: (roles.data?.items ?? []).map((r) => ({
                    id: r.role,
                    text: r.title,
                    not: above(r.role, me.role) ? "It is above your own role." : undefined,
                })) }), chosen && (_jsxs("details", { className: "disclosure", children: [_jsx("summary", { children: "What this role may do" }), _jsx("ul", { className: "rights", children: chosen.rights.map((r) => (_jsx("li", { className: "mono", children: r }, r))) })] })), _jsx(Choose, { label: "Companies", name: "scope", value: form.scope, onChange: (scope) => put({ scope: scope }), required: true, not: not, options: [
                    { id: "none", text: "None yet" },
                    { id: "some", text: "These", about: "Without companies that are added later." },
                    {
                        id: "all",
                        text: "All",
                        about: "Future ones too.",
                        not: me.all_tenants ? undefined : "You do not have all companies yourself.",
                    },
                ] }), form.scope === "some" && _jsx(CompanyList, { value: form.tenants, onChange: (tenants) => put({ tenants }), not: not }), _jsx(Tick, { label: "May make API keys", about: was?.api_access && !form.api_access
                    ? "All keys are revoked at once."
                    : "Leave it off unless it is needed. A key may do what the role may do, except for accounts.", checked: form.api_access, onChange: (api_access) => put({ api_access }), not: not })] }));
}
function AddOperator({ requireMFA, cancel, done, }) {
    const [person, setPerson] = useState({ first: "", last: "", email: "" });
    const [access, setAccess] = useState({ role: "technician", scope: "none", tenants: [], api_access: false });
    const [mfa, setMFA] = useState(true);
    const [show, setShow] = useState(false);
    const lack = useLack("operator.owner");
    const create = useAction("create-operator");
    const run = async () => {
        const made = await create.run({
            body: {
                first_name: person.first.trim(),
                last_name: person.last.trim(),
                email: person.email.trim(),
                role: access.role,
                all_tenants: access.scope === "all" || undefined,
                tenants: access.scope === "some" ? access.tenants : undefined,
                mfa_required: mfa || requireMFA,
                api_access: access.api_access || undefined,
                show_link: show || undefined,
            },
        });
        if (made)
            done(made);
    };
    return (_jsxs(FormBox, { failure: create.failure, submit: run, children: [_jsxs("div", { className: "columns", children: [_jsx(TextInput, { label: "First name", name: "first_name", value: person.first, onChange: (first) => setPerson({ ...person, first }), required: true, autoFocus: true, maxLength: 100 }), _jsx(TextInput, { label: "Last name", name: "last_name", value: person.last, onChange: (last) => setPerson({ ...person, last }), required: true, maxLength: 100 })] }), _jsx(TextInput, { label: "E-mail", name: "email", type: "email", value: person.email, onChange: (email) => setPerson({ ...person, email }), required: true, about: "The invitation goes there, and it is the name to sign in with." }), _jsx(AccessInputs, { form: access, put: (change) => setAccess({ ...access, ...change }) }), _jsx(Tick, { label: "A second factor is required", about: "The first sign-in leads to its enrolment.", checked: mfa || requireMFA, onChange: setMFA, not: requireMFA ? "The installation requires it of everybody." : undefined }), _jsx(Tick, { label: "Show the link to me instead of mailing it", checked: show, onChange: setShow, not: lack ? "Only an Owner may see it. If the server sends no mail, it is shown anyway." : undefined }), _jsx(Note, { children: "The status is \u201Cpending\u201D until the person has registered with the link, which works for seven days." }), _jsx(Submit, { running: create.running, cancel: cancel, children: "Add" })] }));
}
