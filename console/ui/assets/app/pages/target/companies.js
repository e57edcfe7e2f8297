import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useEffect, useState } from "react";
import { useAction, useList } from "../../api/query.js";
import { Action, Badge, Fact, Facts, More, Name, Note, Nothing, Time } from "../../parts/basic.js";
import { CompanyFind } from "../../parts/companies.js";
import { Box, Confirm, Consequences } from "../../parts/dialog.js";
import { FormBox, Refusal, Submit, TextInput } from "../../parts/form.js";
import { Empty, Skeleton } from "../../parts/state.js";
import { Table } from "../../parts/table.js";
import { say } from "../../parts/toast.js";
import { count, sentence, tidy } from "../../parts/words.js";
import { namesOf } from "./form.js";
import { states } from "./list.js";
const columns = [
    {
        id: "tenant",
        title: "Company",
        cell: (p) => (_jsxs("span", { className: "two-lines", children: [_jsx(Name, { text: p.tenant_name, short: true }), p.reason && _jsx("span", { className: "faint wrap", children: sentence(p.reason) })] })),
    },
    { id: "status", title: "Status", cell: (p) => _jsx(Badge, { word: states[p.status] }) },
    { id: "people", title: "People", from: "tablet", end: true, cell: (p) => count(p.users) },
    { id: "groups", title: "Groups", from: "desktop", end: true, cell: (p) => count(p.group_count) },
    { id: "pending", title: "Waiting", end: true, cell: (p) => count(p.pending) },
    { id: "parked", title: "Refused", from: "laptop", end: true, cell: (p) => count(p.parked) },
    { id: "held", title: "Held", from: "laptop", end: true, cell: (p) => (p.held ? count(p.held) : _jsx(Nothing, {})) },
    { id: "next", title: "Next attempt", from: "laptop", cell: (p) => (p.next ? _jsx(Time, { at: p.next }) : _jsx(Nothing, {})) },
    { id: "compared", title: "Compared", from: "desktop", cell: (p) => _jsx(Time, { at: p.compared, none: "never" }) },
    { id: "synced", title: "Up to date", from: "tablet", cell: (p) => _jsx(Time, { at: p.synced, none: "never" }) },
];
export function Companies({ target: t }) {
    const list = useList("list-target-progress", { path: { target: t.name } }, { every: 5_000 });
    const [sharing, setSharing] = useState(false);
    const [open, setOpen] = useState();
    const close = () => setOpen(undefined);
    const one = list.rows?.find((p) => p.tenant === open?.tenant);
    const company = _jsx(Name, { text: one?.tenant_name ?? "" });
    const share = (_jsx(Action, { icon: "plus", right: "target.manage", not: t.all ? "It has all companies already. The menu of a company changes which of its groups are sent." : undefined, onPress: () => setSharing(true), children: "Share with a company" }));
    const choice = (p, what) => () => setOpen({ what, tenant: p.tenant });
    return (_jsxs("div", { className: "stack", children: [_jsx("div", { className: "row", children: share }), _jsx(Table, { name: "target-companies", label: "Companies of the target", loose: true, list: list, columns: columns, rowKey: (p) => p.tenant, open: (p) => setOpen({ what: "refused", tenant: p.tenant }), empty: _jsx(Empty, { icon: "building", title: "No company", children: "It is attached to no company that you have access to. Share it with one." }), menu: (p) => (_jsx(More, { label: `Actions for ${tidy(p.tenant_name)}`, choices: [
                        { id: "plan", text: "Show the plan", icon: "search", right: "target.manage", run: choice(p, "plan") },
                        { id: "refused", text: "Show who was refused", icon: "people", run: choice(p, "refused") },
                        {
                            id: "compare",
                            text: "Compare and send now",
                            icon: "refresh",
                            right: "target.manage",
                            not: t.status === "paused" ? "The target is paused." : undefined,
                            run: choice(p, "compare"),
                        },
                        {
                            id: "release",
                            text: "Release held removals",
                            icon: "check",
                            right: "target.manage",
                            not: p.held ? undefined : "The brake holds none.",
                            run: choice(p, "release"),
                        },
                        { id: "groups", text: "Change its groups", icon: "group", right: "target.manage", run: choice(p, "groups") },
                        {
                            id: "detach",
                            text: "Detach",
                            icon: "leave",
                            danger: true,
                            right: "target.manage",
                            not: t.all ? "It is attached to all companies, which the settings can end." : undefined,
                            apart: true,
                            run: choice(p, "detach"),
                        },
                    ] })) }), _jsx(Box, { title: `Share ${t.name} with a company`, open: sharing, close: () => setSharing(false), children: sharing && _jsx(Share, { target: t, close: () => setSharing(false) }) }), _jsx(Box, { title: _jsxs(_Fragment, { children: ["Groups of ", company] }), open: open?.what === "groups" && one !== undefined, close: close, children: one && _jsx(Share, { target: t, company: one, close: close }) }), _jsx(Box, { title: _jsxs(_Fragment, { children: ["Plan for ", company] }), sub: "What a run would send now. Both sides were read, and nothing was written.", open: open?.what === "plan" && one !== undefined, close: close, wide: true, children: one && _jsx(Plan, { target: t, company: one }) }), _jsx(Box, { title: _jsxs(_Fragment, { children: ["Who was refused in ", company] }), open: open?.what === "refused" && one !== undefined, close: close, wide: true, children: one && _jsx(Refused, { target: t, company: one }) }), _jsx(Run, { target: t, company: open?.what === "compare" ? one : undefined, close: close }), _jsx(Release, { target: t, company: open?.what === "release" ? one : undefined, close: close }), _jsx(Detach, { target: t, company: open?.what === "detach" ? one : undefined, close: close })] }));
}
function Share({ target: t, company, close }) {
    const [tenant, setTenant] = useState(company?.tenant ?? "");
    const [groups, setGroups] = useState((company?.groups ?? []).join(", "));
    const share = useAction("share-target", (made) => {
        say(company ? "Saved." : `The people of ${tidy(made.tenant_name)} are sent to ${t.name} from now on.`);
        close();
    });
    return (_jsxs(FormBox, { failure: share.failure, submit: () => void share.run({ path: { target: t.name, tenant }, body: { groups: namesOf(groups) } }), children: [!company && _jsx(CompanyFind, { value: tenant, onChange: setTenant }), _jsx(TextInput, { label: "Only these groups", name: "groups", value: groups, onChange: setGroups, placeholder: "Engineering, Sales", about: "Names or ids. Empty means everybody, and all groups. People who are no longer in the groups leave the application." }), _jsx("p", { className: "about", children: "The credential stays with you. The company does not see it." }), _jsx(Submit, { running: share.running, cancel: close, right: "target.manage", not: tenant ? undefined : "Choose a company.", children: company ? "Save" : "Share" })] }));
}
const actions = {
    create: { text: "Create", tone: "good" },
    adopt: { text: "Adopt", tone: "good" },
    update: { text: "Change", tone: "quiet" },
    deactivate: { text: "Deactivate", tone: "warn" },
    delete: { text: "Delete", tone: "bad" },
    forget: { text: "Forget", tone: "quiet" },
};
function whatOf(s) {
    const members = s.join + s.leave + s.waiting > 0 ? `+${s.join} −${s.leave} members, ${s.waiting} wait` : "";
    const names = s.attributes.map((path) => path.replace(/^urn:.*:/, ""));
    return [members, names.join(", ")].filter(Boolean).join("; ");
}
const steps = [
    {
        id: "name",
        title: "Name",
        cell: (s) => (_jsxs("span", { className: "two-lines", children: [_jsx(Name, { text: s.name }), (s.held || s.waits) && _jsx("span", { className: "faint wrap", children: s.held ? "The brake holds it." : s.waits })] })),
    },
    { id: "action", title: "Action", cell: (s) => _jsx(Badge, { word: actions[s.action] }) },
    { id: "what", title: "What", from: "tablet", cell: (s) => _jsx("span", { className: "faint wrap", children: whatOf(s) }) },
];
function Plan({ target: t, company: p }) {
    const [plan, setPlan] = useState();
    const preview = useAction("preview-target", setPlan);
    const { run } = preview;
    const { name } = t;
    const { tenant } = p;
    useEffect(() => void run({ path: { target: name, tenant } }), [run, name, tenant]);
    if (preview.failure)
        return _jsx(Refusal, { failure: preview.failure });
    if (!plan)
        return _jsx(Skeleton, { rows: 4 });
    return (_jsxs("div", { className: "stack", children: [_jsxs(Facts, { children: [_jsx(Fact, { name: "Steps", children: count(plan.steps.length + plan.more) }), _jsx(Fact, { name: "Removals of access", children: count(plan.removals) }), _jsx(Fact, { name: "Held by the brake", children: count(plan.held) }), _jsx(Fact, { name: "Changed there by others", children: count(plan.differences.length) })] }), plan.differences.length > 0 && (_jsxs(Note, { tone: "warn", children: ["Others changed", " ", plan.differences
                        .slice(0, 5)
                        .map((d) => `${d.name} (${d.what})`)
                        .join(", "), plan.differences.length > 5 && ` and ${count(plan.differences.length - 5)} more`, ". The plan sets that right."] })), _jsx(Table, { name: "target-plan", label: "Plan", list: {
                    rows: plan.steps,
                    data: plan,
                    isPending: false,
                    isFetching: false,
                    isError: false,
                    error: null,
                    refetch: () => undefined,
                    dataUpdatedAt: Date.now(),
                }, columns: steps, rowKey: (s) => `${s.kind} ${s.id}`, loose: true, empty: _jsx(Empty, { icon: "check", title: "Both sides are equal", children: "Nothing would be sent." }) }), plan.more > 0 && _jsxs("p", { className: "about", children: [count(plan.more), " more steps are not shown."] })] }));
}
const failures = [
    {
        id: "name",
        title: "Name",
        cell: (f) => (_jsxs("span", { className: "two-lines", children: [_jsx(Name, { text: f.name }), _jsx("span", { className: "faint wrap", children: sentence(f.error) })] })),
    },
    {
        id: "status",
        title: "Status",
        cell: (f) => _jsx(Badge, { word: f.status === "parked" ? { text: "Parked", tone: "bad" } : { text: "Tried again", tone: "warn" } }),
    },
    { id: "tries", title: "Attempts", from: "tablet", end: true, cell: (f) => count(f.tries) },
    { id: "next", title: "Next attempt", from: "tablet", cell: (f) => (f.next ? _jsx(Time, { at: f.next }) : _jsx(Nothing, {})) },
];
function Refused({ target: t, company: p }) {
    const list = useList("list-target-failures", { path: { target: t.name, tenant: p.tenant } }, { every: 5_000 });
    return (_jsxs("div", { className: "stack", children: [_jsx("p", { className: "about", children: "Parked people and groups are tried again when they change here, or after you resume the target." }), _jsx(Table, { name: "target-failures", label: "People and groups that were refused", list: list, columns: failures, rowKey: (f) => `${f.kind} ${f.id}`, loose: true, empty: _jsx(Empty, { icon: "check", title: "No refusal", children: "The application took everybody whom it was sent." }) })] }));
}
function Run({ target: t, company: p, close }) {
    const sync = useAction("sync-target", () => {
        say(`A run of ${t.name} for ${tidy(p?.tenant_name ?? "") || "the company"} begins.`);
        close();
    });
    return (_jsx(Confirm, { title: _jsxs(_Fragment, { children: ["Compare ", t.name, " with ", _jsx(Name, { text: p?.tenant_name ?? "" }), "?"] }), open: p !== undefined, close: close, verb: "Compare and send", failure: sync.failure, running: sync.running, run: () => p && void sync.run({ path: { target: t.name, tenant: p.tenant }, body: { compare: true } }), children: _jsx(Consequences, { items: ["The application is read completely.", "What others changed there is set right.", "What failed before is tried again."] }) }));
}
function Release({ target: t, company: p, close }) {
    const sync = useAction("sync-target", () => {
        say("The removals are sent.");
        close();
    });
    const held = p?.held ?? 0;
    return (_jsx(Confirm, { title: _jsxs(_Fragment, { children: ["Release ", count(held), " removals of ", _jsx(Name, { text: p?.tenant_name ?? "" }), "?"] }), open: p !== undefined, close: close, verb: "Release", not: held > 0 ? undefined : "The brake holds none any more.", danger: true, failure: sync.failure, running: sync.running, run: () => p && void sync.run({ path: { target: t.name, tenant: p.tenant }, body: { release: held } }), children: _jsx(Consequences, { items: ["These people and groups lose access to the application.", "The plan shows who they are."] }) }));
}
function Detach({ target: t, company: p, close }) {
    const detach = useAction("detach-target", () => {
        say(`${tidy(p?.tenant_name ?? "") || "The company"} is detached from ${t.name}.`);
        close();
    });
    return (_jsx(Confirm, { title: _jsxs(_Fragment, { children: ["Detach ", _jsx(Name, { text: p?.tenant_name ?? "" }), " from ", t.name, "?"] }), open: p !== undefined, close: close, verb: "Detach", danger: true, failure: detach.failure, running: detach.running, run: () => p && void detach.run({ path: { target: t.name, tenant: p.tenant } }), children: _jsx(Consequences, { items: [
                "Nothing more of this company is sent.",
                "What was kept about the target for this company is deleted.",
                p !== undefined && p.users > 0 && `The ${count(p.users)} people that the application has stay there.`,
            ] }) }));
}
