import { jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useAction, useRead } from "../../api/query.js";
import { Action, Note, useLack } from "../../parts/basic.js";
import { CompanyList } from "../../parts/companies.js";
import { Versions } from "../../parts/dialog.js";
import { useDraft } from "../../parts/draft.js";
import { Choose, FormBox, Submit, Tick } from "../../parts/form.js";
import { useCompanyNames } from "../../parts/names.js";
import { View } from "../../parts/state.js";
import { say } from "../../parts/toast.js";
const kinds = [
    { id: "alert", text: "What raises an alert", about: "Protected groups, unusual removals, sync health, credentials, full seats." },
    { id: "seats.*", text: "Seats", about: "Notices at 80, 90 and 100 %, and idle seats." },
    { id: "seats.idle", text: "Idle seats", about: "Once a week, the people who do not use their seat." },
    { id: "seat.refused", text: "Refused seats", about: "A person got no seat." },
    { id: "user.*", text: "People", about: "Each person who is created, suspended, reactivated or deleted." },
    { id: "write.refused", text: "Refusals", about: "A rule refused a write of an identity provider." },
    { id: "deletion.*", text: "Deletion requests", about: "Filed and decided." },
    { id: "connection.*", text: "Connections", about: "Created, changed, disconnected, and the state of their sync." },
    { id: "token.*", text: "Credentials", about: "Created, revoked, and about to expire." },
    { id: "tenant.*", text: "Companies", about: "Added, changed, handed over, entered by an operator." },
    { id: "operator.*", text: "Administrators", about: "Added, changed, suspended." },
];
export function Mails({ operator }) {
    const mine = operator === "me";
    const own = useRead("get-my-subscription", {}, { enabled: mine });
    const others = useRead("get-subscription", { path: { operator } }, { enabled: !mine });
    return (_jsx(View, { reading: mine ? own : others, rows: 4, children: (s) => _jsx(MailsForm, { operator: operator, subscription: s }) }));
}
function choiceOf(s) {
    return { kinds: s.kinds, tenants: s.tenants, daily: s.daily, scope: s.tenants.length ? "some" : "all" };
}
function MailsForm({ operator, subscription: s }) {
    const mine = operator === "me";
    const lack = useLack(mine ? undefined : "operator.manage");
    const { base, form, set: setForm, begin } = useDraft(s, choiceOf);
    const saved = (now) => {
        begin(now);
        say("Saved.");
    };
    const undone = (now) => {
        begin(now);
        say("The role decides again which mails are sent.");
    };
    const setMine = useAction("set-my-subscription", saved);
    const setOther = useAction("set-subscription", saved);
    const resetMine = useAction("reset-my-subscription", undone);
    const resetOther = useAction("reset-subscription", undone);
    const { scope } = form;
    const body = { kinds: form.kinds, daily: form.daily || undefined, tenants: scope === "some" ? form.tenants : undefined };
    const save = (version) => void (mine ? setMine.run({ body, version }) : setOther.run({ path: { operator }, body, version }));
    const others = s.kinds.filter((k) => !kinds.some((known) => known.id === k));
    const failure = setMine.failure ?? setOther.failure ?? resetMine.failure ?? resetOther.failure;
    const stale = failure?.status === 412 && s.version !== base.version;
    const there = choiceOf(s);
    const names = useCompanyNames([...form.tenants, ...there.tenants]);
    const companies = (c) => (c.scope === "all" ? "All" : c.tenants.map((slug) => names.get(slug) ?? slug).join(", "));
    const kindsText = (c) => c.kinds.map((id) => kinds.find((k) => k.id === id)?.text ?? id).join(", ");
    return (_jsxs(FormBox, { failure: stale ? undefined : failure, submit: () => save(base.version), children: [_jsxs(Note, { tone: s.told ? "info" : "warn", children: [s.told
                        ? `Mails go to ${s.email}.`
                        : "No mail is sent: the account is not active, lacks a required second factor, has no companies, or has no kind of mail.", " ", s.default ? "The role decides which mails are sent." : "The kinds were chosen by hand."] }), _jsxs("fieldset", { className: "field choices", children: [_jsx("legend", { className: "label", children: "Kinds" }), _jsx("div", { className: "choice-list", children: [...kinds, ...others.map((id) => ({ id, text: id, about: "" }))].map((k) => (_jsx(Tick, { label: k.text, about: k.about, checked: form.kinds.includes(k.id), not: lack, onChange: (on) => setForm({ ...form, kinds: on ? [...form.kinds, k.id] : form.kinds.filter((x) => x !== k.id) }) }, k.id))) })] }), _jsx(Choose, { label: "For which companies", name: "scope", value: scope, onChange: (next) => setForm({ ...form, scope: next }), not: lack, required: true, options: [
                    { id: "all", text: "All companies of the account" },
                    { id: "some", text: "These" },
                ] }), scope === "some" && _jsx(CompanyList, { value: form.tenants, onChange: (tenants) => setForm({ ...form, tenants }), not: lack }), _jsx(Tick, { label: "Once a day, if it can wait", about: "Refusals, for example. What raises an alert is sent at once.", checked: form.daily, onChange: (daily) => setForm({ ...form, daily }), not: lack }), stale && (_jsx(Versions, { rows: [
                    { label: "Kinds", mine: kindsText(form), theirs: kindsText(there) },
                    { label: "Companies", mine: companies(form), theirs: companies(there) },
                    { label: "Once a day", mine: form.daily ? "yes" : "no", theirs: there.daily ? "yes" : "no" },
                ], keep: () => save(s.version), take: () => {
                    setMine.clear();
                    setOther.clear();
                    begin(s);
                } })), _jsxs("div", { className: "form-foot form-foot-split", children: [_jsx(Action, { not: lack ?? (s.default ? "The role decides already." : undefined), running: resetMine.running || resetOther.running, onPress: () => (mine ? resetMine.run({}) : resetOther.run({ path: { operator } })), children: "As my role says" }), _jsx(Submit, { running: setMine.running || setOther.running, not: lack, children: "Save" })] })] }));
}
