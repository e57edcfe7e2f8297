import { jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { Pick, TextInput } from "../../parts/form.js";
import { isoDay } from "../../parts/words.js";
import { useParams } from "../../shell/place.js";
function month(back) {
    const now = new Date();
    return {
        from: isoDay(new Date(now.getFullYear(), now.getMonth() - back, 1)),
        to: isoDay(new Date(now.getFullYear(), now.getMonth() - back + 1, 0)),
    };
}
export function usePeriod() {
    const [params] = useParams();
    return { from: params.get("from") || undefined, to: params.get("to") || undefined };
}
export function PeriodPick() {
    const [params, set] = useParams();
    const period = { from: params.get("from") ?? "", to: params.get("to") ?? "" };
    const known = [month(0), month(1)];
    const at = known.findIndex((p) => p.from === period.from && p.to === period.to);
    const free = params.get("period") === "free" || (at < 0 && (period.from || period.to));
    const value = free ? "free" : at >= 0 ? `month${at}` : "cycle";
    const choose = (next) => {
        if (next === "cycle")
            set({ from: undefined, to: undefined, period: undefined });
        else if (next === "free")
            set({ period: "free", from: period.from || month(0).from, to: period.to || month(0).to });
        else
            set({ ...known[next === "month0" ? 0 : 1], period: undefined });
    };
    return (_jsxs("div", { className: "row", children: [_jsx(Pick, { label: "Period", name: "period", value: value, onChange: choose, small: true, hideLabel: true, options: [
                    { id: "cycle", text: "This billing cycle" },
                    { id: "month0", text: "This month" },
                    { id: "month1", text: "Last month" },
                    { id: "free", text: "Other days" },
                ] }), free && (_jsxs("div", { className: "span", children: [_jsx(TextInput, { label: "From", name: "from", type: "date", value: period.from, onChange: (from) => set({ from }), required: true }), _jsx(TextInput, { label: "To", name: "to", type: "date", value: period.to, onChange: (to) => set({ to }), required: true })] }))] }));
}
