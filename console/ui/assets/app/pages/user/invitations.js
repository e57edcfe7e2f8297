import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useState } from "react";
import { useList } from "../../api/query.js";
import { More, Name, Nothing, Tag, Time } from "../../parts/basic.js";
import { Chips } from "../../parts/form.js";
import { actorName } from "../../parts/sentence.js";
import { Empty } from "../../parts/state.js";
import { Table, TableBar } from "../../parts/table.js";
import { say, useQuick } from "../../parts/toast.js";
import { to, useParams } from "../../shell/place.js";
import { Bulk } from "./bulk.js";
import { nameOf } from "./words.js";
const states = {
    sent: { text: "Sent", tone: "info" },
    expired: { text: "Expired", tone: "warn" },
    ended: { text: "Revoked", tone: "quiet" },
    accepted: { text: "Accepted", tone: "good" },
};
const mails = {
    waiting: { text: "waiting", tone: "info" },
    parked: { text: "parked", tone: "bad" },
    sent: { text: "sent", tone: "quiet" },
};
const columns = [
    {
        id: "person",
        title: "Person",
        cell: (i) => (_jsxs("span", { className: "two-lines", children: [_jsx(Name, { text: nameOf(i.user), short: true }), _jsx("span", { className: "faint", children: _jsx(Name, { text: i.to, short: true }) })] })),
    },
    { id: "status", title: "Status", cell: (i) => _jsx(Tag, { tone: states[i.status].tone, children: states[i.status].text }) },
    {
        id: "mail",
        title: "Mail",
        from: "tablet",
        cell: (i) => (i.mail && mails[i.mail] ? _jsx(Tag, { tone: mails[i.mail]?.tone, children: mails[i.mail]?.text }) : _jsx(Nothing, {})),
    },
    { id: "by", title: "Invited by", from: "laptop", cell: (i) => _jsx(Name, { text: actorName(i.by), short: true }) },
    { id: "at", title: "Invited", from: "laptop", cell: (i) => _jsx(Time, { at: i.at }) },
    { id: "expires", title: "Link ends", from: "tablet", cell: (i) => _jsx(Time, { at: i.expires, none: "never" }) },
    { id: "accepted", title: "Accepted", from: "desktop", cell: (i) => _jsx(Time, { at: i.accepted_at, none: "not yet" }) },
];
function domainOf(address) {
    return address.slice(address.lastIndexOf("@") + 1).toLowerCase();
}
export default function Invitations({ company }) {
    const [params, set] = useParams();
    const status = params.get("status") ?? "";
    const list = useList("list-invitations", {
        path: { tenant: company },
        query: { status: (status || undefined) },
    });
    const resend = useQuick("resend-invitation", (i) => say(`A mail goes to ${i.to}.`));
    const revoke = useQuick("revoke-invitation", () => say("The invitation is revoked."));
    const confirm = useQuick("confirm-user", (u) => say(`${nameOf(u)} is confirmed.`));
    const [chosen, setChosen] = useState(new Set());
    const [verb, setVerb] = useState();
    const clear = () => set({ status: undefined });
    const ofDomain = (domain) => (list.rows ?? []).filter((i) => i.status === "accepted" && domainOf(i.to) === domain);
    const path = (i) => ({ path: { tenant: company, user: i.user.id } });
    return (_jsxs(_Fragment, { children: [_jsx(TableBar, { views: "invitations", filtered: status !== "", clear: clear, children: _jsx(Chips, { label: "Status", value: status, onChange: (next) => set({ status: next }), options: [{ id: "", text: "All" }, ...Object.entries(states).map(([id, s]) => ({ id, text: s.text }))] }) }), _jsx(Table, { name: "invitations", label: "Invitations", list: list, columns: columns, rowKey: (i) => i.user.id, href: (i) => to.person(company, i.user.id), filtered: status !== "", clear: clear, selection: {
                    chosen,
                    set: setChosen,
                    actions: (_jsx(More, { label: "For the selected", look: "plain", choices: [
                            { id: "confirm", text: "Confirm", icon: "check", right: "user.manage", run: () => setVerb("confirm") },
                            { id: "resend", text: "Send again", icon: "mail", right: "user.manage", run: () => setVerb("resend") },
                        ], children: "Act" })),
                }, menu: (i) => (_jsx(More, { label: `Actions for ${nameOf(i.user)}`, choices: [
                        {
                            id: "confirm",
                            text: "Confirm",
                            icon: "check",
                            right: "user.manage",
                            not: i.status === "accepted" ? undefined : "It was not accepted yet.",
                            run: () => void confirm.run(path(i)),
                        },
                        {
                            id: "domain",
                            text: `Confirm all of ${domainOf(i.to)}`,
                            icon: "check",
                            right: "user.manage",
                            not: ofDomain(domainOf(i.to)).length ? undefined : "No one of this domain has accepted.",
                            run: () => {
                                setChosen(new Set(ofDomain(domainOf(i.to)).map((one) => one.user.id)));
                                setVerb("confirm");
                            },
                        },
                        { id: "resend", text: "Send again", icon: "mail", right: "user.manage", run: () => void resend.run(path(i)) },
                        {
                            id: "revoke",
                            text: "Revoke",
                            icon: "close",
                            danger: true,
                            right: "user.manage",
                            not: i.status === "sent" ? undefined : "There is no valid link.",
                            run: () => void revoke.run(path(i)),
                            apart: true,
                        },
                    ] })), empty: _jsx(Empty, { icon: "mail", title: "No invitations", children: "People of this company are active at once, unless its onboarding setting is \u201Cinvite\u201D or you invite a person by hand." }) }), _jsx(Bulk, { company: company, verb: verb, people: (list.rows ?? []).filter((i) => chosen.has(i.user.id)).map((i) => i.user), close: (done) => {
                    setVerb(undefined);
                    if (done)
                        setChosen(new Set());
                } })] }));
}
