import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useRead } from "../../api/query.js";
import { Card, Code, Fact, Facts, Note, Time } from "../../parts/basic.js";
import { CompanyName } from "../../parts/names.js";
import { View } from "../../parts/state.js";
import { bytes, count, sentence } from "../../parts/words.js";
export function Archive() {
    const archive = useRead("get-archive", { query: { limit: 200 } }, { every: 60_000 });
    return (_jsx(Card, { title: "Archive", children: _jsx(View, { reading: archive, rows: 3, children: (a) => {
                const parts = a.items.flatMap((trail) => [trail.audit, trail.events]);
                const sum = (of) => parts.reduce((n, part) => n + of(part), 0);
                const moved = parts
                    .map((part) => part.moved ?? "")
                    .sort()
                    .at(-1);
                if (!a.place)
                    return (_jsx("p", { className: "faint", children: "There is none: audit lines stay in the store, and old events are deleted. The setting archive.folder or archive.s3.bucket turns it on." }));
                return (_jsxs(_Fragment, { children: [a.error && _jsxs(Note, { tone: "bad", children: [sentence(a.error), " Nothing is lost: the lines stay in the store."] }), a.items
                            .filter((trail) => trail.error)
                            .map((trail) => (_jsxs(Note, { tone: "bad", children: [trail.tenant ? _jsx(CompanyName, { slug: trail.tenant }) : "This installation", ": ", sentence(trail.error)] }, trail.tenant))), _jsxs(Facts, { children: [_jsx(Fact, { name: "Place", children: _jsx("span", { className: "mono wrap", children: a.place }) }), _jsxs(Fact, { name: "Lines and events", children: [count(sum((part) => part.lines)), a.next && " and more"] }), _jsx(Fact, { name: "Size", children: bytes(sum((part) => part.bytes)) }), _jsx(Fact, { name: "Last moved", children: moved ? _jsx(Time, { at: moved }) : "nothing yet" }), _jsx(Fact, { name: "Public key", children: _jsx(Code, { text: a.key ?? "", what: "the key" }) })] })] }));
            } }) }));
}
export function Streams() {
    const streams = useRead("list-audit-streams", { query: { limit: 200 } }, { every: 10_000 });
    return (_jsx(Card, { title: "SIEM", children: _jsx(View, { reading: streams, rows: 2, children: (all) => (_jsxs(_Fragment, { children: [all.items.length === 0 && (_jsx("p", { className: "faint", children: "Audit lines go to none. The settings audit.stdout and audit.syslog.address turn it on." })), all.items.map((s) => (_jsxs("div", { className: "stack", children: [s.error && _jsxs(Note, { tone: "bad", children: [sentence(s.error), " Nothing is lost: the lines are sent later."] }), _jsxs(Facts, { children: [_jsx(Fact, { name: "Audit lines go to", children: _jsx("span", { className: "mono wrap", children: s.to }) }), _jsx(Fact, { name: "Waiting", children: count(s.backlog) }), _jsx(Fact, { name: "Last taken", children: _jsx(Time, { at: s.success, none: "nothing yet" }) }), s.failing_since && (_jsx(Fact, { name: "Failing since", children: _jsx(Time, { at: s.failing_since }) }))] })] }, s.name)))] })) }) }));
}
