import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useList, useRead, useTrail } from "../../api/query.js";
import { Action, Card, Code, Fact, Facts, Head, More, Name, Nothing, Scroll, Tag, Time, To, useRights } from "../../parts/basic.js";
import { AsJSON, CopyLink } from "../../parts/json.js";
import { useCompanyNames } from "../../parts/names.js";
import { Rule } from "../../parts/rule.js";
import { actorName, Sentence } from "../../parts/sentence.js";
import { Sources } from "../../parts/sources.js";
import { View, Withheld } from "../../parts/state.js";
import { say, useQuick } from "../../parts/toast.js";
import { builtInGroups, exact, minute, plain, sentence, tidy } from "../../parts/words.js";
import { to, useParams, useTitle } from "../../shell/place.js";
import { NotBuiltIn } from "../group/list.js";
import { PersonDialog } from "./dialogs.js";
import PersonJournal from "./journal.js";
import { choicesFor } from "./menu.js";
import { NextSync } from "./next.js";
import { idpName, nameOf, State, statement } from "./words.js";
export default function Person({ company, user: id }) {
    const user = useRead("get-user", { path: { tenant: company, user: id } });
    const name = useCompanyNames([company]).get(company) ?? company;
    useTitle(user.data ? `${nameOf(user.data)} · ${name}` : "Person");
    return (_jsx(View, { reading: user, what: "The person", level: 1, children: (u) => _jsx(PersonView, { company: company, user: u }, u.id) }));
}
function PersonView({ company, user: u }) {
    const [params, set] = useParams();
    const rights = useRights();
    const verb = (params.get("do") || undefined);
    const setVerb = (next) => set({ do: next });
    const connection = useRead("get-connection", { path: { connection: u.connection ?? "" } }, { enabled: !!u.connection });
    const recovered = useQuick("recovered-user", () => say("The recovery is over."));
    const suspended = u.state === "suspended";
    return (_jsxs(_Fragment, { children: [_jsxs(Head, { title: _jsx(Name, { text: nameOf(u) }), badge: _jsxs(_Fragment, { children: [_jsx(State, { user: u }), _jsx(CopyLink, { to: "this person" })] }), sub: _jsxs(_Fragment, { children: [_jsx(To, { href: to.company(company, "people"), children: "People" }), " / ", _jsx(Name, { text: u.user_name })] }), children: [u.state === "awaiting_confirmation" && (_jsx(Action, { look: "primary", icon: "check", right: "user.manage", onPress: () => setVerb("confirm"), children: "Confirm" })), u.state === "recovery" && (_jsx(Action, { icon: "check", right: "user.suspend", running: recovered.running, onPress: () => recovered.run({ path: { tenant: company, user: u.id } }), children: "Recovery is over" })), suspended ? (_jsx(Action, { look: "primary", icon: "play", right: "user.suspend", onPress: () => setVerb("release"), children: "Release" })) : (_jsx(Action, { icon: "pause", right: "user.suspend", onPress: () => setVerb("suspend"), children: "Suspend" })), _jsx(More, { label: "More actions", look: "plain", choices: choicesFor(u, setVerb), children: "More" })] }), _jsx(WhyCard, { company: company, user: u, connection: connection.data }), _jsxs("div", { className: "columns-2-1", children: [_jsxs("div", { className: "stack", children: [_jsx(Profile, { company: company, user: u }), rights.has("tenant.record") ? (_jsx(PersonJournal, { company: company, user: u.id })) : (_jsx(Withheld, { title: "Requests about this person", right: "tenant.record" }))] }), _jsxs("div", { className: "stack", children: [_jsx(Groups, { company: company, user: u }), _jsx(SeatHistory, { company: company, user: u }), _jsx(History, { company: company, user: u })] })] }), _jsx(PersonDialog, { company: company, user: u, connection: connection.data, verb: verb, close: () => setVerb(undefined) })] }));
}
const statedWords = {
    active: "active",
    inactive: "inactive",
    deleted: "deleted",
    suspended: "suspended",
    accepted: "accepted",
    invited: "invited",
};
function WhyCard({ company, user: u, connection }) {
    const why = useRead("why-user", { path: { tenant: company, user: u.id } });
    return (_jsx(Card, { title: "Why", id: "why", children: _jsx(View, { reading: why, rows: 3, children: (w) => (_jsxs("div", { className: "why", children: [_jsx(NextSync, { user: u, why: w, idp: idpName(connection?.type) }), w.statements.length > 0 && (_jsx("ol", { className: "ladder", "aria-label": "What was said, by whom and when", children: [...w.statements]
                            .sort((a, b) => b.at.localeCompare(a.at))
                            .map((s, i) => (_jsxs("li", { className: i === 0 ? "is-latest" : undefined, children: [_jsx("span", { className: "ladder-who", children: s.by.kind === "idp" ? idpName(connection?.type) : actorName(s.by) }), _jsxs("span", { children: [_jsx(Tag, { tone: s.what === "active" || s.what === "accepted" ? "good" : s.what === "invited" ? "info" : "quiet", children: statedWords[s.what] }), " ", sentence(s.text)] }), _jsx("span", { className: "faint", title: exact(s.at), children: minute(s.at) })] }, `${s.at}-${i}`))) })), w.attributes.map((a) => (_jsxs("p", { className: "faint", children: [a.target, " is ", a.value ? tidy(a.value) : "empty", ", from ", a.from || "no value", a.sent && a.sent !== a.value ? ` (sent: ${tidy(a.sent)})` : "", "."] }, a.target))), w.won ? (_jsxs("p", { className: "faint", children: ["Decided last", w.won.rule && (_jsxs(_Fragment, { children: [" ", "by ", _jsx(Rule, { id: w.won.rule })] })), ": ", _jsx(Sentence, { line: w.won }), " (", _jsx(Time, { at: w.won.time }), ")"] })) : (_jsxs("p", { className: "faint", children: ["No rule decided about this person in the last ", w.looked, " lines of the audit trail."] }))] })) }) }));
}
function shown(value) {
    if (value === null || value === undefined || value === "")
        return "–";
    if (typeof value === "string")
        return tidy(value);
    if (typeof value === "number" || typeof value === "boolean")
        return String(value);
    if (Array.isArray(value))
        return value.map((v) => (typeof v === "object" && v && "value" in v ? shown(v.value) : shown(v))).join(", ");
    return Object.entries(value)
        .map(([k, v]) => `${k}: ${shown(v)}`)
        .join(", ");
}
function Profile({ company, user: u }) {
    const attributes = Object.entries(u.attributes ?? {}).filter(([name]) => !["schemas", "userName", "password"].includes(name));
    return (_jsxs(Card, { title: "Profile", children: [_jsxs(Facts, { children: [_jsx(Fact, { name: "userName", children: _jsx(Code, { text: tidy(u.user_name), what: "the userName" }) }), _jsx(Fact, { name: "E-mail", children: u.emails.length ? u.emails.map(tidy).join(", ") : _jsx(Nothing, { children: "none" }) }), _jsx(Fact, { name: "Type", children: u.type === "guest" ? "Guest" : "Member" }), _jsx(Fact, { name: "Managed by", children: u.connection ? _jsx(To, { href: to.connection(u.connection), children: u.connection }) : _jsx(Nothing, { children: "no connection: local" }) }), _jsxs(Fact, { name: "IdP says", children: [statement(u), " ", u.stated_at && _jsx(Time, { at: u.stated_at })] }), u.external_id && (_jsx(Fact, { name: "externalId", children: _jsx(Code, { text: tidy(u.external_id), what: "the externalId" }) })), u.accepted_at && _jsx(Fact, { name: "Seat charged from", children: exact(u.accepted_at) }), _jsx(Fact, { name: "id", children: _jsx(Code, { text: u.id, what: "the id" }) })] }), attributes.length > 0 && (_jsxs("details", { className: "disclosure", children: [_jsx("summary", { children: "Attributes as the client sent them" }), _jsx(Scroll, { label: "Attributes", children: _jsx("table", { className: "mini", children: _jsx("tbody", { children: attributes.map(([name, value]) => (_jsxs("tr", { children: [_jsx("th", { scope: "row", className: "mono", children: name }), _jsx("td", { children: _jsx("bdi", { children: shown(value) }) })] }, name))) }) }) })] })), _jsx(AsJSON, { operation: "get-user", path: { tenant: company, user: u.id }, value: u })] }));
}
function Groups({ company, user: u }) {
    const roles = u.roles ?? [];
    return (_jsxs(Card, { title: "Groups", children: [roles.length > 0 && (_jsx("ul", { className: "todo", children: roles.map((r) => (_jsxs("li", { children: [_jsx(To, { href: to.group(company, r.name), children: builtInGroups[r.name] }), " ", _jsx(Tag, { tone: "hold", children: "Built in" }), _jsx("div", { className: "faint", children: _jsx(Sources, { sources: r.sources }) })] }, r.name))) })), u.groups.length === 0 ? (roles.length === 0 && _jsx("p", { className: "faint", children: "In no group." })) : (_jsx("ul", { className: "todo", children: u.groups.map((g) => (_jsxs("li", { children: [_jsx(To, { href: to.group(company, g.id), children: _jsx(Name, { text: g.display_name, short: true }) }), " ", g.indirect && _jsx(Tag, { children: "by another group" }), " ", g.namesake && _jsx(NotBuiltIn, {})] }, g.id))) }))] }));
}
function SeatHistory({ company, user: u }) {
    const rights = useRights();
    const from = new Date(Date.now() - 365 * 86_400_000).toISOString().slice(0, 10);
    const until = new Date().toISOString().slice(0, 10);
    const ledger = useList("list-ledger", { path: { tenant: company }, query: { user: u.id, from, to: until } }, { enabled: rights.has("tenant.billing"), every: false });
    if (!rights.has("tenant.billing"))
        return _jsx(Withheld, { title: "Seat", right: "tenant.billing" });
    const mine = ledger.rows ?? [];
    return (_jsx(Card, { title: "Seat", children: _jsx(View, { reading: ledger, rows: 2, children: () => mine.length === 0 ? (_jsx("p", { className: "faint", children: "No billable seat in the last year." })) : (_jsx("ul", { className: "todo", children: mine.map((l) => (_jsxs("li", { children: [minute(l.from), " \u2013 ", l.to ? minute(l.to) : "now", " ", _jsx("span", { className: "faint", children: l.why ? `until ${plain(l.why).toLowerCase()}` : "" })] }, l.from))) })) }) }));
}
function History({ company, user: u }) {
    const rights = useRights();
    const audit = useTrail("search-audit", { path: { tenant: company }, query: { user: u.id, limit: 10 } }, { enabled: rights.has("tenant.record") });
    if (!rights.has("tenant.record"))
        return _jsx(Withheld, { title: "History", right: "tenant.record" });
    return (_jsx(Card, { title: "History", actions: _jsx(To, { href: `${to.company(company, "audit")}?user=${encodeURIComponent(u.id)}`, children: "All" }), children: _jsx(View, { reading: audit, rows: 4, children: () => (_jsx("ul", { className: "feed", children: (audit.rows ?? []).slice(0, 10).map((line) => (_jsxs("li", { children: [_jsx(Sentence, { line: line }), _jsx("span", { className: "faint", children: _jsx(Time, { at: line.time }) })] }, line.seq))) })) }) }));
}
