import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { call, failureOf } from "../../api/client.js";
import { Action, Name, Note, Scroll, Tag } from "../../parts/basic.js";
import { Box, Consequences } from "../../parts/dialog.js";
import { Choose, FormBox, Submit, TextInput } from "../../parts/form.js";
import { count, many, people as peopleWord } from "../../parts/words.js";
const words = {
    suspend: {
        title: "Suspend",
        verb: "Suspend",
        text: ["Their seats are free at once, and applications are told to end their sessions.", "Memberships are kept."],
    },
    release: { title: "Release", verb: "Release", text: ["Whoever is suspended is active again, if there is a seat."] },
    confirm: { title: "Confirm", verb: "Confirm", text: ["Whoever has accepted an invitation may sign in from now on."] },
    resend: { title: "Send the invitation again to", verb: "Send", text: ["Whoever is invited gets another link. The earlier one ends."] },
    member: { title: "Make members of", verb: "Make members", text: ["Each needs a member's seat."] },
    guest: { title: "Make guests of", verb: "Make guests", text: ["They leave Team Members. A guest may be in few groups only."] },
    delete: {
        title: "Delete",
        verb: "Delete for good",
        text: ["Only whoever is suspended, and let go by the identity provider, can be deleted.", "This cannot be undone."],
    },
};
function act(verb, tenant, user, mode, reason) {
    const path = { tenant, user };
    switch (verb) {
        case "suspend":
            return call("suspend-user", { path, body: { mode: mode, reason: reason || undefined } });
        case "release":
            return call("release-user", { path });
        case "confirm":
            return call("confirm-user", { path });
        case "resend":
            return call("resend-invitation", { path });
        case "member":
        case "guest":
            return call("convert-user", { path, body: { type: verb } });
        case "delete":
            return call("delete-user", { path, query: { reason: reason || undefined } });
    }
}
const atOnce = 4;
export function Bulk({ company, verb, people, close, }) {
    const [mode, setMode] = useState("yield");
    const [reason, setReason] = useState("");
    const [results, setResults] = useState();
    const [running, setRunning] = useState(false);
    const cache = useQueryClient();
    useEffect(() => {
        if (verb) {
            setResults(undefined);
            setReason("");
            setMode("yield");
        }
    }, [verb]);
    const w = words[verb ?? "suspend"];
    const run = async () => {
        if (!verb || running)
            return;
        setRunning(true);
        const out = [];
        const queue = [...people];
        const work = async () => {
            for (let user = queue.shift(); user; user = queue.shift()) {
                try {
                    await act(verb, company, user.id, mode, reason.trim());
                    out.push({ user });
                }
                catch (error) {
                    out.push({ user, why: failureOf(error).message });
                }
                setResults([...out]);
            }
        };
        const first = queue.shift();
        if (first) {
            try {
                await act(verb, company, first.id, mode, reason.trim());
                out.push({ user: first });
            }
            catch (error) {
                out.push({ user: first, why: failureOf(error).message });
            }
            setResults([...out]);
        }
        await Promise.all(Array.from({ length: atOnce }, work));
        await cache.invalidateQueries();
        setRunning(false);
    };
    const refused = results?.filter((r) => r.why) ?? [];
    return (_jsx(Box, { title: `${w.title} ${peopleWord(people.length || (results?.length ?? 0))}`, open: verb !== undefined, close: () => close(results !== undefined), stuck: running, wide: results !== undefined, children: results ? (_jsxs(_Fragment, { children: [_jsx(Note, { tone: running ? "info" : refused.length ? "warn" : "good", children: running
                        ? `${count(results.length)} of ${count(people.length)} done…`
                        : `${many(results.length - refused.length, "person is", "people are")} done${refused.length ? `, ${count(refused.length)} not` : ""}.` }), refused.length > 0 && (_jsx(Scroll, { label: "Who was not done", high: true, children: _jsxs("table", { className: "mini", children: [_jsx("thead", { children: _jsxs("tr", { children: [_jsx("th", { scope: "col", children: "Person" }), _jsx("th", { scope: "col", children: "Why not" })] }) }), _jsx("tbody", { children: refused.map((r) => (_jsxs("tr", { children: [_jsx("th", { scope: "row", children: _jsx(Name, { text: r.user.user_name, short: true }) }), _jsx("td", { children: r.why })] }, r.user.id))) })] }) })), _jsx("div", { className: "form-foot", children: _jsx(Action, { look: "primary", running: running, onPress: () => close(true), children: "Close" }) })] })) : (_jsxs(FormBox, { submit: () => void run(), children: [_jsx(Consequences, { items: w.text }), verb === "suspend" && (_jsx(Choose, { label: "When the identity provider says \u201Cactive\u201D again", name: "mode", value: mode, onChange: setMode, required: true, options: [
                        { id: "yield", text: "The person comes back", about: "At its next write that states active." },
                        { id: "hold", text: "The person stays suspended", about: "Until an operator releases the suspension." },
                    ] })), (verb === "suspend" || verb === "delete") && (_jsx(TextInput, { label: "Reason", name: "reason", value: reason, onChange: setReason, lines: 2, maxLength: 500, about: "It stands in the audit trail." })), _jsxs("p", { className: "row", children: [people.slice(0, 12).map((u) => (_jsx(Tag, { children: _jsx(Name, { text: u.user_name, short: true }) }, u.id))), people.length > 12 && _jsxs("span", { className: "faint", children: ["and ", count(people.length - 12), " more"] })] }), _jsx(Submit, { cancel: () => close(false), danger: verb === "delete" || verb === "suspend", children: w.verb })] })) }));
}
