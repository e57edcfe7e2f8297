import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useCallback, useEffect, useId, useLayoutEffect, useRef, useState, } from "react";
import { Button, Checkbox, CheckboxGroup, Dialog, DialogTrigger, Popover } from "react-aria-components";
import { remember, remembered } from "../shell/place.js";
import { Action, To } from "./basic.js";
import { Icon } from "./icon.js";
import { Failed, NothingMatches, Skeleton, Stale } from "./state.js";
import { Views } from "./views.js";
import { count } from "./words.js";
const windowed = 150;
export function Table(p) {
    const [shown, setShown] = useState(() => chosenColumns(p.name, p.columns));
    const columns = p.columns.filter((c) => shown.includes(c.id));
    if (p.list.rows === undefined) {
        return p.list.isError ? _jsx(Failed, { error: p.list.error, retry: () => p.list.refetch() }) : _jsx(Skeleton, { rows: 8 });
    }
    if (p.list.rows.length === 0) {
        return (_jsxs(_Fragment, { children: [_jsx(Stale, { reading: p.list }), p.filtered && p.clear ? _jsx(NothingMatches, { clear: p.clear }) : p.empty] }));
    }
    return (_jsxs(_Fragment, { children: [_jsx(Stale, { reading: p.list }), _jsx(Grid, { ...p, columns: columns, rows: p.list.rows, chooser: _jsx(Chooser, { name: p.name, columns: p.columns, shown: shown, set: setShown }) }), p.selection && p.selection.chosen.size > 0 && (_jsxs("div", { className: "selection", role: "status", children: [_jsxs("strong", { children: [count(p.selection.chosen.size), " selected"] }), _jsx("div", { className: "row", children: p.selection.actions }), _jsx(Action, { small: true, look: "quiet", onPress: () => p.selection?.set(new Set()), children: "Clear the selection" })] }))] }));
}
function chosenColumns(name, columns) {
    const stored = remembered(`columns.${name}`);
    if (stored) {
        const ids = stored.split(",");
        return columns.filter((c, i) => i === 0 || ids.includes(c.id)).map((c) => c.id);
    }
    return columns.filter((c) => !c.extra).map((c) => c.id);
}
function Chooser({ name, columns, shown, set }) {
    return (_jsxs(DialogTrigger, { children: [_jsx(Button, { className: "icon-button", "aria-label": "Choose the columns", children: _jsx(Icon, { name: "columns" }) }), _jsx(Popover, { className: "popover", placement: "bottom end", children: _jsx(Dialog, { className: "chooser", "aria-label": "Columns", children: _jsx(CheckboxGroup, { "aria-label": "Columns that are shown", value: shown, onChange: (ids) => {
                            const next = columns.filter((c, i) => i === 0 || ids.includes(c.id)).map((c) => c.id);
                            set(next);
                            remember(`columns.${name}`, next.join(","));
                        }, children: columns.slice(1).map((c) => (_jsxs(Checkbox, { value: c.id, className: "check", children: [_jsx("span", { className: "check-box", "aria-hidden": "true", children: _jsx(Icon, { name: "check", size: 12 }) }), _jsx("span", { className: "check-text", children: c.title })] }, c.id))) }) }) })] }));
}
function Grid(p) {
    const body = useRef(null);
    const large = p.rows.length > windowed && !p.loose;
    const [first, last, height] = useWindow(body, p.rows.length, large);
    const part = p.rows.slice(first, last);
    const span = p.columns.length + (p.selection ? 1 : 0) + 1;
    return (_jsxs("div", { className: "table-wrap", children: [_jsxs("table", { className: `table${p.loose ? " table-loose" : ""}`, "aria-label": p.label, "aria-rowcount": p.list.hasNextPage ? -1 : p.rows.length + 1, children: [_jsx(TableHead, { ...p }), _jsxs("tbody", { ref: body, onKeyDown: (event) => step(event), children: [first > 0 && _jsx(Spacer, { span: span, height: first * height }), part.map((row, i) => (_jsx(Row, { row: row, index: first + i, p: p }, p.rowKey(row)))), last < p.rows.length && _jsx(Spacer, { span: span, height: (p.rows.length - last) * height })] })] }), _jsx(Further, { list: p.list, shown: p.rows.length })] }));
}
function Spacer({ span, height }) {
    return (_jsx("tr", { className: "spacer", children: _jsx("td", { colSpan: span, style: { "--height": `${height}px` } }) }));
}
function TableHead(p) {
    return (_jsx("thead", { children: _jsxs("tr", { children: [p.selection && (_jsx("th", { scope: "col", className: "cell-check", children: _jsx(SelectAll, { rows: p.rows, rowKey: p.rowKey, selection: p.selection }) })), p.columns.map((c) => (_jsx("th", { scope: "col", className: cellClass(c), "aria-sort": sorted(p.sort, c), style: c.width ? { "--width": c.width } : undefined, children: c.sort && p.sort ? (_jsxs("button", { type: "button", className: "sort", onClick: () => c.sort && p.sort?.set(c.sort, p.sort.by === c.sort && !p.sort.down), children: [c.title, _jsx("span", { className: "sort-mark", "aria-hidden": "true", children: p.sort.by === c.sort ? _jsx(Icon, { name: p.sort.down ? "down" : "up", size: 12 }) : _jsx(Icon, { name: "down", size: 12 }) })] })) : (c.title) }, c.id))), _jsx("th", { scope: "col", className: "cell-menu", children: p.chooser })] }) }));
}
function sorted(sort, c) {
    if (!sort || !c.sort || sort.by !== c.sort)
        return undefined;
    return sort.down ? "descending" : "ascending";
}
function cellClass(c) {
    return [c.end && "cell-end", c.from && `from-${c.from}`, c.width && "cell-width"].filter(Boolean).join(" ") || undefined;
}
function Row({ row, index, p }) {
    const key = p.rowKey(row);
    const name = useId();
    const href = p.href?.(row);
    const chosen = p.selection?.chosen.has(key) ?? false;
    const follow = (event) => {
        if (event.defaultPrevented || event.button !== 0 || getSelection()?.toString())
            return;
        if (event.target.closest("a,button,input,label,[role=menuitem],[role=checkbox]"))
            return;
        event.currentTarget.querySelector(".row-link")?.click();
    };
    return (_jsxs("tr", { className: `${href || p.open ? "row-opens" : ""}${chosen ? " is-chosen" : ""}${p.current === key ? " is-current" : ""}` || undefined, "aria-rowindex": index + 2, onClick: follow, children: [p.selection && (_jsx("td", { className: "cell-check", children: _jsx(SelectRow, { id: key, index: index, rows: p.rows, rowKey: p.rowKey, selection: p.selection, name: name }) })), p.columns.map((c, i) => {
                if (i > 0) {
                    return (_jsx("td", { className: cellClass(c), children: c.cell(row) }, c.id));
                }
                return (_jsxs("th", { id: name, scope: "row", className: cellClass(c), children: [href ? (_jsx(To, { href: href, className: "row-link", children: c.cell(row) })) : p.open ? (_jsx("button", { type: "button", className: "row-link", onClick: () => p.open?.(row), "aria-haspopup": "dialog", children: c.cell(row) })) : (c.cell(row)), p.summary && _jsx("div", { className: "row-summary", children: p.summary(row) })] }, c.id));
            }), _jsx("td", { className: "cell-menu", children: p.menu?.(row) })] }));
}
function SelectAll({ rows, rowKey, selection }) {
    const chosen = rows.filter((r) => selection.chosen.has(rowKey(r))).length;
    return (_jsx(Checkbox, { className: "check", "aria-label": "Select all rows that are loaded", isSelected: chosen > 0 && chosen === rows.length, isIndeterminate: chosen > 0 && chosen < rows.length, onChange: (on) => selection.set(new Set(on ? [...selection.chosen, ...rows.map(rowKey)] : [])), children: _jsx("span", { className: "check-box", "aria-hidden": "true", children: _jsx(Icon, { name: "check", size: 12 }) }) }));
}
let lastChosen = -1;
function SelectRow({ id, index, name, rows, rowKey, selection }) {
    const shift = useRef(false);
    const own = useId();
    return (_jsx("span", { onClickCapture: (event) => {
            shift.current = event.shiftKey;
        }, onKeyDownCapture: (event) => {
            shift.current = event.shiftKey;
        }, children: _jsx(Checkbox, { className: "check", id: own, "aria-label": "Select", "aria-labelledby": `${own} ${name}`, isSelected: selection.chosen.has(id), onChange: (on) => {
                const next = new Set(selection.chosen);
                const [from, upTo] = shift.current && lastChosen >= 0 ? [Math.min(lastChosen, index), Math.max(lastChosen, index)] : [index, index];
                for (const row of rows.slice(from, upTo + 1)) {
                    if (on)
                        next.add(rowKey(row));
                    else
                        next.delete(rowKey(row));
                }
                lastChosen = index;
                selection.set(next);
            }, children: _jsx("span", { className: "check-box", "aria-hidden": "true", children: _jsx(Icon, { name: "check", size: 12 }) }) }) }));
}
function rowAt(key, row) {
    switch (key) {
        case "ArrowDown":
            return row.nextElementSibling;
        case "ArrowUp":
            return row.previousElementSibling;
        case "Home":
            return row.parentElement?.querySelector("tr:not(.spacer)");
        case "End":
            return [...(row.parentElement?.querySelectorAll("tr:not(.spacer)") ?? [])].at(-1);
    }
    return undefined;
}
export function step(event) {
    const target = event.target;
    const row = target.closest("tr");
    const cell = target.closest("th,td");
    if (!row || !cell || /^(TEXTAREA|SELECT)$/.test(target.tagName))
        return;
    if (target instanceof HTMLInputElement && target.type !== "checkbox" && !event.key.startsWith("Arrow"))
        return;
    const next = rowAt(event.key, row);
    const index = Array.prototype.indexOf.call(row.children, cell);
    const focusable = next?.children[index]?.querySelector("a,button,input");
    if (!focusable)
        return;
    event.preventDefault();
    focusable.focus();
    focusable.scrollIntoView({ block: "nearest" });
}
function useWindow(body, total, on) {
    const [range, setRange] = useState([0, 60, 44]);
    const measure = useCallback(() => {
        const element = body.current;
        if (!element || !on)
            return;
        const height = element.querySelector("tr:not(.spacer)")?.offsetHeight || 44;
        const top = -element.getBoundingClientRect().top;
        const from = Math.max(0, Math.floor(top / height) - 20);
        const to = Math.min(total, Math.ceil((top + innerHeight) / height) + 20);
        setRange((old) => (old[0] === from && old[1] === to && old[2] === height ? old : [from, to, height]));
    }, [body, total, on]);
    useLayoutEffect(measure, [measure]);
    useEffect(() => {
        if (!on)
            return;
        addEventListener("scroll", measure, { passive: true });
        addEventListener("resize", measure);
        return () => {
            removeEventListener("scroll", measure);
            removeEventListener("resize", measure);
        };
    }, [measure, on]);
    return on ? range : [0, total, range[2]];
}
function Further({ list, shown }) {
    const mark = useRef(null);
    const more = list.hasNextPage;
    const busy = list.isFetchingNextPage;
    useEffect(() => {
        if (!more || busy || !mark.current)
            return;
        const seen = new IntersectionObserver((entries) => entries.some((e) => e.isIntersecting) && list.fetchNextPage?.(), {
            rootMargin: "600px",
        });
        seen.observe(mark.current);
        return () => seen.disconnect();
    }, [more, busy, list.fetchNextPage]);
    if (!more)
        return null;
    return (_jsxs("div", { className: "further", ref: mark, children: [_jsxs("span", { className: "faint", children: [count(shown), " shown"] }), _jsx(Action, { small: true, running: busy, onPress: () => list.fetchNextPage?.(), children: "Load more" })] }));
}
export function TableBar({ children, filtered, clear, actions, views, }) {
    return (_jsxs("div", { className: "table-bar", children: [_jsx("div", { className: "row table-filters", children: children }), _jsxs("div", { className: "row", children: [filtered && clear && (_jsx(Action, { small: true, look: "quiet", onPress: clear, children: "Clear all" })), views && _jsx(Views, { list: views }), actions] })] }));
}
