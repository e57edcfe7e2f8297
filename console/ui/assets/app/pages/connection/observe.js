import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useState } from "react";
import { useAction, useList, useRead } from "../../api/query.js";
import { Action, Card, Fact, Facts, Name, Note, Nothing, Tag, useLack } from "../../parts/basic.js";
import { Confirm, Consequences } from "../../parts/dialog.js";
import { Filter, FormBox, Pick, Refusal } from "../../parts/form.js";
import { Rule } from "../../parts/rule.js";
import { Empty, Failed, View } from "../../parts/state.js";
import { Table, TableBar } from "../../parts/table.js";
import { say } from "../../parts/toast.js";
import { count, exact, list, many, typeTitle } from "../../parts/words.js";
import { useParams } from "../../shell/place.js";
const effects = {
    create: { text: "Create", tone: "good" },
    restore: { text: "Restore", tone: "good" },
    update: { text: "Change", tone: "info" },
    suspend: { text: "Suspend", tone: "warn" },
    activate: { text: "Activate", tone: "good" },
    remove: { text: "Remove", tone: "bad" },
    take_over: { text: "Take over", tone: "hold" },
};
function number(kind, n) {
    if (kind === "User")
        return many(n, "person", "people");
    if (kind === "Group")
        return many(n, "group", "groups");
    return `${count(n)} of ${kind}`;
}
export function Observe({ connection: c }) {
    return c.observing ? _jsx(Observed, { connection: c }) : _jsx(Begin, { connection: c });
}
function Begin({ connection: c }) {
    const lack = useLack("connection.manage");
    const [over, setOver] = useState("");
    const start = useAction("start-observation", () => say(`${c.slug} is in observe mode.`));
    const others = useRead("list-connections", { query: { tenant: c.tenant, limit: 100 } }, { every: false });
    const rest = (others.data?.items ?? []).filter((o) => o.slug !== c.slug);
    return (_jsxs("div", { className: "narrow stack", children: [_jsxs("p", { className: "page-sub", children: [c.google
                        ? "In observe mode the runs of this connection change a copy of the company, and the company stays as it is."
                        : `In observe mode ${typeTitle(c.type)} reads and writes a copy of the company. It is answered as usual, and the company does not change.`, " ", "You look at the difference, and then promote it or drop it."] }), others.isError && !others.data && _jsx(Failed, { error: others.error, retry: () => others.refetch(), what: "The other connections" }), _jsxs(FormBox, { failure: start.failure, submit: () => void start.run({ path: { connection: c.slug }, body: { take_over: over || undefined } }), children: [rest.length > 0 && (_jsx(Pick, { label: "Rehearse a change of the identity provider", name: "take_over", value: over || "*", onChange: (next) => setOver(next === "*" ? "" : next), not: lack, options: [
                            { id: "*", text: "No: observe this connection" },
                            ...rest.map((o) => ({ id: o.slug, text: `Take over from ${o.slug}`, about: typeTitle(o.type) })),
                        ], about: "In the copy, no connection manages the records of the other one. A promotion hands each record over and keeps its id." })), _jsx(Consequences, { items: [
                            !c.google && `${typeTitle(c.type)} keeps its base URL and its credential.`,
                            "No seat is taken, no event is sent, and no person gains or loses access.",
                            "Until it ends, the connection cannot be disconnected, and the company cannot be handed over or deleted.",
                        ] }), _jsx("div", { className: "form-foot", children: _jsx(Action, { submit: true, look: "primary", icon: "search", not: lack ?? (c.ending ? "It is being disconnected." : undefined), running: start.running, children: "Start to observe" }) })] })] }));
}
function Observed({ connection: c }) {
    const seen = useRead("get-observation", { path: { connection: c.slug } }, { every: 10_000 });
    return (_jsx(View, { reading: seen, what: "The difference", children: (o) => (o.ready ? _jsx(Difference, { connection: c, observation: o }) : _jsx(Lost, { connection: c, observation: o })) }));
}
function Lost({ connection: c, observation: o }) {
    const lack = useLack("connection.manage");
    const start = useAction("start-observation", () => say("A new copy is made."));
    return (_jsxs("div", { className: "stack", children: [_jsxs(Note, { tone: "warn", children: ["There is no complete copy of the company, so ", typeTitle(c.type), " is answered 503 and tries again later. The copy is being made, or it was lost, as after a restore, or a command was interrupted."] }), start.failure && _jsx(Refusal, { failure: start.failure }), _jsxs("div", { className: "row", children: [_jsx(Action, { icon: "refresh", not: lack, running: start.running, onPress: () => void start.run({ path: { connection: c.slug }, body: { take_over: o.observing.take_over } }), children: "Make the copy again" }), _jsx(Drop, { connection: c })] })] }));
}
function Difference({ connection: c, observation: o }) {
    const [left, setLeft] = useState();
    const { observing, seats } = o;
    return (_jsxs("div", { className: "stack", children: [_jsxs("div", { className: "columns-2-1", children: [_jsx(Card, { title: "What a promotion changes", actions: _jsxs(_Fragment, { children: [_jsx(Drop, { connection: c }), _jsx(Promote, { connection: c, observation: o, left: setLeft })] }), children: o.changes === 0 ? (_jsxs("p", { children: ["There is no difference yet.", " ", c.google ? "Start a run on the tab Runs, and look again." : `Let ${typeTitle(c.type)} sync, and look again.`] })) : (_jsx("ul", { className: "consequences", children: o.counts.map((n) => (_jsxs("li", { children: [_jsx(Tag, { tone: effects[n.effect].tone, children: effects[n.effect].text }), " ", number(n.kind, n.number)] }, n.kind + n.effect))) })) }), _jsx(Card, { title: "Observe mode", children: _jsxs(Facts, { children: [_jsxs(Fact, { name: "Since", children: [exact(observing.since), " by ", _jsx(Name, { text: observing.by })] }), observing.take_over && _jsx(Fact, { name: "Takes over from", children: observing.take_over }), _jsxs(Fact, { name: "Seats", children: [count(seats.before), " \u2192 ", count(seats.after), seats.limit > 0 && ` of ${count(seats.limit)}`] })] }) })] }), observing.promoting && _jsxs(Note, { tone: "info", children: ["The difference is being promoted. ", typeTitle(c.type), " is asked to wait."] }), left && _jsx(Left, { left: left, close: () => setLeft(undefined) }), o.refused.length > 0 && (_jsx(Card, { title: "Refused by rules", tone: "bad", children: _jsx("ul", { className: "todo", children: o.refused.map((r) => (_jsxs("li", { children: [many(r.writes, "write", "writes"), ", the last of ", _jsx(Name, { text: r.subject || "no record", short: true }), ": ", r.reason, " ", _jsx(Rule, { id: r.rule })] }, r.rule + r.subject))) }) })), o.held.length > 0 && (_jsxs(Note, { tone: "warn", children: ["The brake would hold ", many(o.held.length, "removal", "removals"), ": ", list(o.held.slice(0, 5).map((h) => h.name)), o.held.length > 5 && ` and ${count(o.held.length - 5)} more`, ". They are not promoted; ", typeTitle(c.type), " asks for them again."] })), _jsx(Changes, { connection: c })] }));
}
const columns = [
    {
        id: "name",
        title: "Person or group",
        cell: (d) => (_jsxs("span", { className: "two-lines", children: [_jsx(Name, { text: d.name, short: true }), d.was && (_jsxs("span", { className: "faint", children: ["was ", _jsx(Name, { text: d.was, short: true })] })), d.same && d.same.length > 0 && (_jsxs(Tag, { tone: "warn", children: ["perhaps a duplicate of ", _jsx(Name, { text: d.same.map((s) => s.user_name).join(", "), short: true })] }))] })),
    },
    { id: "kind", title: "Kind", from: "laptop", cell: (d) => (d.kind === "User" ? "Person" : d.kind) },
    { id: "effect", title: "Effect", cell: (d) => _jsx(Tag, { tone: effects[d.effect].tone, children: effects[d.effect].text }) },
    {
        id: "attributes",
        title: "Difference",
        from: "tablet",
        cell: (d) => {
            const parts = [...d.attributes, d.joins && `${count(d.joins)} join`, d.leaves && `${count(d.leaves)} leave`].filter(Boolean);
            return parts.length ? _jsx("span", { className: "mono", children: parts.join(", ") }) : _jsx(Nothing, {});
        },
    },
    {
        id: "matched",
        title: "Matched by",
        from: "laptop",
        cell: (d) => (d.matched_by ? _jsx("span", { className: "mono", children: d.matched_by }) : _jsx(Nothing, {})),
    },
    { id: "from", title: "Managed by", from: "laptop", cell: (d) => d.from ?? _jsx(Nothing, { children: "no connection" }) },
];
function Changes({ connection: c }) {
    const [params, set] = useParams();
    const effect = params.get("effect") ?? "";
    const changes = useList("list-observed-changes", { path: { connection: c.slug } }, { every: 10_000 });
    const rows = changes.rows?.filter((d) => !effect || d.effect === effect);
    return (_jsxs(_Fragment, { children: [_jsx(TableBar, { filtered: effect !== "", clear: () => set({ effect: undefined }), children: _jsx(Filter, { label: "Effect", value: effect, onChange: (next) => set({ effect: next }), options: Object.entries(effects).map(([id, e]) => ({ id, text: e.text })) }) }), _jsx(Table, { name: "observed", label: "Observed changes", list: { ...changes, rows }, columns: columns, rowKey: (d) => `${d.kind} ${d.id}`, filtered: effect !== "", clear: () => set({ effect: undefined }), loose: true, empty: _jsx(Empty, { icon: "check", title: "No difference", children: "The copy equals the company. What the identity provider writes appears here." }) })] }));
}
function Promote({ connection: c, observation: o, left, }) {
    const lack = useLack("connection.manage");
    const [asked, setAsked] = useState(false);
    const [promoted, setPromoted] = useState(0);
    const promote = useAction("promote-observation");
    const nothing = o.changes > 0 ? undefined : "The copy equals the company, so nothing would be promoted. Drop ends observe mode.";
    const run = async () => {
        left(undefined);
        let sum = 0;
        for (;;) {
            const step = await promote.run({ path: { connection: c.slug }, body: { digest: o.digest ?? "" } });
            if (!step)
                return;
            sum += step.promoted;
            setPromoted(sum);
            if (!step.done && step.promoted > 0 && step.left.length === 0)
                continue;
            setAsked(false);
            if (step.done)
                say(`${many(sum, "change is", "changes are")} promoted. ${c.slug} writes to the company again.`);
            else
                left(step.left);
            return;
        }
    };
    return (_jsxs(_Fragment, { children: [_jsx(Action, { look: "primary", icon: "check", not: lack ?? (c.paused ? "The connection is paused: resume it first." : nothing), onPress: () => setAsked(true), children: "Promote" }), _jsx(Confirm, { title: `Promote ${many(o.changes, "change", "changes")}?`, open: asked, close: () => {
                    promote.clear();
                    setAsked(false);
                }, verb: "Promote", not: promote.running ? undefined : nothing, failure: promote.failure, running: promote.running, run: () => void run(), children: _jsx(Consequences, { items: [
                        "The changes are made in the company now, in the name of the connection, and every rule applies.",
                        `The seats go from ${count(o.seats.before)} to ${count(o.seats.after)}.`,
                        `${typeTitle(c.type)} is asked to wait meanwhile, and repeats its requests.`,
                        "A change that a rule refuses is listed, and stays in the copy.",
                        promoted > 0 && promote.running && `${many(promoted, "change is", "changes are")} promoted so far.`,
                    ] }) })] }));
}
function Left({ left, close }) {
    return (_jsxs(Note, { tone: "warn", action: _jsx(Action, { small: true, look: "quiet", onPress: close, children: "Close" }), children: [_jsx("p", { children: left.length > 0
                    ? "The connection stays in observe mode. A rule refused these changes. Remove the cause and promote again, or drop the rest:"
                    : "The connection is still in observe mode. Promote again to continue." }), _jsx("ul", { className: "consequences", children: left.slice(0, 20).map((l) => (_jsxs("li", { children: [_jsx(Name, { text: l.change.name, short: true }), ": ", l.reason] }, l.change.kind + l.change.id))) }), left.length > 20 && _jsxs("p", { children: ["And ", count(left.length - 20), " more."] })] }));
}
function Drop({ connection: c }) {
    const [asked, setAsked] = useState(false);
    const drop = useAction("drop-observation", () => {
        setAsked(false);
        say(`${c.slug} writes to the company again.`);
    });
    return (_jsxs(_Fragment, { children: [_jsx(Action, { icon: "close", right: "connection.manage", onPress: () => setAsked(true), children: "Drop" }), _jsx(Confirm, { title: "Drop the observed changes?", open: asked, close: () => {
                    drop.clear();
                    setAsked(false);
                }, verb: "Drop", danger: true, failure: drop.failure, running: drop.running, run: () => void drop.run({ path: { connection: c.slug } }), children: _jsx(Consequences, { items: [
                        "The company does not change.",
                        "The copy and everything that was written to it are deleted.",
                        c.google
                            ? "From now on its runs change the company."
                            : `${typeTitle(c.type)} does not know that: let it sync everything again. From now on its writes take effect.`,
                    ] }) })] }));
}
