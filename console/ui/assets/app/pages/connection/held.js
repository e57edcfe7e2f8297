import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useState } from "react";
import { useAction, useList, useRead } from "../../api/query.js";
import { Action, Name, Note, Nothing, Tag, Time, To } from "../../parts/basic.js";
import { Confirm, Consequences } from "../../parts/dialog.js";
import { Filter } from "../../parts/form.js";
import { Empty } from "../../parts/state.js";
import { Table, TableBar } from "../../parts/table.js";
import { count, list, many, people, typeTitle } from "../../parts/words.js";
import { to, useParams } from "../../shell/place.js";
const actions = {
    suspend: "Suspend",
    delete: "Delete",
    auto_delete: "Delete automatically",
    remove_members: "Take out of the group",
    empty_group: "Empty the group",
    delete_group: "Delete the group",
};
function columns(connection) {
    return [
        {
            id: "name",
            title: "Person or group",
            cell: (h) => (_jsxs("span", { className: "two-lines", children: [_jsx(Name, { text: h.name, short: true }), h.moot && _jsx("span", { className: "faint", children: "nothing is left to remove" })] })),
        },
        { id: "action", title: "Action", cell: (h) => actions[h.action] },
        {
            id: "change",
            title: "Before → after",
            from: "tablet",
            cell: (h) => (_jsxs(_Fragment, { children: [_jsx("del", { className: "was", children: h.before }), " \u2192 ", _jsx("ins", { className: "becomes", children: h.after })] })),
        },
        { id: "count", title: "Removals", end: true, from: "laptop", cell: (h) => count(h.count) },
        { id: "first", title: "First asked", from: "laptop", cell: (h) => _jsx(Time, { at: h.first }) },
        { id: "last", title: "Last asked", from: "tablet", cell: (h) => _jsx(Time, { at: h.last }) },
        { id: "times", title: "Times", end: true, from: "desktop", cell: (h) => count(h.times) },
        {
            id: "request",
            title: "Request",
            from: "desktop",
            cell: (h) => h.request ? (_jsx(To, { href: `${to.connection(connection, "journal")}?request=${encodeURIComponent(h.request)}`, className: "link mono", children: h.request.slice(0, 14) })) : (_jsx(Nothing, {})),
        },
    ];
}
export function HeldReview({ connection: c }) {
    const [params, set] = useParams();
    const action = params.get("action") ?? "";
    const held = useList("list-held", { path: { tenant: c.tenant }, query: { connection: c.slug } });
    const [chosen, setChosen] = useState(new Set());
    const [asked, setAsked] = useState();
    const [results, setResults] = useState();
    const release = useAction("release-held");
    const discard = useAction("discard-held");
    const matching = held.rows?.filter((h) => !action || h.action === action);
    const live = matching?.filter((h) => !h.moot);
    const moot = (matching?.length ?? 0) - (live?.length ?? 0);
    const unfolded = params.get("moot") === "shown" || live?.length === 0;
    const rows = unfolded ? matching : live;
    const wanted = chosen.size ? [...chosen] : action ? rows?.map((h) => h.key) : undefined;
    const n = wanted?.length ?? c.held;
    const which = chosen.size ? "the selected" : action ? `the ${count(n)} shown` : "all";
    const settle = async () => {
        const body = { connection: c.slug, keys: wanted };
        const ask = { path: { tenant: c.tenant }, body };
        const answer = asked === "release" ? await release.run(ask) : await discard.run(ask);
        if (!answer)
            return;
        setResults(answer.items);
        setChosen(new Set());
        setAsked(undefined);
    };
    const current = asked === "discard" ? discard : release;
    return (_jsxs("div", { className: "stack", children: [held.rows && held.rows.length > 0 && _jsx(Asked, { connection: c, again: held.rows.some((h) => h.times > 1) }), results && _jsx(Results, { results: results, close: () => setResults(undefined) }), _jsx(TableBar, { filtered: action !== "", clear: () => set({ action: undefined }), actions: rows &&
                    rows.length > 0 && (_jsxs(_Fragment, { children: [_jsxs(Action, { icon: "close", right: "connection.manage", onPress: () => setAsked("discard"), children: ["Discard ", which] }), _jsxs(Action, { icon: "check", look: "primary", right: "connection.manage", onPress: () => setAsked("release"), children: ["Release ", which] })] })), children: _jsx(Filter, { label: "Action", value: action, onChange: (next) => {
                        setChosen(new Set());
                        set({ action: next });
                    }, options: Object.entries(actions).map(([id, text]) => ({ id, text })) }) }), _jsx(Table, { name: "held", label: "Held removals", list: { ...held, rows }, columns: columns(c.slug), rowKey: (h) => h.key, filtered: action !== "", clear: () => set({ action: undefined }), selection: { chosen, set: setChosen, actions: null }, empty: _jsx(Empty, { icon: "check", title: "Nothing is held", children: "When an identity provider removes unusually many people within an hour, and the company's setting is \u201Chold\u201D, the removals wait here for you." }) }), moot > 0 && live && live.length > 0 && (_jsx("div", { className: "row", children: _jsxs(Action, { small: true, look: "quiet", onPress: () => {
                        setChosen(new Set());
                        set({ moot: unfolded ? undefined : "shown" });
                    }, children: [unfolded ? "Hide" : "Show", " ", many(moot, "removal", "removals"), " of which nothing is left"] }) })), _jsx(Confirm, { title: asked === "discard"
                    ? `Discard ${many(n, "held removal", "held removals")}?`
                    : `Release ${many(n, "held removal", "held removals")}?`, open: asked !== undefined, close: () => {
                    release.clear();
                    discard.clear();
                    setAsked(undefined);
                }, verb: asked === "discard" ? "Discard" : "Release", not: n > 0 ? undefined : "Nothing is held any more.", danger: asked === "release", failure: current.failure, running: current.running, run: () => void settle(), children: _jsx(Consequences, { items: asked === "discard"
                        ? [
                            "The people do not change.",
                            `${typeTitle(c.type)} asks for the same again with its next cycle, unless the assignments are corrected there first.`,
                            "Removals are done as usual again as soon as nothing is held.",
                        ]
                        : [
                            "The removals are done now, as if the identity provider had just sent them.",
                            "A removal that a rule forbids stays held, with the reason: the last Owner, for example.",
                            "Permanent deletions need an Owner.",
                        ] }) })] }));
}
function Results({ results, close }) {
    const left = results.filter((r) => !r.done);
    return (_jsxs(Note, { tone: left.length ? "warn" : "good", action: _jsx(Action, { small: true, look: "quiet", onPress: close, children: "Close" }), children: [_jsxs("p", { children: [many(results.length - left.length, "removal is", "removals are"), " settled.", left.length > 0 && ` ${many(left.length, "stays", "stay")} held:`] }), left.length > 0 && (_jsx("ul", { className: "consequences", children: left.slice(0, 20).map((r) => (_jsxs("li", { children: [_jsx(Name, { text: r.name }), ": ", r.reason, " ", _jsx(Tag, { children: actions[r.action] ?? r.action })] }, r.key))) }))] }));
}
function Asked({ connection: c, again }) {
    const totals = useRead("list-held-totals", { path: { tenant: c.tenant }, query: { connection: c.slug } });
    const total = totals.data?.items[0];
    const done = c.google ? "Nothing was done." : `Nothing was done, and ${typeTitle(c.type)} was answered 403.`;
    if (!total)
        return totals.isError ? _jsx(Note, { tone: "warn", children: done }) : null;
    const what = [
        total.people > 0 && `${count(total.people)} of ${people(total.active)}`,
        total.groups > 0 && `the members of ${many(total.groups, "group", "groups")}`,
    ].filter((text) => text !== false);
    const quick = Date.parse(total.last) - Date.parse(total.first) <= 3_600_000;
    return (_jsxs(Note, { tone: "warn", children: [typeTitle(c.type), " asked to remove ", _jsx("strong", { children: list(what) }), " ", quick ? ("within an hour") : (_jsxs(_Fragment, { children: ["since ", _jsx(Time, { at: total.first })] })), "; usual is ", count(total.usual), " within an hour. ", done, " ", again && "It asks again in each cycle."] }));
}
