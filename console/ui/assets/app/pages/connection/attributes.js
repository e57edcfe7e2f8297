import { jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useState } from "react";
import { useAction } from "../../api/query.js";
import { Action, Card, IconAction, Note, Scroll, Tag, useLack } from "../../parts/basic.js";
import { Versions } from "../../parts/dialog.js";
import { useDraft } from "../../parts/draft.js";
import { FormBox, Pick, Refusal, TextInput, Tick } from "../../parts/form.js";
import { Empty } from "../../parts/state.js";
import { say } from "../../parts/toast.js";
import { builtInGroups, count, many, sentence, tidy } from "../../parts/words.js";
const targets = [
    { id: "userName", text: "userName" },
    { id: "email", text: "E-mail", about: "The address of type work." },
    { id: "userType", text: "userType" },
    { id: "department", text: "Department" },
];
const groups = [
    { id: "owners", text: "Owners" },
    { id: "administrators", text: "Administrators" },
    { id: "security", text: "Security" },
    { id: "provision_managers", text: "Provision Managers" },
];
function draftOf(c) {
    return {
        attributes: c.attribute_mapping?.attributes ?? [],
        roles: c.attribute_mapping?.roles ?? [],
        refuse: c.attribute_mapping?.outside_domains === "refuse",
    };
}
function textOf(d) {
    return [
        ...d.attributes.map((r) => `${r.target} ${r.constant === undefined ? `from ${r.source}` : `is “${r.constant}”`}`),
        ...d.roles.map((r) => `${r.source} “${r.value}” grants ${builtInGroups[r.grants] ?? r.grants}`),
        ...(d.refuse ? ["people outside the domains are refused"] : []),
    ].join("; ");
}
export function Attributes({ connection: c }) {
    const lack = useLack("connection.manage");
    const { base, form: draft, set: setDraft, dirty, begin } = useDraft(c, draftOf);
    const [user, setUser] = useState("");
    const [trial, setTrial] = useState();
    const attempt = useAction("try-attribute-mapping");
    const update = useAction("update-connection", () => say("Applied."));
    const change = (next) => {
        setDraft(next);
        setTrial(undefined);
    };
    const put = (i, part) => change({ ...draft, attributes: draft.attributes.map((r, j) => (i === j ? { ...r, ...part } : r)) });
    const mapping = { attributes: draft.attributes, roles: draft.roles, outside_domains: draft.refuse ? "refuse" : "" };
    const run = async () => {
        const done = await attempt.run({ path: { connection: c.slug }, body: user ? { mapping, user } : { mapping } });
        if (done)
            setTrial(done);
    };
    const stale = update.failure?.status === 412 && c.version !== base.version;
    const apply = async (version) => {
        const made = await update.run({ path: { connection: c.slug }, version, body: { attribute_mapping: mapping } });
        if (!made)
            return;
        begin(made);
        setTrial(undefined);
    };
    const free = targets.filter((t) => !draft.attributes.some((r) => r.target === t.id));
    const add = () => change({ ...draft, attributes: [...draft.attributes, { target: (free[0]?.id ?? "userName") }] });
    return (_jsxs(Card, { title: "Attributes", id: "attributes", children: [_jsx("p", { className: "page-sub", children: "The attributes that everybody sees can come from other attributes of the identity provider. The identity provider itself still reads what it sent." }), _jsxs(FormBox, { failure: stale ? undefined : update.failure, submit: () => void apply(base.version), children: [draft.attributes.length === 0 && (_jsx(Empty, { icon: "group", title: "No rule", action: _jsx(Action, { icon: "plus", not: lack, onPress: add, children: "Add a rule" }), children: "People have the attributes that the identity provider sends." })), draft.attributes.map((r, i) => (_jsx(Rule, { rule: r, at: i, lack: lack, options: targets.filter((t) => t.id === r.target || free.includes(t)), put: (part) => put(i, part), remove: () => change({ ...draft, attributes: draft.attributes.filter((_, j) => j !== i) }) }, r.target))), draft.roles.map((r, i) => (_jsx(Role, { rule: r, at: i, lack: lack, put: (part) => change({ ...draft, roles: draft.roles.map((x, j) => (i === j ? { ...x, ...part } : x)) }), remove: () => change({ ...draft, roles: draft.roles.filter((_, j) => j !== i) }) }, i))), _jsx("div", { children: _jsx(Action, { icon: "plus", small: true, not: lack, onPress: () => change({ ...draft, roles: [...draft.roles, { source: "roles", value: "", grants: "administrators" }] }), children: "Grant a role" }) }), _jsx(Tick, { label: "Refuse people with no address in the domains of the company", name: "outside", checked: draft.refuse, onChange: (refuse) => change({ ...draft, refuse }), not: lack, about: "Otherwise they are guests, as the settings of the company say." }), _jsx(TextInput, { label: "Try it on", name: "user", value: user, onChange: setUser, not: lack, about: "The userName of one person. Empty: the people of this connection." }), attempt.failure && _jsx(Refusal, { failure: attempt.failure }), trial && _jsx(Trial, { trial: trial }), stale && (_jsx(Versions, { rows: [{ label: "Rules", mine: textOf(draft), theirs: textOf(draftOf(c)) }], keep: () => void apply(c.version), take: () => {
                            update.clear();
                            begin(c);
                        } })), _jsxs("div", { className: "form-foot form-foot-split", children: [draft.attributes.length > 0 && (_jsx(Action, { icon: "plus", not: lack ?? (free.length ? undefined : "Every attribute has a rule."), onPress: add, children: "Add a rule" })), _jsx(Action, { not: lack, running: attempt.running, onPress: () => void run(), children: "Try" }), _jsx(Action, { submit: true, look: "primary", not: lack ?? (dirty ? undefined : "Nothing was changed."), running: update.running, children: "Apply" })] })] })] }));
}
function Rule({ rule: r, at, lack, options, put, remove }) {
    const fixed = r.target === "userType" || r.target === "department";
    return (_jsxs("div", { className: "mapping", children: [_jsx(Pick, { label: "Attribute", name: `target-${at}`, value: r.target, onChange: (target) => put({ target: target, constant: undefined, default: undefined }), required: true, not: lack, options: options }), _jsx(TextInput, { label: fixed ? "From, or =constant" : "From", name: `source-${at}`, value: r.constant === undefined ? (r.source ?? "") : `=${r.constant}`, onChange: (text) => put(fixed && text.startsWith("=")
                    ? { constant: text.slice(1), source: undefined, default: undefined }
                    : { source: text, constant: undefined }), required: true, not: lack }), fixed && r.constant === undefined ? (_jsx(TextInput, { label: "Otherwise", name: `default-${at}`, value: r.default ?? "", onChange: (text) => put({ default: text || undefined }), not: lack })) : (_jsx("span", {})), _jsx(IconAction, { icon: "trash", label: "Remove this rule", right: "connection.manage", onPress: remove })] }));
}
function Role({ rule: r, at, lack, put, remove }) {
    return (_jsxs("div", { className: "mapping", children: [_jsx(Pick, { label: "Built-in group", name: `grants-${at}`, value: r.grants, onChange: (grants) => put({ grants: grants }), required: true, not: lack, options: groups }), _jsx(Pick, { label: "For people with", name: `role-source-${at}`, value: r.source, onChange: (source) => put({ source: source }), required: true, not: lack, options: [
                    { id: "roles", text: "A role" },
                    { id: "entitlements", text: "An entitlement" },
                ] }), _jsx(TextInput, { label: "Value", name: `role-value-${at}`, value: r.value, onChange: (value) => put({ value }), required: true, not: lack }), _jsx(IconAction, { icon: "trash", label: "Take this role out", right: "connection.manage", onPress: remove })] }));
}
function Trial({ trial: t }) {
    return (_jsxs("section", { className: "stack", "aria-label": "What the rules would do", role: "status", children: [_jsx(Note, { tone: t.refusal ? "bad" : "good", children: t.refusal
                    ? sentence(t.refusal)
                    : `Tried on ${many(t.users, "person", "people")}: ${count(t.changed)} would change. Nothing was changed yet.` }), t.missing.map((m) => (_jsxs(Note, { tone: "warn", children: [many(m.users, "person has", "people have"), " no value at ", m.source, "."] }, m.target))), t.items.some((u) => u.attributes.length > 0) && (_jsx(Scroll, { label: "People", children: _jsxs("table", { className: "table", children: [_jsx("thead", { children: _jsxs("tr", { children: [_jsx("th", { scope: "col", children: "Person" }), _jsx("th", { scope: "col", children: "Attribute" }), _jsx("th", { scope: "col", children: "Now" }), _jsx("th", { scope: "col", children: "Then" }), _jsx("th", { scope: "col", children: "From" })] }) }), _jsx("tbody", { children: t.items.flatMap((u) => u.attributes.map((a) => (_jsxs("tr", { children: [_jsxs("td", { children: [tidy(u.userName), " ", u.refused && _jsx(Tag, { tone: "bad", children: "refused" })] }), _jsx("td", { children: a.target }), _jsx("td", { children: a.before ? tidy(a.before) : "–" }), _jsx("td", { children: a.value ? tidy(a.value) : "–" }), _jsx("td", { children: a.from || "–" })] }, `${u.id} ${a.target}`)))) })] }) }))] }));
}
