import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useState } from "react";
import { useAction, useRead } from "../../api/query.js";
import { Action, Card, Code, Fact, Facts, Head, Note, Nothing, Scroll, useLack, useRights } from "../../parts/basic.js";
import { Confirm, Consequences, Versions } from "../../parts/dialog.js";
import { useDraft } from "../../parts/draft.js";
import { FileDrop } from "../../parts/file.js";
import { FormBox, Search, Submit, TextInput, Tick } from "../../parts/form.js";
import { Logo } from "../../parts/logo.js";
import { View, Withheld } from "../../parts/state.js";
import { say } from "../../parts/toast.js";
import { bytes, count, money, people } from "../../parts/words.js";
import { useTitle } from "../../shell/place.js";
export default function Settings() {
    useTitle("Settings");
    const rights = useRights();
    return (_jsxs(_Fragment, { children: [_jsx(Head, { title: "Settings", sub: "Settings of the whole installation. All others are in the configuration of the server." }), _jsxs("div", { className: "stack", children: [rights.has("operator.read") ? _jsx(Introduction, {}) : _jsx(Withheld, { title: "Provider", right: "operator.read" }), rights.has("operator.read") ? _jsx(Factor, {}) : _jsx(Withheld, { title: "Second factor", right: "operator.read" }), _jsx(Plans, {}), _jsx(Roles, {}), rights.has("server.manage") ? _jsx(MailTest, {}) : _jsx(Withheld, { title: "Mail", right: "server.manage" }), _jsx(BundleKey, {}), rights.has("server.manage") ? _jsx(Configuration, {}) : _jsx(Withheld, { title: "Configuration of the server", right: "server.manage" })] })] }));
}
function Introduction() {
    const provider = useRead("get-provider");
    return (_jsx(Card, { title: "Provider", children: _jsx(View, { reading: provider, rows: 2, children: (p) => (_jsxs(_Fragment, { children: [_jsx(IntroductionForm, { now: p }), _jsx(LogoForm, { now: p })] })) }) }));
}
function IntroductionForm({ now }) {
    const { base, form, set, dirty, begin } = useDraft(now, (p) => ({ name: p.name ?? "", support: p.support ?? "" }));
    const update = useAction("update-provider", (saved) => {
        begin(saved);
        say("Saved.");
    });
    const lack = useLack("provider.mfa");
    const save = (version) => void update.run({ version, body: { name: form.name.trim(), support: form.support.trim() } });
    const stale = update.failure?.status === 412 && now.version !== base.version;
    return (_jsxs(FormBox, { failure: stale ? undefined : update.failure, submit: () => save(base.version), children: [_jsx("p", { className: "about", children: "It is shown on the sign-in page, at the end of mails, and on the page of an invitation." }), _jsxs("div", { className: "pair", children: [_jsx(TextInput, { label: "Name", name: "name", value: form.name, onChange: (name) => set({ ...form, name }), maxLength: 100, not: lack }), _jsx(TextInput, { label: "E-mail for help", name: "support", type: "email", value: form.support, onChange: (support) => set({ ...form, support }), maxLength: 254, not: lack })] }), stale ? (_jsx(Versions, { rows: [
                    { label: "Name", mine: form.name, theirs: now.name ?? "" },
                    { label: "E-mail for help", mine: form.support, theirs: now.support ?? "" },
                ], keep: () => save(now.version), take: () => {
                    update.clear();
                    begin(now);
                } })) : (_jsx(Submit, { running: update.running, right: "provider.mfa", not: dirty ? undefined : "Nothing was changed.", children: "Save" }))] }));
}
const logoFile = 256 * 1024;
function LogoForm({ now }) {
    const update = useAction("update-provider", (saved) => say(saved.logo ? "The logo is saved." : "The logo is removed."));
    const [large, setLarge] = useState("");
    const lack = useLack("provider.mfa");
    const take = async (file) => {
        update.clear();
        setLarge("");
        if (file.size > logoFile)
            return setLarge(`${file.name} has ${bytes(file.size)}; at most ${bytes(logoFile)} are taken.`);
        await update.run({ body: { logo: base64(new Uint8Array(await file.arrayBuffer())) } });
    };
    return (_jsxs("section", { className: "stack", "aria-label": "Logo", children: [_jsx("h3", { children: "Logo" }), _jsxs("div", { className: "row", children: [now.logo ? _jsx(Logo, { mark: now.logo }) : _jsx(Nothing, { children: "none" }), now.logo && (_jsx(Action, { right: "provider.mfa", running: update.running, onPress: () => void update.run({ version: now.version, body: { logo: "" } }), children: "Remove the logo" }))] }), large && _jsx(Note, { tone: "bad", children: large }), update.failure && _jsx(Note, { tone: "bad", children: update.failure.message }), lack ? (_jsx("p", { className: "about", children: lack })) : (_jsx(FileDrop, { label: now.logo ? "Another logo" : "A logo", about: "A PNG or JPEG of at most 256 KiB and 1024 pixels a side", accept: "image/png,image/jpeg", file: undefined, take: (file) => void take(file) }))] }));
}
function base64(file) {
    let text = "";
    for (const byte of file)
        text += String.fromCharCode(byte);
    return btoa(text);
}
function Configuration() {
    const settings = useRead("list-configuration", { query: { limit: 500 } }, { every: false });
    const [q, setQ] = useState("");
    const [all, setAll] = useState(false);
    const wanted = (s) => (all || s.set) && (!q || `${s.name} ${s.about}`.toLowerCase().includes(q.toLowerCase()));
    return (_jsxs(Card, { title: "Configuration of the server", flush: true, children: [_jsxs("div", { className: "card-pad row", children: [_jsx(Search, { label: "Search settings", value: q, onChange: setQ }), _jsx(Tick, { label: "Also settings with their default", checked: all, onChange: setAll })] }), _jsx(View, { reading: settings, rows: 6, children: (page) => {
                    const shown = page.items.filter(wanted);
                    if (!shown.length)
                        return _jsx("p", { className: "card-pad faint", children: q ? "No setting matches." : "Every setting has its default." });
                    return (_jsx(Scroll, { label: "Configuration", children: _jsxs("table", { className: "mini mini-wide", children: [_jsx("thead", { children: _jsxs("tr", { children: [_jsx("th", { scope: "col", children: "Setting" }), _jsx("th", { scope: "col", children: "Value" }), _jsx("th", { scope: "col", children: "What it means" })] }) }), _jsx("tbody", { children: shown.map((s) => (_jsxs("tr", { children: [_jsx("th", { scope: "row", className: "mono", children: s.name }), _jsx("td", { className: "mono loose", children: s.value || _jsx(Nothing, { children: "none" }) }), _jsx("td", { className: "faint loose", children: s.about })] }, s.name))) })] }) }));
                } }), _jsx("p", { className: "card-note", children: "Change it in the file or the environment variables of the server, and restart. Secrets are not shown." })] }));
}
function Factor() {
    const provider = useRead("get-provider");
    const operators = useRead("list-operators", { query: { limit: 500 } });
    const [asked, setAsked] = useState(false);
    const update = useAction("update-provider", () => say("Saved."));
    const missing = operators.data?.items.filter((o) => !o.mfa_enrolled && o.status !== "suspended").length ?? 0;
    const on = provider.data?.require_mfa ?? false;
    return (_jsx(Card, { title: "Second factor", children: _jsx(View, { reading: provider, rows: 2, children: (p) => (_jsxs(_Fragment, { children: [_jsxs("div", { className: "line line-flush", children: [_jsxs("div", { className: "line-main", children: [_jsxs("span", { children: ["Required of everybody: ", _jsx("strong", { children: p.require_mfa ? "yes" : "no" })] }), _jsxs("span", { className: "faint", children: [p.require_mfa
                                                ? "Every administrator needs a second factor, including future ones."
                                                : "Each administrator has a requirement of their own, under Administrators.", " ", missing > 0 && `${people(missing)} ${missing === 1 ? "has" : "have"} none yet.`] })] }), _jsx(Action, { right: "provider.mfa", onPress: () => setAsked(true), children: p.require_mfa ? "No longer require it" : "Require it of everybody" })] }), _jsx(Confirm, { title: on ? "No longer require it of everybody?" : "Require a second factor of everybody?", open: asked, close: () => {
                            update.clear();
                            setAsked(false);
                        }, verb: on ? "No longer require it" : "Require it", failure: update.failure, running: update.running, run: async () => (await update.run({ version: p.version, body: { require_mfa: !on } })) && setAsked(false), children: _jsx(Consequences, { items: on
                                ? [
                                    "It stays required of everybody for now. After that, it can be changed for each administrator, under Administrators.",
                                ]
                                : [
                                    missing
                                        ? `${people(missing)} without a second factor can only enrol one at the next sign-in.`
                                        : "Everybody has a second factor already.",
                                    "The field under Administrators is locked while this is on.",
                                    "It applies to everybody who is added later.",
                                ] }) })] })) }) }));
}
function price(p) {
    const currency = p.currency ?? "";
    const every = p.billed_every === "year" ? ", billed yearly" : "";
    if (p.flat_price)
        return `${money(String(p.flat_price), currency)} a month${every}`;
    if (p.seat_price)
        return `${money(String(p.seat_price), currency)} a member and month${every}`;
    return "no price";
}
function Plans() {
    const plans = useRead("list-plans", { query: { limit: 100 } }, { every: false });
    return (_jsxs(Card, { title: "Plans", flush: true, children: [_jsx(View, { reading: plans, rows: 3, children: (page) => (_jsx(Scroll, { label: "Plans", children: _jsxs("table", { className: "mini mini-wide mini-wraps", children: [_jsx("thead", { children: _jsxs("tr", { children: [_jsx("th", { scope: "col", children: "Plan" }), _jsx("th", { scope: "col", children: "Price" }), _jsx("th", { scope: "col", className: "cell-end", children: "Members" }), _jsx("th", { scope: "col", className: "cell-end", children: "Guests included" }), _jsx("th", { scope: "col", children: "SCIM" }), _jsx("th", { scope: "col", children: "Custom groups" })] }) }), _jsx("tbody", { children: page.items.map((p) => (_jsxs("tr", { children: [_jsxs("th", { scope: "row", children: [p.title, " ", _jsx("span", { className: "faint mono", children: p.name })] }), _jsx("td", { children: price(p) }), _jsx("td", { className: "cell-end", children: p.max_members ? `up to ${count(p.max_members)}` : "as bought" }), _jsx("td", { className: "cell-end", children: count(p.included_guests) }), _jsx("td", { children: p.scim ? "yes" : _jsx(Nothing, { children: "no" }) }), _jsx("td", { children: p.custom_groups ? "yes" : _jsx(Nothing, { children: "no" }) })] }, p.name))) })] }) })) }), _jsx("p", { className: "card-note", children: "The catalogue is in the configuration of the server." })] }));
}
const rightWords = {
    self: "Their own password, second factor, sessions and API keys",
    "server.read": "See version, health and plans",
    "server.manage": "Backups, checks, jobs and waiting mails",
    "provider.record": "Read the audit trail of the installation",
    "provider.mfa": "Require a second factor of everybody; name and logo of the provider",
    "operator.read": "See administrators",
    "operator.manage": "Add and change administrators, up to their own role and companies",
    "operator.owner": "Add and change Owners",
    "webhook.read": "See webhooks and channels",
    "webhook.manage": "Add and change webhooks and channels",
    "tenant.create": "Add a company",
    "tenant.read": "See companies",
    "tenant.enter": "Launch into a company",
    "tenant.update": "Change name, address and settings of a company",
    "tenant.billing": "Change plan and seats; see usage and cost",
    "tenant.hand_over": "Hand a company over, or link one",
    "tenant.delete": "Delete a company with everything in it",
    "tenant.record": "Read the audit trail and the events of a company",
    "tenant.alert": "Acknowledge alerts",
    "connection.read": "See connections and their journal",
    "connection.manage": "Connect, change and pause an identity provider; decide about held removals",
    "credential.manage": "Make and revoke credentials and application keys",
    "target.read": "See applications that people are sent to",
    "target.manage": "Add and change applications that people are sent to",
    "user.read": "See people",
    "user.suspend": "Suspend, hold, release and recover a person",
    "user.manage": "Add, invite, import and change people",
    "user.request_deletion": "Ask for the deletion of a person",
    "user.delete": "Delete a person for good, and decide about requests",
    "group.read": "See groups",
    "group.manage": "Add groups; change members",
    "group.delete": "Delete a group",
};
function Roles() {
    const roles = useRead("list-roles", { query: { limit: 100 } }, { every: false });
    const all = [...new Set(roles.data?.items.flatMap((r) => r.rights) ?? [])];
    return (_jsx(Card, { title: "Roles", flush: true, children: _jsx(View, { reading: roles, rows: 6, children: (page) => (_jsx(Scroll, { label: "Roles and rights", children: _jsxs("table", { className: "mini mini-wide", children: [_jsx("thead", { children: _jsxs("tr", { children: [_jsx("th", { scope: "col", children: "Right" }), page.items.map((r) => (_jsx("th", { scope: "col", children: r.title }, r.role)))] }) }), _jsx("tbody", { children: all.map((right) => (_jsxs("tr", { children: [_jsx("th", { scope: "row", className: "right-name", children: _jsxs("span", { className: "two-lines", children: [rightWords[right], _jsx("span", { className: "faint mono", children: right })] }) }), page.items.map((r) => (_jsx("td", { children: r.rights.includes(right) ? "yes" : _jsx(Nothing, { children: "\u2013" }) }, r.role)))] }, right))) })] }) })) }) }));
}
function MailTest() {
    const [to, setTo] = useState("");
    const test = useAction("test-mail", (mail) => say(`A mail to ${mail.to} is in the outbox.`));
    const lack = useLack("server.manage");
    return (_jsxs(Card, { title: "Mail", children: [_jsxs(FormBox, { failure: test.failure, submit: () => void test.run({ body: { to: to.trim() } }), className: "form form-line", children: [_jsx(TextInput, { label: "Send a test to", name: "to", type: "email", value: to, onChange: setTo, required: true, not: lack }), _jsx(Submit, { running: test.running, right: "server.manage", children: "Send" })] }), test.failure?.status === 501 && _jsx("p", { className: "about", children: "Mail is switched on by mail.host in the configuration of the server." })] }));
}
function BundleKey() {
    const key = useRead("get-bundle-key", {}, { every: false });
    return (_jsx(Card, { title: "Hand-over", children: _jsx(View, { reading: key, rows: 1, children: (k) => (_jsx(Facts, { children: _jsxs(Fact, { name: "Public key", children: [_jsx(Code, { text: k.public_key, what: "the public key", block: true }), _jsx("span", { className: "about", children: "Bundles of this installation are signed with it. Another installation compares it before it imports a company." })] }) })) }) }));
}
