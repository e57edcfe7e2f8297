import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { call } from "../../api/client.js";
import { useAction } from "../../api/query.js";
import { Action, Name, Note, Scroll, Tag } from "../../parts/basic.js";
import { Box, Consequences } from "../../parts/dialog.js";
import { Choose, FormBox, Submit, TextInput } from "../../parts/form.js";
import { Rule } from "../../parts/rule.js";
import { Failed, Skeleton } from "../../parts/state.js";
import { say } from "../../parts/toast.js";
import { count, many, people as peopleWord, sentence } from "../../parts/words.js";
const words = {
    suspend: {
        title: "Suspend",
        verb: "Suspend",
        right: "user.suspend",
        text: ["Their seats are free at once, and applications are told to end their sessions.", "Memberships are kept."],
    },
    release: { title: "Release", verb: "Release", right: "user.suspend", text: ["A suspended person is active again, if there is a seat."] },
    confirm: {
        title: "Confirm",
        verb: "Confirm",
        right: "user.manage",
        text: ["A person who has accepted an invitation may sign in from now on."],
    },
    resend: {
        title: "Send the invitation again to",
        verb: "Send",
        right: "user.manage",
        text: ["A person who is invited gets another link. The earlier one ends."],
    },
    member: { title: "Make members of", verb: "Make members", right: "user.manage", text: ["Each needs a member's seat."] },
    guest: {
        title: "Make guests of",
        verb: "Make guests",
        right: "user.manage",
        text: ["They leave Team Members. A guest may be in few groups only."],
    },
    delete: { title: "Delete", verb: "Delete for good", right: "user.delete", text: ["This cannot be undone."] },
};
const operations = {
    suspend: "bulk-suspend-users",
    release: "bulk-release-users",
    confirm: "bulk-confirm-users",
    resend: "bulk-invite-users",
    member: "bulk-convert-users",
    guest: "bulk-convert-users",
    delete: "bulk-delete-users",
};
const most = 500;
function ask({ verb, tenant, users, mode, reason, expect }) {
    return {
        path: { tenant },
        body: {
            users,
            skip_refused: true,
            reason: reason || undefined,
            expect,
            ...(verb === "suspend" ? { mode: mode } : {}),
            ...(verb === "member" || verb === "guest" ? { type: verb } : {}),
        },
    };
}
export function Bulk({ company, verb, people, close, }) {
    const [done, setDone] = useState();
    useEffect(() => {
        if (verb)
            setDone(undefined);
    }, [verb]);
    const w = words[verb ?? "suspend"];
    return (_jsx(Box, { title: `${w.title} ${peopleWord(done?.rows.length ?? people.length)}`, open: verb !== undefined, close: () => close(done !== undefined), wide: true, firm: true, children: done ? (_jsx(Result, { report: done, close: () => close(true) })) : people.length > most ? (_jsxs(Note, { tone: "warn", children: ["At most ", count(most), " people at once. Select fewer."] })) : (verb && _jsx(Plan, { company: company, verb: verb, people: people, done: setDone, cancel: () => close(false) })) }));
}
function Plan({ company, verb, people, done, cancel, }) {
    const [mode, setMode] = useState("yield");
    const [reason, setReason] = useState("");
    const [moved, setMoved] = useState(false);
    const [asked] = useState(() => people.map((u) => u.id));
    const w = words[verb];
    const what = { verb, tenant: company, users: asked, mode };
    const preview = useQuery({
        queryKey: ["bulk", what],
        queryFn: () => call(operations[verb], ask(what)),
        retry: false,
        gcTime: 0,
        placeholderData: (previous) => previous,
    });
    const act = useAction(operations[verb]);
    const report = preview.data;
    const run = async () => {
        if (!report)
            return;
        const applied = await act.run(ask({ ...what, reason: reason.trim(), expect: report.digest }));
        if (applied) {
            const changed = applied.rows.flatMap((r) => (r.effect === "change" && r.user ? [r.user] : []));
            if (verb === "suspend" && changed.length > 0) {
                say(`${many(changed.length, "person is", "people are")} suspended.`, {
                    run: () => releaseAgain(company, changed),
                    said: `${many(changed.length, "person is", "people are")} active again.`,
                });
            }
            done(applied);
            return;
        }
        const fresh = await preview.refetch();
        setMoved(fresh.data !== undefined && fresh.data.digest !== report.digest);
    };
    if (!report)
        return preview.isError ? _jsx(Failed, { error: preview.error, retry: () => preview.refetch() }) : _jsx(Skeleton, { rows: 4 });
    const change = report.counts.change ?? 0;
    return (_jsxs(FormBox, { failure: moved ? undefined : act.failure, submit: () => void run(), children: [moved && _jsx(Note, { tone: "warn", children: "The company changed meanwhile. Nothing was done; this is what would happen now." }), _jsx(Consequences, { items: w.text }), verb === "suspend" && (_jsx(Choose, { label: "When the identity provider says \u201Cactive\u201D again", name: "mode", value: mode, onChange: setMode, required: true, options: [
                    { id: "yield", text: "The person comes back", about: "At its next write that states active." },
                    { id: "hold", text: "The person stays suspended", about: "Until an operator releases the suspension." },
                ] })), _jsx(Rows, { report: report }), (verb === "suspend" || verb === "delete") && (_jsx(TextInput, { label: "Reason", name: "reason", value: reason, onChange: setReason, lines: 2, maxLength: 500, about: "It is recorded in the audit trail." })), _jsx(Submit, { running: act.running, cancel: cancel, danger: verb === "delete" || verb === "suspend", right: w.right, not: change ? undefined : "Nothing would change.", children: change && change < report.rows.length ? `${w.verb}: ${count(change)} of ${count(report.rows.length)}` : w.verb })] }));
}
async function releaseAgain(company, users) {
    const path = { tenant: company };
    const seen = await call("bulk-release-users", { path, body: { users } });
    await call("bulk-release-users", { path, body: { users, expect: seen.digest } });
}
const effects = {
    change: { text: "Changes", tone: "info" },
    unchanged: { text: "Stays", tone: "quiet" },
    refuse: { text: "Refused", tone: "bad" },
};
function Rows({ report }) {
    const { seats } = report;
    return (_jsxs(_Fragment, { children: [_jsxs("p", { children: ["Seats in use: ", _jsx("strong", { className: "number", children: count(seats.before) }), " \u2192 ", _jsx("strong", { className: "number", children: count(seats.after) }), seats.limit ? ` of ${count(seats.limit)}` : ""] }), _jsx(Scroll, { label: "What happens to each", high: true, children: _jsxs("table", { className: "mini", children: [_jsx("thead", { children: _jsxs("tr", { children: [_jsx("th", { scope: "col", children: "Person" }), _jsx("th", { scope: "col", children: "Effect" }), _jsx("th", { scope: "col", children: "What happens later, or why not" })] }) }), _jsx("tbody", { children: report.rows.map((r) => (_jsxs("tr", { children: [_jsx("th", { scope: "row", children: _jsx(Name, { text: r.user_name, short: true }) }), _jsx("td", { children: _jsx(Tag, { tone: effects[r.effect].tone, children: effects[r.effect].text }) }), _jsxs("td", { className: "loose", children: [r.detail ? sentence(r.detail) : r.notice ? sentence(r.notice) : "", r.rule && _jsx(Rule, { id: r.rule })] })] }, r.user ?? r.user_name))) })] }) })] }));
}
function Result({ report, close }) {
    const refused = report.counts.refuse ?? 0;
    return (_jsxs(_Fragment, { children: [_jsxs(Note, { tone: refused ? "warn" : "good", children: [many(report.counts.change ?? 0, "person is", "people are"), " done", refused > 0 && `, ${count(refused)} refused`, "."] }), refused > 0 && _jsx(Rows, { report: { ...report, rows: report.rows.filter((r) => r.effect === "refuse") } }), _jsx("div", { className: "form-foot", children: _jsx(Action, { look: "primary", onPress: close, children: "Close" }) })] }));
}
