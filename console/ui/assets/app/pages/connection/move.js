import { jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useState } from "react";
import { useAction, useRead } from "../../api/query.js";
import { Action, Card, Scroll, Tag, Time, useLack } from "../../parts/basic.js";
import { Consequences } from "../../parts/dialog.js";
import { Choose, FormBox, Pick, Refusal, TextInput } from "../../parts/form.js";
import { Empty, View } from "../../parts/state.js";
import { say } from "../../parts/toast.js";
import { count, many, people, sentence, tidy } from "../../parts/words.js";
function forecasts(plan) {
    const names = new Map();
    for (const item of plan.items) {
        if (item.next)
            names.set(item.next, [...(names.get(item.next) ?? []), tidy(item.name)]);
    }
    return [...names].map(([next, who]) => {
        const more = who.length - 2;
        return `${more > 1 ? `${who.slice(0, 2).join(", ")} and ${more} others` : who.join(", ")}. ${sentence(next)}`;
    });
}
export function Move({ connection: c }) {
    const lack = useLack("connection.manage");
    const others = useRead("list-connections", { query: { tenant: c.tenant, limit: 200 } });
    const trail = useRead("list-transfers", { path: { connection: c.slug } });
    const [target, setTarget] = useState("");
    const [what, setWhat] = useState("group");
    const [group, setGroup] = useState("");
    const [names, setNames] = useState("");
    const [plan, setPlan] = useState();
    const preview = useAction("preview-transfer");
    const start = useAction("start-transfer");
    const further = useAction("continue-transfer");
    const undo = useAction("undo-transfer");
    const scope = () => ({
        to: target,
        ...(what === "all"
            ? { all: true }
            : what === "group"
                ? { group }
                : {
                    users: names
                        .split("\n")
                        .map((n) => n.trim())
                        .filter(Boolean),
                }),
    });
    const look = async () => {
        start.clear();
        setPlan(await preview.run({ path: { connection: c.slug }, body: scope() }));
    };
    const finish = async (first) => {
        let t = first;
        while (t && !t.done)
            t = await further.run({ path: { connection: t.from, transfer: t.id } });
        if (t)
            say(t.phase === "moved" ? "Moved." : "Given back.");
        setPlan(undefined);
        void trail.refetch();
    };
    const move = async () => {
        if (plan)
            await finish(await start.run({ path: { connection: c.slug }, body: { ...scope(), digest: plan.digest } }));
    };
    const back = async (t) => finish(await undo.run({ path: { connection: t.from, transfer: t.id } }));
    const go = async (t) => finish(await further.run({ path: { connection: t.from, transfer: t.id } }));
    const options = (others.data?.items ?? []).filter((o) => o.slug !== c.slug && !o.ending).map((o) => ({ id: o.slug, text: o.slug }));
    const unknown = others.data ? undefined : (others.error?.message ?? "The connections of the company are being read.");
    const changed = (set) => (value) => {
        set(value);
        setPlan(undefined);
    };
    return (_jsxs("div", { className: "stack", children: [_jsx(Card, { title: "Move to another connection", children: _jsxs(FormBox, { failure: preview.failure ?? start.failure, submit: () => void look(), children: [_jsx(Pick, { label: "New connection", name: "to", value: target, onChange: changed(setTarget), required: true, not: lack ?? unknown ?? (options.length ? undefined : "The company has no other connection."), options: options }), _jsx(Choose, { label: "What moves", name: "what", value: what, onChange: changed((next) => setWhat(next)), required: true, not: lack, options: [
                                { id: "group", text: "A group", about: "With the people who are directly in it." },
                                { id: "users", text: "A list of people" },
                                { id: "all", text: "All people and groups" },
                            ] }), what === "group" && _jsx(TextInput, { label: "Group", name: "group", value: group, onChange: changed(setGroup), required: true, not: lack }), what === "users" && (_jsx(TextInput, { label: "One userName on each line", name: "users", value: names, onChange: changed(setNames), lines: 6, required: true, not: lack })), _jsx("div", { className: "form-foot", children: _jsx(Action, { submit: true, not: lack ?? (target ? undefined : "Choose the new connection first."), running: preview.running, children: "Preview" }) })] }) }), plan && (_jsxs(Card, { title: "What happens", children: [_jsx(Consequences, { items: [
                            `${people(plan.users)} and ${many(plan.groups, "group", "groups")} move from ${plan.from} to ${plan.to}. No person loses access.`,
                            ...plan.stays.map((s) => sentence(s.reason)),
                            plan.unknown.length > 0 && `Not found: ${plan.unknown.slice(0, 20).map(tidy).join(", ")}`,
                            sentence(plan.next_from),
                            ...forecasts(plan),
                        ] }), _jsx("div", { className: "form-foot", children: _jsxs(Action, { look: "primary", not: lack ?? (plan.users + plan.groups ? undefined : "Nothing would move."), running: start.running || further.running, onPress: () => void move(), children: ["Move ", count(plan.users + plan.groups)] }) })] })), (undo.failure || further.failure) && _jsx(Refusal, { failure: (undo.failure ?? further.failure) }), _jsx(View, { reading: trail, what: "The moves", children: (page) => page.items.length === 0 ? (_jsx(Empty, { icon: "plug", title: "No moves", children: "Nothing was moved from or to this connection. A move is listed here, and can be undone." })) : (_jsx(Card, { title: "Moves", flush: true, children: _jsx(Scroll, { label: "Moves", children: _jsxs("table", { className: "mini", children: [_jsx("thead", { children: _jsxs("tr", { children: [_jsx("th", { scope: "col", children: "Began" }), _jsx("th", { scope: "col", children: "From" }), _jsx("th", { scope: "col", children: "To" }), _jsx("th", { scope: "col", children: "What" }), _jsx("th", { scope: "col", children: "State" }), _jsx("th", { scope: "col", children: "Moved" }), _jsx("th", { scope: "col", children: "Stayed" }), _jsx("th", { scope: "col", children: "Action" })] }) }), _jsx("tbody", { children: page.items.map((t) => (_jsxs("tr", { children: [_jsx("td", { children: _jsx(Time, { at: t.at }) }), _jsx("td", { children: t.from }), _jsx("td", { children: t.to }), _jsx("td", { children: tidy(t.scope) }), _jsx("td", { children: _jsx(Tag, { tone: t.done ? "quiet" : "warn", children: t.phase }) }), _jsx("td", { children: count(t.moved) }), _jsx("td", { title: t.left.map((l) => `${l.name}: ${l.reason}`).join("\n"), children: count(t.left.length + (t.more ?? 0)) }), _jsxs("td", { children: [!t.done && (_jsx(Action, { small: true, not: lack, running: further.running, onPress: () => void go(t), children: "Continue" })), t.phase === "moved" && (_jsx(Action, { small: true, not: lack, running: undo.running, onPress: () => void back(t), children: "Undo" }))] })] }, t.id))) })] }) }) })) })] }));
}
