import { jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { Nothing } from "../../parts/basic.js";
import { now } from "../../parts/clock.js";
import { clock, count, many } from "../../parts/words.js";
const hour = 3_600_000;
const step = 3;
const height = 18;
export function Spark({ connection: c }) {
    if (c.type === "google-directory")
        return _jsx(Nothing, {});
    const all = c.requests.reduce((sum, n) => sum + n, 0);
    if (!all)
        return _jsx(Nothing, { children: "none" });
    const most = Math.max(...c.requests);
    const busiest = new Date((Math.floor(now() / hour) - (c.requests.length - 1 - c.requests.indexOf(most))) * hour);
    const bars = c.requests.map((n, i) => (n ? `M${i * step + 1} ${height}v${-Math.max(1, Math.round((n / most) * height))}` : "")).join("");
    const text = `${many(all, "request", "requests")} in the last 24 hours, ${count(most)} of them in the hour from ${clock(busiest)}`;
    return (_jsxs("span", { className: "spark", title: text, children: [_jsx("svg", { viewBox: `0 0 ${c.requests.length * step} ${height}`, height: height, role: "img", "aria-label": text, children: _jsx("path", { d: bars }) }), _jsx("span", { "aria-hidden": "true", children: count(all) })] }));
}
