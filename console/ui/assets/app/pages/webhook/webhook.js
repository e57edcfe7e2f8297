import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useState } from "react";
import { useLocation, useParams as usePath } from "wouter";
import { useAction, useRead } from "../../api/query.js";
import { Action, Badge, Code, Fact, Facts, Head, More, Name, Note, Tabs, Time, To, useLack } from "../../parts/basic.js";
import { Confirm, Consequences, Versions } from "../../parts/dialog.js";
import { useDraft } from "../../parts/draft.js";
import { useFinding } from "../../parts/finding.js";
import { Foresight } from "../../parts/foresight.js";
import { FormBox, Refusal } from "../../parts/form.js";
import { useCompanyNames } from "../../parts/names.js";
import { View } from "../../parts/state.js";
import { say } from "../../parts/toast.js";
import { count, many, sentence } from "../../parts/words.js";
import { to, useTitle } from "../../shell/place.js";
import { Deliveries } from "./deliveries.js";
import { Fields, formats, kindsOf, Secret, signed, wholes } from "./form.js";
import { Companies, states } from "./list.js";
import { Progress } from "./progress.js";
const tabs = [
    { id: "", text: "Deliveries" },
    { id: "companies", text: "Companies" },
    { id: "settings", text: "Settings" },
];
export default function WebhookPage() {
    const { webhook: raw, tab = "" } = usePath();
    const name = decodeURIComponent(raw ?? "");
    const webhook = useRead("get-webhook", { path: { webhook: name } }, { every: 5_000 });
    useTitle(`${tabs.find((t) => t.id === tab)?.text ?? "Webhook"} · ${name}`);
    return (_jsx(View, { reading: webhook, what: "The webhook", level: 1, children: (w) => (_jsxs(_Fragment, { children: [_jsx(WebhookHead, { webhook: w }), _jsx(Tabs, { label: "Sections of the webhook", current: tab, sections: tabs.map((t) => ({ ...t, href: to.webhook(w.name, t.id), count: t.id === "companies" ? w.failing : 0 })) }), tab === "" && _jsx(Deliveries, { webhook: w }), tab === "companies" && _jsx(Progress, { webhook: w }), tab === "settings" && _jsx(Settings, { webhook: w })] })) }));
}
function WebhookHead({ webhook: w }) {
    const path = { webhook: w.name };
    const [, go] = useLocation();
    const [tried, setTried] = useFinding(w.version, w.status, w.reason, w.failing_since);
    const [issued, setIssued] = useState();
    const [dialog, setDialog] = useState();
    const test = useAction("test-webhook", setTried);
    const pause = useAction("update-webhook", () => say("The webhook is paused. Its events wait."));
    const resume = useAction("resume-webhook", () => say("The webhook is resumed."));
    const rotate = useAction("rotate-webhook", (made) => {
        setDialog(undefined);
        setIssued(made);
    });
    const remove = useAction("delete-webhook", () => {
        say("The webhook is deleted.");
        go(to.webhooks);
    });
    const failure = test.failure ?? pause.failure ?? resume.failure;
    const stopped = w.status === "paused" || w.status === "parked";
    return (_jsxs(_Fragment, { children: [_jsxs(Head, { title: _jsx(Name, { text: w.name }), badge: _jsx(Badge, { word: states[w.status] }), sub: _jsx(To, { href: to.webhooks, children: "Webhooks" }), children: [_jsx(Action, { right: "webhook.manage", running: test.running, onPress: () => test.run({ path }), children: "Send a test" }), stopped ? (_jsx(Action, { look: "primary", icon: "play", right: "webhook.manage", running: resume.running, onPress: () => resume.run({ path }), children: "Resume" })) : (_jsx(Action, { icon: "pause", right: "webhook.manage", running: pause.running, onPress: () => pause.run({ path, body: { paused: true } }), children: "Pause" })), _jsx(More, { label: `Actions for ${w.name}`, choices: [
                            ...(signed(w.format)
                                ? [
                                    {
                                        id: "rotate",
                                        text: "Rotate the secret",
                                        icon: "key",
                                        right: "webhook.manage",
                                        run: () => setDialog("rotate"),
                                    },
                                ]
                                : []),
                            {
                                id: "delete",
                                text: "Delete",
                                icon: "trash",
                                danger: true,
                                right: "webhook.manage",
                                run: () => setDialog("delete"),
                                apart: true,
                            },
                        ] })] }), _jsxs("div", { className: "stack", children: [failure && _jsx(Refusal, { failure: failure }), tried && (_jsxs(Note, { tone: tried.value.ok ? "good" : "bad", children: [tried.value.ok
                                ? `The receiver accepted the test message: ${tried.value.status}, after ${count(tried.value.millis)} ms.`
                                : `The test message was not accepted: ${tried.value.error}.`, " ", _jsxs("span", { className: "faint", children: ["Tested ", _jsx(Time, { at: tried.at }), "."] })] })), w.reason && _jsx(Note, { tone: w.status === "parked" ? "bad" : "warn", children: sentence(w.reason) }), _jsxs(Facts, { children: [_jsx(Fact, { name: "URL", children: _jsx(Code, { text: w.url, what: "the URL" }) }), _jsx(Fact, { name: "Companies", children: _jsx(Companies, { webhook: w }) }), _jsx(Fact, { name: "It gets", children: formats[w.format] }), _jsx(Fact, { name: "Events", children: w.events.length ? _jsx(Name, { text: w.events.join(", ") }) : wholes[w.format] }), _jsx(Fact, { name: "Waiting", children: count(w.backlog) }), _jsxs(Fact, { name: "Last 24 hours", children: [count(w.taken_24h), " of ", many(w.sent_24h, "attempt", "attempts"), " succeeded"] }), _jsx(Fact, { name: "Last success", children: _jsx(Time, { at: w.last_success, none: "never" }) }), signed(w.format) && (_jsxs(Fact, { name: "Secret", children: ["made ", _jsx(Time, { at: w.secret_created }), w.old_secret_until && (_jsxs(_Fragment, { children: ["; the previous one signs until ", _jsx(Time, { at: w.old_secret_until })] }))] }))] })] }), _jsx(Confirm, { title: "Rotate the secret?", open: dialog === "rotate", close: () => setDialog(undefined), verb: "Rotate", failure: rotate.failure, running: rotate.running, run: () => void rotate.run({ path, body: {} }), children: _jsx(Consequences, { items: ["A new secret is shown once.", "Both secrets sign for 24 hours, so that the receiver can be changed without an outage."] }) }), _jsx(Confirm, { title: _jsxs(_Fragment, { children: ["Delete ", w.name, "?"] }), open: dialog === "delete", close: () => setDialog(undefined), verb: "Delete", danger: true, failure: remove.failure, running: remove.running, run: () => void remove.run({ path }), children: _jsx(Consequences, { items: ["Nothing more is sent to it.", w.backlog > 0 && `${count(w.backlog)} events that wait are not delivered.`] }) }), _jsx(Secret, { issued: issued, close: () => setIssued(undefined) })] }));
}
function wantedOf(w) {
    return {
        format: w.format,
        url: signed(w.format) ? w.url : "",
        events: w.events.join(", "),
        which: w.all ? "all" : "some",
        tenants: w.tenants,
        installation: w.installation,
    };
}
function Settings({ webhook: now }) {
    const lack = useLack("webhook.manage");
    const { base, form, set: setForm, dirty, begin } = useDraft(now, wantedOf);
    const update = useAction("update-webhook", (saved) => {
        begin(saved);
        say("Saved.");
    });
    const ask = (from) => {
        const which = form.which === "all" ? (from.all ? {} : { all: true }) : { tenants: form.tenants };
        return {
            path: { webhook: now.name },
            version: from.version,
            body: {
                ...(form.url ? { url: form.url } : {}),
                ...(form.format === "audit" ? { installation: form.installation } : { events: kindsOf(form.events) }),
                ...which,
            },
        };
    };
    const save = (from) => void update.run(ask(from));
    const [previewed, setPreviewed] = useState();
    const none = lack ?? (dirty ? undefined : "Nothing was changed.");
    const stale = update.failure?.status === 412 && now.version !== base.version;
    const names = useCompanyNames([...form.tenants, ...now.tenants]);
    const companies = (f) => (f.which === "all" ? "All" : f.tenants.map((slug) => names.get(slug) ?? slug).join(", "));
    const there = wantedOf(now);
    return (_jsx("div", { className: "narrow", children: _jsxs(FormBox, { failure: stale ? undefined : update.failure, submit: () => save(base), children: [_jsx(Fields, { form: form, set: setForm, not: lack, kept: !signed(now.format) }), _jsx("p", { className: "about", children: "A new company sends its events from now on. A removed company sends none." }), stale ? (_jsx(Versions, { rows: [
                        { label: "URL", mine: form.url, theirs: there.url },
                        { label: "Companies", mine: companies(form), theirs: companies(there) },
                        { label: "Kinds of event", mine: form.events, theirs: there.events },
                        {
                            label: "Audit lines of the installation",
                            mine: form.installation ? "yes" : "no",
                            theirs: there.installation ? "yes" : "no",
                        },
                    ], keep: () => save(now), take: () => {
                        update.clear();
                        begin(now);
                    } })) : (_jsxs(_Fragment, { children: [_jsx(Foresight, { operation: "update-webhook", ask: ask(base), on: previewed === form, lines: true }), _jsxs("div", { className: "form-foot", children: [_jsx(Action, { not: none, onPress: () => setPreviewed(form), children: "Preview" }), _jsx(Action, { submit: true, look: "primary", running: update.running, not: none, children: "Save" })] })] }))] }) }));
}
