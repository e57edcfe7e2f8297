import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useLayoutEffect, useMemo, useRef, useState } from "react";
import { Scroll } from "./basic.js";
import { count, localDay } from "./words.js";
const height = 200;
const left = 40;
const bottom = 24;
const top = 12;
export function SeatChart({ points, series, label, until }) {
    const [at, setAt] = useState();
    const [width, setWidth] = useState(720);
    const figure = useRef(null);
    useLayoutEffect(() => {
        const element = figure.current;
        if (!element)
            return;
        const seen = new ResizeObserver(() => setWidth(Math.max(280, Math.round(element.clientWidth))));
        seen.observe(element);
        return () => seen.disconnect();
    }, [points.length > 0]);
    const ahead = Math.min(daysBetween(points[points.length - 1]?.day, until), Math.ceil(points.length / 3));
    const days = points.length + ahead;
    const scale = useMemo(() => {
        const most = Math.max(4, ...points.flatMap((p) => [...p.values, p.limit]));
        const step = niceStep(most / 4);
        const max = Math.ceil((most * 1.05) / step) * step;
        const x = (i) => left + (i / Math.max(1, days)) * (width - left);
        const y = (v) => top + (1 - v / max) * (height - top - bottom);
        return { max, step, x, y };
    }, [points, width, days]);
    if (!points.length)
        return null;
    const { x, y } = scale;
    const line = (get) => points.map((p, i) => `${i ? "" : `M${x(0)} ${y(get(p))}`}V${y(get(p)).toFixed(1)}H${x(i + 1).toFixed(1)}`).join("");
    const area = (get) => `${line(get)}V${y(0)}H${x(0)}Z`;
    const current = at === undefined ? undefined : points[at];
    const last = points[points.length - 1]?.values[series.length - 1] ?? 0;
    const marks = points.flatMap((p, i) => {
        const before = points[i - 1];
        return before && (before.limit !== p.limit || before.plan !== p.plan) ? [i] : [];
    });
    return (_jsxs("figure", { className: "chart", ref: figure, children: [_jsxs("svg", { viewBox: `0 0 ${width} ${height}`, height: height, role: "img", "aria-label": label, onPointerMove: (event) => {
                    const box = event.currentTarget.getBoundingClientRect();
                    const px = ((event.clientX - box.left) / box.width) * width;
                    const i = Math.floor(((px - left) / (width - left)) * days);
                    setAt(i >= 0 && i < points.length ? i : undefined);
                }, onPointerLeave: () => setAt(undefined), children: [Array.from({ length: Math.round(scale.max / scale.step) + 1 }, (_, i) => i * scale.step).map((v) => (_jsxs("g", { children: [_jsx("line", { className: "chart-grid", x1: left, x2: width, y1: y(v), y2: y(v) }), _jsx("text", { className: "chart-text", x: left - 8, y: y(v) + 4, textAnchor: "end", children: count(v) })] }, v))), months(points).map(([i, text]) => (_jsx("text", { className: "chart-text", x: x(i), y: height - 6, children: text }, i))), _jsx("path", { className: "chart-area", d: area((p) => p.values[0] ?? 0) }), series.map((_, s) => (_jsx("path", { className: `chart-line chart-line-${s}`, d: line((p) => p.values[s] ?? 0) }, s))), ahead > 0 && _jsx("path", { className: "chart-forecast", d: `M${x(points.length)} ${y(last)}H${x(days).toFixed(1)}` }), points.some((p) => p.limit > 0) && _jsx("path", { className: "chart-limit", d: `${line((p) => p.limit)}H${x(days).toFixed(1)}` }), marks.map((i) => (_jsx("circle", { className: "chart-mark", cx: x(i), cy: y(points[i]?.limit ?? 0), r: "3.5" }, i))), at !== undefined && _jsx("line", { className: "chart-cursor", x1: x(at + 0.5), x2: x(at + 0.5), y1: top, y2: height - bottom })] }), _jsx("figcaption", { className: "chart-legend", children: current ? (_jsxs(_Fragment, { children: [_jsx("strong", { children: localDay(current.day) }), series.map((name, s) => (_jsxs("span", { className: `legend legend-${s}`, children: [name, " ", count(current.values[s] ?? 0)] }, name))), _jsxs("span", { className: "legend legend-limit", children: ["Limit ", current.limit ? count(current.limit) : "none"] }), current.plan && _jsxs("span", { children: ["Plan ", current.plan] }), current.late && _jsx("span", { className: "faint", children: "counted late" })] })) : (_jsxs(_Fragment, { children: [series.map((name, s) => (_jsx("span", { className: `legend legend-${s}`, children: name }, name))), _jsx("span", { className: "legend legend-limit", children: "Limit" }), ahead > 0 && _jsx("span", { className: "legend legend-forecast", children: "If nothing changes" }), marks.length > 0 && _jsx("span", { className: "legend legend-mark", children: "Plan or limit changed" })] })) }), _jsxs("details", { className: "chart-table", children: [_jsx("summary", { children: "As a table" }), _jsx(Scroll, { label: `${label}, as a table`, high: true, children: _jsxs("table", { className: "mini", children: [_jsx("thead", { children: _jsxs("tr", { children: [_jsx("th", { scope: "col", children: "Day" }), series.map((name) => (_jsx("th", { scope: "col", className: "cell-end", children: name }, name))), _jsx("th", { scope: "col", className: "cell-end", children: "Limit" }), points.some((p) => p.plan) && _jsx("th", { scope: "col", children: "Plan" })] }) }), _jsx("tbody", { children: [...points].reverse().map((p) => (_jsxs("tr", { children: [_jsx("th", { scope: "row", children: localDay(p.day) }), p.values.map((v, s) => (_jsx("td", { className: "cell-end", children: count(v) }, series[s]))), _jsx("td", { className: "cell-end", children: p.limit ? count(p.limit) : "none" }), p.plan && _jsx("td", { children: p.plan })] }, p.day))) })] }) })] })] }));
}
function daysBetween(day, until) {
    if (!day || !until)
        return 0;
    return Math.max(0, Math.round((Date.parse(until) - Date.parse(day)) / 86_400_000));
}
function niceStep(rough) {
    const power = 10 ** Math.floor(Math.log10(Math.max(1, rough)));
    for (const m of [1, 2, 5, 10])
        if (rough <= m * power)
            return Math.max(1, m * power);
    return power * 10;
}
function months(points) {
    const out = [];
    const format = new Intl.DateTimeFormat("en-GB", { month: "short" });
    for (const [i, p] of points.entries()) {
        const [y, m, d] = p.day.split("-").map(Number);
        if (d === 1 && i < points.length - 4)
            out.push([i, format.format(new Date(y ?? 0, (m ?? 1) - 1, 1))]);
    }
    return out;
}
