import { jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useTrail } from "../../api/query.js";
import { Action, Card, Name } from "../../parts/basic.js";
import { NothingMatches, View } from "../../parts/state.js";
import { useParams } from "../../shell/place.js";
import { Detail, EffectFilter, ExchangeLine, StatusFilter } from "../connection/journal.js";
export default function PersonJournal({ company, user }) {
    const [params, set] = useParams();
    const status = params.get("status") ?? "";
    const effect = params.get("effect") ?? "";
    const filtered = status !== "" || effect !== "";
    const clear = () => set({ status: undefined, effect: undefined });
    const journal = useTrail("list-tenant-journal", {
        path: { tenant: company },
        query: { user, status: status || undefined, effect: (effect || undefined), limit: 10 },
    });
    const rows = journal.rows ?? [];
    return (_jsxs(Card, { title: "Requests about this person", children: [(filtered || rows.length > 0) && (_jsxs("div", { className: "row", children: [_jsx(StatusFilter, { value: status, set: (next) => set({ status: next }) }), _jsx(EffectFilter, { value: effect, set: (next) => set({ effect: next }) })] })), _jsx(View, { reading: journal, rows: 3, children: () => rows.length === 0 ? (filtered && !journal.hasNextPage ? (_jsx(NothingMatches, { clear: clear })) : (_jsx("p", { className: "faint", children: journal.hasNextPage ? "None among the last ones." : "None is kept." }))) : (_jsx("ul", { className: "feed", children: rows.map((e) => (_jsxs("li", { children: [_jsx("button", { type: "button", className: "row-link exchange-link", "aria-haspopup": "dialog", onClick: () => set({ request: e.request, by: e.connection }, "push"), children: _jsx(ExchangeLine, { exchange: e }) }), _jsx("span", { className: "faint", children: _jsx(Name, { text: e.connection ?? "", short: true }) })] }, `${e.seq}-${e.request}`))) })) }), journal.hasNextPage && (_jsx("div", { className: "further", children: _jsx(Action, { small: true, running: journal.isFetchingNextPage, onPress: () => void journal.fetchNextPage(), children: "Load older ones" }) })), _jsx(Detail, { connection: params.get("by") ?? "", request: params.get("request") ?? "", close: () => set({ request: undefined, by: undefined }) })] }));
}
