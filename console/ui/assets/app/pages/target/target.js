import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useState } from "react";
import { useLocation, useParams as usePath } from "wouter";
import { useAction, useRead } from "../../api/query.js";
import { Action, Badge, Code, Fact, Facts, Head, More, Name, Note, Tabs, Time, To, useLack } from "../../parts/basic.js";
import { CompanyNames } from "../../parts/companies.js";
import { Box, Confirm, Consequences, Versions } from "../../parts/dialog.js";
import { useDraft } from "../../parts/draft.js";
import { useFinding } from "../../parts/finding.js";
import { FormBox, Refusal, Submit } from "../../parts/form.js";
import { View } from "../../parts/state.js";
import { say } from "../../parts/toast.js";
import { count, sentence } from "../../parts/words.js";
import { to, useTitle } from "../../shell/place.js";
import { Companies } from "./companies.js";
import { bodyOf, Credential, Fields, leaves, peoples, presents, profiles, Which, wantedOf } from "./form.js";
import { states } from "./list.js";
import { Rules, ruleText } from "./mapping.js";
const tabs = [
    { id: "", text: "Companies" },
    { id: "settings", text: "Settings" },
];
export default function TargetPage() {
    const { target: raw, tab = "" } = usePath();
    const name = decodeURIComponent(raw ?? "");
    const target = useRead("get-target", { path: { target: name } }, { every: 5_000 });
    useTitle(`${tabs.find((t) => t.id === tab)?.text ?? "Target"} · ${name}`);
    return (_jsx(View, { reading: target, what: "The target", level: 1, children: (t) => (_jsxs(_Fragment, { children: [_jsx(TargetHead, { target: t }), _jsx(Tabs, { label: "Sections of the target", current: tab, sections: tabs.map((one) => ({ ...one, href: to.target(t.name, one.id) })) }), tab === "" && _jsx(Companies, { target: t }), tab === "settings" && _jsx(Settings, { target: t })] })) }));
}
function TargetHead({ target: t }) {
    const path = { target: t.name };
    const [, go] = useLocation();
    const [found, setFound] = useFinding(t.version, t.status, t.reason);
    const [dialog, setDialog] = useState();
    const check = useAction("check-target", (answer) => setFound(answer.items));
    const pause = useAction("update-target", () => say("The target is paused. Nothing is sent."));
    const resume = useAction("resume-target", () => say("The target is resumed."));
    const remove = useAction("delete-target", () => {
        say("The target is deleted.");
        go(to.targets);
    });
    const failure = check.failure ?? pause.failure ?? resume.failure;
    const bad = found?.value.find((f) => !f.ok);
    return (_jsxs(_Fragment, { children: [_jsxs(Head, { title: _jsx(Name, { text: t.name }), badge: _jsx(Badge, { word: states[t.status] }), sub: _jsx(To, { href: to.targets, children: "Targets" }), children: [_jsx(Action, { right: "target.manage", running: check.running, onPress: () => check.run({ path }), children: "Check" }), t.status === "paused" || t.status === "quarantined" ? (_jsx(Action, { look: "primary", icon: "play", right: "target.manage", running: resume.running, onPress: () => resume.run({ path }), children: "Resume" })) : (_jsx(Action, { icon: "pause", right: "target.manage", running: pause.running, onPress: () => pause.run({ path, body: { paused: true } }), children: "Pause" })), _jsx(More, { label: `Actions for ${t.name}`, choices: [
                            {
                                id: "credential",
                                text: "Replace the credential",
                                icon: "key",
                                right: "target.manage",
                                run: () => setDialog("credential"),
                            },
                            {
                                id: "retry",
                                text: "Try again who was refused",
                                icon: "refresh",
                                right: "target.manage",
                                not: t.parked ? undefined : "No person is parked.",
                                run: () => void resume.run({ path }),
                            },
                            {
                                id: "delete",
                                text: "Delete",
                                icon: "trash",
                                danger: true,
                                right: "target.manage",
                                run: () => setDialog("delete"),
                                apart: true,
                            },
                        ] })] }), _jsxs("div", { className: "stack", children: [failure && _jsx(Refusal, { failure: failure }), found && (_jsxs(Note, { tone: bad ? "bad" : "good", children: [bad ? `${bad.what}: ${bad.detail}.` : `It works: ${found.value.map((f) => `${f.what}: ${f.detail}`).join("; ")}.`, " ", _jsxs("span", { className: "faint", children: ["Checked ", _jsx(Time, { at: found.at }), "."] })] })), t.reason && _jsx(Note, { tone: t.status === "quarantined" ? "bad" : "warn", children: sentence(t.reason) }), t.held > 0 && (_jsxs(Note, { tone: "warn", children: ["The brake holds ", count(t.held), " removals. Release them for the company after a look at its plan."] })), _jsxs(Facts, { children: [_jsx(Fact, { name: "URL", children: _jsx(Code, { text: t.url, what: "the URL" }) }), _jsx(Fact, { name: "Application", children: profiles[t.profile] }), t.mapping.length > 0 && _jsx(Fact, { name: "Sent otherwise", children: t.mapping.map(ruleText).join("; ") }), _jsx(Fact, { name: "Companies", children: t.all ? "All" : t.tenants.length ? _jsx(CompanyNames, { of: t }) : "none" }), _jsxs(Fact, { name: "Has", children: [count(t.users), " people, ", count(t.group_count), " groups"] }), _jsx(Fact, { name: "Waiting", children: count(t.pending) }), _jsx(Fact, { name: "Up to date", children: _jsx(Time, { at: t.synced, none: "never" }) }), _jsx(Fact, { name: "Last success", children: _jsx(Time, { at: t.last_success, none: "never" }) }), _jsxs(Fact, { name: "Credential", children: ["given ", _jsx(Time, { at: t.secret_created })] })] })] }), _jsx(Box, { title: "Replace the credential", open: dialog === "credential", close: () => setDialog(undefined), firm: true, children: dialog === "credential" && _jsx(Replace, { target: t, close: () => setDialog(undefined) }) }), _jsx(Confirm, { title: _jsxs(_Fragment, { children: ["Delete ", t.name, "?"] }), open: dialog === "delete", close: () => setDialog(undefined), verb: "Delete", danger: true, failure: remove.failure, running: remove.running, run: () => void remove.run({ path }), children: _jsx(Consequences, { items: [
                        "Nothing more is sent to it.",
                        t.users > 0 && `The ${count(t.users)} people that the application has stay there.`,
                        "What was kept about it for its companies is deleted.",
                    ] }) })] }));
}
function Replace({ target: t, close }) {
    const [secret, setSecret] = useState("");
    const update = useAction("update-target", () => {
        say("The credential is replaced.");
        close();
    });
    return (_jsxs(FormBox, { failure: update.failure, submit: () => void update.run({ path: { target: t.name }, body: { secret } }), children: [_jsx(Credential, { value: secret, set: setSecret, client: t.client_id ?? "" }), _jsx(Submit, { running: update.running, cancel: close, right: "target.manage", children: "Replace" })] }));
}
function Settings({ target: now }) {
    const lack = useLack("target.manage");
    const draft = useDraft(now, (t) => ({ wanted: wantedOf(t), rules: t.mapping }));
    const { base, dirty, begin } = draft;
    const { wanted: form, rules } = draft.form;
    const [secret, setSecret] = useState("");
    const update = useAction("update-target", (saved) => {
        begin(saved);
        setSecret("");
        say("Saved.");
    });
    const before = wantedOf(base);
    const elsewhere = form.url !== before.url || form.token !== before.token || form.client !== before.client;
    const save = (from) => void update.run({
        path: { target: now.name },
        version: from.version,
        body: { ...bodyOf(form), mapping: rules, ...(elsewhere ? { secret } : {}) },
    });
    const stale = update.failure?.status === 412 && now.version !== base.version;
    const there = wantedOf(now);
    return (_jsx("div", { className: "narrow", children: _jsxs(FormBox, { failure: stale ? undefined : update.failure, submit: () => save(base), children: [_jsx(Fields, { form: form, set: (wanted) => draft.set({ ...draft.form, wanted }), not: lack }), _jsx(Which, { form: form, set: (wanted) => draft.set({ ...draft.form, wanted }), some: "Those that it is shared with", not: lack }), before.which === "all" && form.which === "some" && (_jsx(Note, { tone: "warn", children: "Nothing more is sent of companies that it is not shared with by name. What the application has of them stays there." })), _jsx(Rules, { rules: rules, set: (next) => draft.set({ ...draft.form, rules: next }), not: lack }), elsewhere && (_jsxs(_Fragment, { children: [_jsx("p", { className: "about", children: "Another address or client needs its credential again." }), _jsx(Credential, { value: secret, set: setSecret, client: form.client })] })), stale ? (_jsx(Versions, { rows: [
                        { label: "URL", mine: form.url, theirs: there.url },
                        { label: "Client id", mine: form.client, theirs: there.client },
                        { label: "Token URL", mine: form.token, theirs: there.token },
                        { label: "Scope of the access token", mine: form.scope, theirs: there.scope },
                        { label: "Existing records", mine: presents[form.existing], theirs: presents[now.existing] },
                        { label: "Application", mine: profiles[form.profile], theirs: profiles[now.profile] },
                        { label: "People", mine: peoples[form.people], theirs: peoples[now.people] },
                        { label: "People who leave", mine: leaves[form.leave], theirs: leaves[now.on_leave] },
                        { label: "All companies", mine: form.which === "all" ? "yes" : "no", theirs: now.all ? "yes" : "no" },
                        { label: "Groups", mine: form.groups ? "sent" : "not sent", theirs: there.groups ? "sent" : "not sent" },
                        { label: "Sent otherwise", mine: rules.map(ruleText).join("; "), theirs: now.mapping.map(ruleText).join("; ") },
                    ], keep: () => save(now), take: () => {
                        update.clear();
                        begin(now);
                    } })) : (_jsx(Submit, { running: update.running, not: lack ?? (dirty ? undefined : "Nothing was changed."), children: "Save" }))] }) }));
}
