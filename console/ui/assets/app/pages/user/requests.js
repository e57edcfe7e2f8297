import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useState } from "react";
import { useAction, useList } from "../../api/query.js";
import { Action, Name, Tag, Time } from "../../parts/basic.js";
import { Box, Consequences } from "../../parts/dialog.js";
import { Chips, FormBox, Search, Submit, TextInput, Tick } from "../../parts/form.js";
import { actorName } from "../../parts/sentence.js";
import { Empty } from "../../parts/state.js";
import { Table, TableBar } from "../../parts/table.js";
import { say } from "../../parts/toast.js";
import { tidy } from "../../parts/words.js";
import { to, useParams } from "../../shell/place.js";
const states = {
    pending: { text: "Waiting", tone: "warn" },
    approved: { text: "Approved", tone: "good" },
    rejected: { text: "Rejected", tone: "quiet" },
    expired: { text: "Expired", tone: "quiet" },
    obsolete: { text: "Obsolete", tone: "quiet" },
};
export default function Requests({ company }) {
    const [params, set] = useParams();
    const status = params.get("status") ?? "";
    const q = params.get("q") ?? "";
    const list = useList("list-deletion-requests", {
        path: { tenant: company },
        query: { q, status: (status || undefined) },
    });
    const [deciding, setDeciding] = useState();
    const clear = () => set({ status: undefined, q: undefined });
    const columns = [
        { id: "person", title: "Person", cell: (r) => _jsx(Name, { text: r.user_name, short: true }) },
        { id: "status", title: "Status", cell: (r) => _jsx(Tag, { tone: states[r.status].tone, children: states[r.status].text }) },
        { id: "reason", title: "Reason", from: "tablet", cell: (r) => _jsx(Name, { text: r.reason, short: true }) },
        { id: "by", title: "Asked by", from: "desktop", cell: (r) => _jsx(Name, { text: actorName(r.by), short: true }) },
        { id: "created", title: "Asked", from: "laptop", cell: (r) => _jsx(Time, { at: r.created }) },
        { id: "expires", title: "Expires", from: "desktop", cell: (r) => (r.status === "pending" ? _jsx(Time, { at: r.expires }) : "") },
        {
            id: "decided",
            title: "Decided",
            from: "desktop",
            cell: (r) => r.decided_at ? (_jsxs(_Fragment, { children: [_jsx(Time, { at: r.decided_at }), " ", r.decided_by && _jsxs(_Fragment, { children: ["by ", tidy(r.decided_by)] }), " ", r.answer && _jsx("span", { className: "faint", children: r.answer })] })) : (""),
        },
        {
            id: "decide",
            title: "Decision",
            cell: (r) => r.status === "pending" && (_jsxs("span", { className: "row row-tight", children: [_jsx(Action, { small: true, look: "danger", right: "user.delete", onPress: () => setDeciding({ request: r, approve: true }), label: `Approve the deletion of ${r.user_name}`, children: "Approve" }), _jsx(Action, { small: true, right: "user.delete", onPress: () => setDeciding({ request: r, approve: false }), label: `Reject the deletion of ${r.user_name}`, children: "Reject" })] })),
        },
    ];
    return (_jsxs(_Fragment, { children: [_jsxs(TableBar, { filtered: status !== "" || q !== "", clear: clear, children: [_jsx(Search, { label: "Search deletion requests", placeholder: "Person", value: q, onChange: (text) => set({ q: text }) }), _jsx(Chips, { label: "Status", value: status, onChange: (next) => set({ status: next }), options: [{ id: "", text: "All" }, ...Object.entries(states).map(([id, s]) => ({ id, text: s.text }))] })] }), _jsx(Table, { name: "requests", label: "Deletion requests", list: list, columns: columns, rowKey: (r) => r.id, href: (r) => to.person(company, r.user), filtered: status !== "" || q !== "", clear: clear, empty: _jsx(Empty, { icon: "trash", title: "No deletion request", children: "Administrators who may not delete ask for it on the page of a person. An Owner decides here." }) }), _jsx(Decide, { company: company, deciding: deciding, close: () => setDeciding(undefined) })] }));
}
function Decide({ company, deciding, close, }) {
    const [answer, setAnswer] = useState("");
    const [force, setForce] = useState(false);
    const approve = useAction("approve-deletion-request", () => say("The person is deleted."));
    const reject = useAction("reject-deletion-request", () => say("The request is rejected."));
    const yes = deciding?.approve ?? false;
    const current = yes ? approve : reject;
    const away = () => {
        approve.clear();
        reject.clear();
        setAnswer("");
        setForce(false);
        close();
    };
    const run = async () => {
        if (!deciding)
            return;
        const path = { tenant: company, request: deciding.request.id };
        const done = yes
            ? await approve.run({ path, body: { answer: answer.trim() || undefined, force: force || undefined } })
            : await reject.run({ path, body: { answer: answer.trim() || undefined } });
        if (done)
            away();
    };
    return (_jsx(Box, { title: yes ? (_jsxs(_Fragment, { children: ["Delete ", _jsx(Name, { text: deciding?.request.user_name ?? "", short: true }), " for good?"] })) : ("Reject the request?"), open: deciding !== undefined, close: away, alert: yes, children: _jsxs(FormBox, { failure: current.failure, submit: () => void run(), children: [_jsxs("p", { children: [deciding && actorName(deciding.request.by), " asked for it: \u201C", _jsx(Name, { text: deciding?.request.reason ?? "" }), "\u201D"] }), yes && (_jsxs(_Fragment, { children: [_jsx(Consequences, { items: [
                                "The account is gone for good. This cannot be undone.",
                                "The person must be suspended, and deprovisioned by the identity provider.",
                            ] }), _jsx(Tick, { label: "Delete although the identity provider still says \u201Cactive\u201D", checked: force, onChange: setForce })] })), _jsx(TextInput, { label: "Answer", name: "answer", value: answer, onChange: setAnswer, lines: 2, maxLength: 500, about: "The administrator who asked can read it." }), _jsx(Submit, { running: current.running, cancel: away, danger: yes, right: "user.delete", children: yes ? "Delete for good" : "Reject" })] }) }));
}
