import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useState } from "react";
import { useAction } from "../../api/query.js";
import { Action, Card, Note, Tag } from "../../parts/basic.js";
import { Consequences } from "../../parts/dialog.js";
import { Refusal } from "../../parts/form.js";
import { count, many, sentence, typeTitle } from "../../parts/words.js";
export function Doctor({ connection: c }) {
    const [found, setFound] = useState();
    const play = useAction("run-doctor");
    const run = async () => {
        setFound(undefined);
        const done = await play.run({ path: { connection: c.slug } });
        if (done)
            setFound(done);
    };
    return (_jsxs("div", { className: "stack", children: [_jsxs(Card, { title: "Doctor", actions: _jsx(Action, { look: "primary", icon: "pulse", right: "credential.manage", running: play.running, onPress: () => void run(), children: found ? "Run again" : "Run doctor" }), children: [_jsxs("p", { children: ["The server plays everything that ", typeTitle(c.type), " sends, in its own order and spelling, and checks after each request that what was answered with success was really done."] }), _jsx(Consequences, { items: [
                            "It plays on a copy of the connection with the same settings and none of the people.",
                            "No seat is taken, and nothing appears in a feed, an alert, the journal or a bill.",
                            `It does not test whether ${typeTitle(c.type)} has the right secret. The journal shows its requests.`,
                        ] }), play.running && (_jsxs("div", { className: "waiting", role: "status", children: [_jsx("span", { className: "spinner" }), " The conversation is being played."] })), play.failure && _jsx(Refusal, { failure: play.failure })] }), found && _jsx(Found, { diagnosis: found })] }));
}
function Found({ diagnosis: d }) {
    const phases = [];
    for (const step of d.steps) {
        const last = phases.at(-1);
        if (last && (step.phase === "check" || step.phase === last.name))
            last.steps.push(step);
        else
            phases.push({ name: step.phase, steps: [step] });
    }
    return (_jsxs(_Fragment, { children: [_jsx(Note, { tone: d.failed ? "bad" : "good", children: _jsxs("p", { children: [many(d.passed, "step", "steps"), " went as ", d.title, " expects, ", count(d.failed), " did not.", d.skipped > 0 && ` ${count(d.skipped)} were not played, because what they need was not made.`] }) }), phases.map((p, i) => (_jsx(Card, { title: sentence(p.name).replace(/\.$/, ""), tone: p.steps.some((s) => !s.ok && !s.skipped) ? "bad" : undefined, children: _jsx("ul", { className: "feed", children: p.steps.map((s, j) => (_jsx(Step, { step: s }, `${j} ${s.name}`))) }) }, `${i} ${p.name}`)))] }));
}
function Step({ step: s }) {
    return (_jsxs("li", { children: [_jsxs("span", { className: "exchange", children: [_jsx(Tag, { tone: s.skipped ? "quiet" : s.ok ? "good" : "bad", children: s.skipped ? "not played" : s.ok ? "good" : "failed" }), s.status ? _jsx("span", { className: `status status-${Math.floor(s.status / 100)}`, children: s.status }) : null, _jsx("span", { className: "mono method", children: s.method }), _jsx("span", { className: "path", children: s.name })] }), s.skipped && _jsx("p", { className: "faint", children: sentence(s.skipped) }), !s.ok && !s.skipped && (_jsxs("ul", { className: "consequences", children: [s.console && _jsxs("li", { children: ["The administrator sees: ", s.console] }), s.problems?.map((p) => (_jsx("li", { children: sentence(p) }, p))), s.rule && _jsxs("li", { children: ["Demanded by ", s.rule, "."] })] }))] }));
}
