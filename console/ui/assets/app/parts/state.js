import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useEffect, useState } from "react";
import { failureOf } from "../api/client.js";
import { Action, Card, RequestId, useLack, useRights } from "./basic.js";
import { Icon, Mark } from "./icon.js";
import { clock, roleTitle } from "./words.js";
export function useLate(milliseconds = 200) {
    const [late, setLate] = useState(false);
    useEffect(() => {
        const timer = setTimeout(() => setLate(true), milliseconds);
        return () => clearTimeout(timer);
    }, [milliseconds]);
    return late;
}
export function Skeleton({ rows = 6 }) {
    const late = useLate();
    return (_jsx("div", { className: "skeleton", role: "status", "aria-label": "Loading", children: late && Array.from({ length: rows }, (_, i) => _jsx("div", { className: "skeleton-row" }, i)) }));
}
export function Opening() {
    return (_jsxs("div", { className: "opening", role: "status", children: [_jsx(Mark, { size: 36 }), _jsx("span", { children: "Opening the console\u2026" })] }));
}
function EmptyTitle({ level = 2, children }) {
    const Heading = level === 1 ? "h1" : "h2";
    return _jsx(Heading, { className: "empty-title", children: children });
}
export function Empty({ icon = "box", title, level, children, action, }) {
    return (_jsxs("div", { className: "empty", children: [_jsx("span", { className: "empty-icon", children: _jsx(Icon, { name: icon, size: 22 }) }), _jsx(EmptyTitle, { level: level, children: title }), children && _jsx("p", { children: children }), action && _jsx("div", { className: "row empty-action", children: action })] }));
}
export function Needs({ any, level, children }) {
    const rights = useRights();
    if (any.some((right) => rights.has(right)))
        return children;
    return (_jsx(Empty, { icon: "lock", title: "Your role may not see this page", level: level, children: `Your role, ${roleTitle(rights.role)}, lacks the right ${any.join(" or ")}. The table under Settings says which roles have it.` }));
}
export function Withheld({ title, right }) {
    return (_jsx(Card, { title: title, children: _jsx("p", { className: "faint", children: useLack(right) }) }));
}
export function NothingMatches({ clear }) {
    return (_jsxs(Empty, { icon: "filter", title: "Nothing matches", children: [_jsx("span", { children: "Nothing matches the search and the filters. " }), _jsx(Action, { small: true, onPress: clear, children: "Clear all" })] }));
}
export function Failed({ error, retry, what = "This", level }) {
    const failure = failureOf(error);
    return (_jsxs("div", { className: "empty empty-failed", role: "alert", children: [_jsx("span", { className: "empty-icon", children: _jsx(Icon, { name: "warning", size: 22 }) }), _jsx(EmptyTitle, { level: level, children: failure.status === 404 ? "This does not exist" : failure.status === 403 ? "You may not see this" : `${what} could not be loaded` }), _jsx("p", { children: failure.status === 404 ? "It never existed, it was deleted, or you have no access to it." : failure.message }), failure.request && (_jsx("p", { children: _jsx(RequestId, { id: failure.request }) })), retry && failure.status !== 404 && failure.status !== 403 && (_jsx(Action, { small: true, icon: "refresh", onPress: retry, children: "Try again" }))] }));
}
export function Stale({ reading }) {
    if (!reading.isError || reading.data === undefined)
        return null;
    return (_jsxs("p", { className: "stale", role: "status", children: [_jsx(Icon, { name: "clock" }), " As of ", clock(new Date(reading.dataUpdatedAt)), ": ", failureOf(reading.error).message] }));
}
export function View({ reading, children, rows, what, level, }) {
    if (reading.data === undefined) {
        if (reading.isError)
            return _jsx(Failed, { error: reading.error, retry: () => reading.refetch(), what: what, level: level });
        return _jsx(Skeleton, { rows: rows });
    }
    return (_jsxs(_Fragment, { children: [_jsx(Stale, { reading: reading }), children(reading.data)] }));
}
