import { jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call, failureOf } from "../../api/client.js";
import { refresh, useRead } from "../../api/query.js";
import { Action, Code, Fact, Facts, Name, Scroll, Time, To } from "../../parts/basic.js";
import { Box } from "../../parts/dialog.js";
import { Filter, Search, Toggle } from "../../parts/form.js";
import { actorName } from "../../parts/sentence.js";
import { Empty, View } from "../../parts/state.js";
import { Table, TableBar } from "../../parts/table.js";
import { complain } from "../../parts/toast.js";
import { count, exact, sentence } from "../../parts/words.js";
import { to, useParams } from "../../shell/place.js";
import { kinds } from "./kinds.js";
const page = 100;
const most = 2_000;
const keyOf = (tenant) => ["list-events", { tenant }, "tail"];
async function read(tenant, after, signal) {
    return call("list-events", { path: { tenant }, query: { after: after || undefined, limit: page }, signal });
}
async function newest(tenant, signal) {
    const { oldest, last } = await call("list-events", { path: { tenant }, query: { limit: 1 }, signal });
    const { items } = await read(tenant, Math.max(oldest - 1, last - page), signal);
    return { events: items.reverse(), oldest };
}
async function further(tenant, known, signal) {
    const last = known?.events[0]?.seq;
    if (!known || !last)
        return newest(tenant, signal);
    try {
        const more = await read(tenant, last, signal);
        if (more.items.length === page)
            return newest(tenant, signal);
        return { events: [...more.items.reverse(), ...known.events].slice(0, most), oldest: more.oldest };
    }
    catch (error) {
        if (failureOf(error).status !== 410)
            throw error;
        return newest(tenant, signal);
    }
}
async function older(cache, tenant, known) {
    const first = known.events.at(-1)?.seq ?? 0;
    const { items } = await read(tenant, Math.max(known.oldest - 1, first - 1 - page));
    const before = items.filter((e) => e.seq < first).reverse();
    cache.setQueryData(keyOf(tenant), (now) => now && { ...now, events: [...now.events, ...before].slice(0, most) });
}
const columns = [
    { id: "seq", title: "Number", width: "6rem", cell: (e) => _jsx("span", { className: "number", children: e.seq }) },
    { id: "kind", title: "Kind", cell: (e) => _jsx("span", { className: "mono", children: e.kind }) },
    { id: "subject", title: "About", cell: (e) => _jsx(Name, { text: e.subject.name || `${e.subject.kind} ${e.subject.id}`, short: true }) },
    { id: "actor", title: "By", from: "tablet", cell: (e) => _jsx(Name, { text: actorName(e.actor), short: true }) },
    { id: "verb", title: "Verb", extra: true, from: "laptop", cell: (e) => _jsx("span", { className: "mono", children: e.verb }) },
    { id: "time", title: "Time", from: "tablet", cell: (e) => _jsx(Time, { at: e.time }) },
];
export default function Events({ tenant }) {
    const [params, set] = useParams();
    const [kind, q] = [params.get("kind") ?? "", params.get("q") ?? ""];
    const [live, setLive] = useState(true);
    const [reading, setReading] = useState(false);
    const cache = useQueryClient();
    const tail = useQuery({
        queryKey: keyOf(tenant),
        queryFn: ({ signal }) => further(tenant, cache.getQueryData(keyOf(tenant)), signal),
        enabled: live,
        refetchInterval: refresh,
        refetchIntervalInBackground: false,
    });
    const open = Number(params.get("event") ?? 0);
    const filtered = kind !== "" || q !== "";
    const clear = () => set({ kind: undefined, q: undefined });
    const events = tail.data?.events;
    const wanted = q.toLowerCase();
    const rows = events?.filter((e) => (!kind || e.kind === kind) && [e.subject.id, e.subject.name ?? "", e.txn ?? ""].some((text) => text.toLowerCase().includes(wanted)));
    const first = events?.at(-1)?.seq ?? 0;
    const more = tail.data && first > tail.data.oldest && (events?.length ?? 0) < most;
    const show = (e) => set({ event: String(e.seq) }, "push");
    const readOlder = async () => {
        if (!tail.data)
            return;
        setReading(true);
        await older(cache, tenant, tail.data).catch((error) => complain(failureOf(error)));
        setReading(false);
    };
    return (_jsxs("div", { className: "stack", children: [_jsx("p", { className: "page-sub", children: "What an application with a key of this company gets. The newest events come first; what happens while the page is open is added." }), _jsxs(TableBar, { filtered: filtered, clear: clear, actions: _jsx(Toggle, { label: "Live", on: live, onChange: setLive }), children: [_jsx(Search, { label: "About what", placeholder: "Name, id or txn", value: q, onChange: (text) => set({ q: text }) }), _jsx(Filter, { label: "Kind", value: kind, onChange: (next) => set({ kind: next }), options: Object.keys(kinds).map((id) => ({ id, text: id })) })] }), _jsx(Table, { name: "events", label: "Events", list: { ...tail, rows }, columns: columns, rowKey: (e) => String(e.seq), open: show, current: String(open), filtered: filtered, clear: clear, empty: _jsx(Empty, { icon: "pulse", title: "No event yet", children: "Each change of a person, a group, a connection or the seats becomes an event here, in the order in which it happened." }) }), more && (_jsxs("div", { className: "row", children: [_jsxs("span", { className: "faint", children: ["Events ", count(first), " to ", count(events?.[0]?.seq ?? 0), " are loaded", filtered && ", and searched", "."] }), _jsx(Action, { small: true, running: reading, onPress: () => void readOlder(), children: "Load older ones" })] })), _jsx(Kinds, { events: events ?? [], show: show }), _jsx(Box, { title: `Event ${open}`, open: open > 0, close: () => set({ event: undefined }), wide: true, children: _jsx(Detail, { tenant: tenant, seq: open }) })] }));
}
function Detail({ tenant, seq }) {
    const one = useRead("list-events", { path: { tenant }, query: { after: seq - 1 || undefined, limit: 1 } }, { enabled: seq > 0, every: false });
    return (_jsx(View, { reading: one, what: "The event", children: ({ items: [e], cursor }) => e ? (_jsxs("div", { className: "stack", children: [_jsxs(Facts, { children: [_jsx(Fact, { name: "Kind", children: _jsx("span", { className: "mono", children: e.kind }) }), _jsx(Fact, { name: "When", children: exact(e.time) }), _jsx(Fact, { name: "Meaning", children: sentence(kinds[e.kind]?.when || "as its name says") }), e.txn && (_jsxs(Fact, { name: "Caused by", children: [_jsx(Code, { text: e.txn, what: "the id of what caused it" }), " ", _jsx(To, { href: `${to.company(tenant, "audit")}?request=${encodeURIComponent(e.txn)}`, children: "Lines of the trail" })] })), cursor && (_jsx(Fact, { name: "Cursor after it", children: _jsx(Code, { text: cursor, what: "the cursor" }) }))] }), _jsx(Code, { text: JSON.stringify(e, null, 2), what: "the JSON", block: true })] })) : (_jsx("p", { children: "There is no such event." })) }));
}
function Kinds({ events, show }) {
    const samples = new Map([...events].reverse().map((e) => [e.kind, e]));
    return (_jsxs("details", { className: "disclosure", children: [_jsx("summary", { children: "Kinds of event" }), _jsx(Scroll, { label: "Kinds of event", children: _jsxs("table", { className: "mini", children: [_jsx("thead", { children: _jsxs("tr", { children: [_jsx("th", { scope: "col", children: "Kind" }), _jsx("th", { scope: "col", children: "When" }), _jsx("th", { scope: "col", children: "In data" }), _jsx("th", { scope: "col", children: "Sample" })] }) }), _jsx("tbody", { children: Object.entries(kinds).map(([kind, about]) => (_jsxs("tr", { children: [_jsx("th", { scope: "row", className: "mono", children: kind }), _jsx("td", { className: "loose", children: about.when && sentence(about.when) }), _jsx("td", { className: "loose", children: about.data }), _jsx("td", { children: _jsx(Sample, { event: samples.get(kind), show: show }) })] }, kind))) })] }) })] }));
}
function Sample({ event: e, show }) {
    if (!e)
        return _jsx("span", { className: "faint", children: "none is loaded" });
    return (_jsxs(Action, { small: true, look: "quiet", label: `Sample of ${e.kind}`, onPress: () => show(e), children: ["Event ", count(e.seq)] }));
}
