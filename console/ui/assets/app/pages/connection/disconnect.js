import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useState } from "react";
import { useLocation } from "wouter";
import { useAction, useRead } from "../../api/query.js";
import { Action, Card, Name, Note, Scroll, useLack } from "../../parts/basic.js";
import { Confirm, Consequences } from "../../parts/dialog.js";
import { Choose } from "../../parts/form.js";
import { Rule } from "../../parts/rule.js";
import { View } from "../../parts/state.js";
import { say } from "../../parts/toast.js";
import { count, exact, many, people, userStates } from "../../parts/words.js";
import { to, useParams } from "../../shell/place.js";
export function Disconnect({ connection: c }) {
    const [params, set] = useParams();
    const mode = params.get("mode") || c.ending?.mode || "finalise";
    const preview = useRead("preview-disconnect", { path: { connection: c.slug }, query: { mode, limit: 100 } }, { keep: true });
    return (_jsxs("div", { className: "stack", children: [_jsx("p", { className: "page-sub", children: "Disconnecting ends the integration for good. Choose what happens to the people, and look at the preview." }), _jsx(Choose, { label: "What happens to the people", name: "mode", value: mode, onChange: (next) => set({ mode: next }), required: true, not: c.ending ? `It was begun as “${c.ending.mode}” by ${c.ending.by}, ${exact(c.ending.since)}.` : undefined, options: [
                    {
                        id: "finalise",
                        text: "They become local",
                        about: "They keep their state, their seats and their groups. From then on they are managed by hand.",
                    },
                    { id: "terminate", text: "They are suspended", about: "Their seats become free. Auto-delete deletes them later, if it is on." },
                ] }), _jsx(View, { reading: preview, what: "The preview", children: (p) => _jsx(Preview, { connection: c, preview: p, again: () => void preview.refetch() }) })] }));
}
function Preview({ connection: c, preview: p, again }) {
    const [asked, setAsked] = useState(false);
    const [, go] = useLocation();
    const lack = useLack("connection.manage");
    const disconnect = useAction("disconnect-connection");
    const run = async (reason) => {
        const done = await disconnect.run({
            path: { connection: c.slug },
            body: { mode: p.mode, digest: p.digest, reason: reason || undefined },
        });
        if (!done) {
            again();
            return;
        }
        setAsked(false);
        if (done.done) {
            say(`${c.slug} is disconnected.`);
            go(to.company(c.tenant, "connections"));
        }
        else
            say("The work continues in the background.");
    };
    const facts = [
        p.mode === "finalise"
            ? `${people(p.users)} become local and stay as they are.`
            : `${people(p.suspends)} ${p.suspends === 1 ? "is" : "are"} suspended now, and as many seats become free.`,
        p.suspended > 0 &&
            `${people(p.suspended)} ${p.suspended === 1 ? "is" : "are"} suspended already and ${p.suspended === 1 ? "stays" : "stay"} so.`,
        p.gone > 0 && `${people(p.gone)} were deleted by the identity provider and stay in grace.`,
        p.groups > 0 && `${many(p.groups, "group becomes", "groups become")} local with ${p.groups === 1 ? "its" : "their"} members.`,
        p.grants_kept > 0 && `${many(p.grants_kept, "role by mapping becomes a role", "roles by mapping become roles")} of their own.`,
        p.grants_taken > 0 && `${many(p.grants_taken, "role by mapping ends", "roles by mapping end")}.`,
        p.credentials > 0 && `${many(p.credentials, "credential is", "credentials are")} revoked at once.`,
        p.held > 0 && `${many(p.held, "held removal is", "held removals are")} dropped.`,
        p.mode === "terminate" &&
            (p.auto_delete_days
                ? `After ${many(p.auto_delete_days, "day", "days")} the suspended are deleted.`
                : "No person is deleted automatically: auto-delete is off."),
        "The connection and its slug are gone. This cannot be undone.",
    ];
    return (_jsxs(_Fragment, { children: [p.begun && (_jsxs(Note, { tone: "warn", children: ["It was begun ", exact(p.begun.since), " by ", p.begun.by, ". This page shows what is left. It continues automatically as soon as nothing prevents it."] })), p.unusual && (_jsxs(Note, { tone: "warn", children: [count(p.suspends), " suspensions go beyond the ", count(p.brake_limit), " that are usual within an hour. They are reported and not held, because you decide."] })), _jsx(Card, { title: "What happens", children: _jsx(Consequences, { items: facts }) }), p.refused.length > 0 && (_jsx(Card, { title: "What prevents it", tone: "bad", children: _jsx("ul", { className: "todo", children: p.refused.map((r) => (_jsxs("li", { children: [_jsx(Name, { text: r.user_name, short: true }), ": ", r.reason, " ", _jsx(Rule, { id: r.rule })] }, r.user))) }) })), p.people.length > 0 && (_jsx(Card, { title: p.next ? `The first ${count(p.people.length)} people` : "The people", flush: true, children: _jsx(Scroll, { label: "The people", high: true, children: _jsxs("table", { className: "mini", children: [_jsx("thead", { children: _jsxs("tr", { children: [_jsx("th", { scope: "col", children: "Person" }), _jsx("th", { scope: "col", children: "Now" }), _jsx("th", { scope: "col", children: "Then" })] }) }), _jsx("tbody", { children: p.people.map((u) => (_jsxs("tr", { children: [_jsx("th", { scope: "row", children: _jsx(Name, { text: u.user_name, short: true }) }), _jsx("td", { className: "cell-word", children: userStates[u.state]?.text ?? u.state }), _jsx("td", { className: "cell-word", children: userStates[u.becomes]?.text ?? u.becomes })] }, u.user))) })] }) }) })), _jsx("div", { className: "form-foot", children: _jsx(Action, { look: "danger", not: lack ?? (p.refused.length ? "Remove what prevents it first." : undefined), onPress: () => setAsked(true), children: p.begun ? "Go on now" : "Disconnect" }) }), _jsx(Confirm, { title: `Disconnect ${c.slug}?`, open: asked, close: () => {
                    disconnect.clear();
                    setAsked(false);
                }, verb: "Disconnect", danger: true, reason: "may", typed: c.slug, failure: disconnect.failure, running: disconnect.running, run: (reason) => void run(reason), children: _jsx(Consequences, { items: [...facts.slice(0, 3), facts.at(-1)] }) })] }));
}
