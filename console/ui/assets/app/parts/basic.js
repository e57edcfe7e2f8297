import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { createContext, useContext, useEffect, useLayoutEffect, useRef, useState } from "react";
import { Button as AriaButton, Link as AriaLink, Menu, MenuItem, MenuTrigger, Popover, Separator, Text, Tooltip, TooltipTrigger, } from "react-aria-components";
import { now as exactNow, useNow } from "./clock.js";
import { Icon } from "./icon.js";
import { complain, say } from "./toast.js";
import { count, exact, relative, roleTitle, tidy } from "./words.js";
export const RightsContext = createContext({ role: "", has: () => false });
export function useRights() {
    return useContext(RightsContext);
}
export function useLack(right) {
    const rights = useRights();
    if (!right || rights.has(right))
        return undefined;
    return `Your role, ${roleTitle(rights.role)}, lacks the right ${right}.`;
}
export function Action({ children, onPress, look = "plain", icon, right, not, running, submit, small, label, autoFocus }) {
    const lack = useLack(right);
    const why = lack ?? not;
    const className = `button button-${look}${small ? " button-small" : ""}${why ? " is-off" : ""}`;
    const inside = (_jsxs(_Fragment, { children: [running ? _jsx("span", { className: "spinner" }) : icon && _jsx(Icon, { name: icon }), _jsx("span", { children: children })] }));
    if (!why) {
        const off = running ? { "aria-disabled": true } : undefined;
        return (_jsx(AriaButton, { className: className, onPress: running ? undefined : onPress, type: submit && !running ? "submit" : "button", "aria-label": label, autoFocus: autoFocus, ...off, children: inside }));
    }
    return (_jsxs(TooltipTrigger, { delay: 200, children: [_jsx(AriaButton, { className: className, ...{ "aria-disabled": true }, "aria-label": label, onPress: () => complain(why), children: inside }), _jsx(Tooltip, { className: "tooltip", children: why })] }));
}
export function IconAction({ icon, label, onPress, pressed, right, }) {
    const lack = useLack(right);
    const off = lack ? { "aria-disabled": true } : undefined;
    return (_jsxs(TooltipTrigger, { delay: 400, children: [_jsx(AriaButton, { className: `icon-button${lack ? " is-off" : ""}`, "aria-label": label, "aria-pressed": pressed, onPress: lack ? () => complain(lack) : onPress, ...off, children: _jsx(Icon, { name: icon }) }), _jsx(Tooltip, { className: "tooltip", children: lack ?? label })] }));
}
export function To({ href, children, className = "link", label, }) {
    return (_jsx(AriaLink, { href: href, className: className, "aria-label": label, children: children }));
}
export function ToButton({ href, children, icon, look = "plain", right, }) {
    const lack = useLack(right);
    if (lack) {
        return (_jsx(Action, { look: look, icon: icon, not: lack, children: children }));
    }
    return (_jsxs(AriaLink, { href: href, className: `button button-${look}`, children: [icon && _jsx(Icon, { name: icon }), _jsx("span", { children: children })] }));
}
export function Download({ href, children, name }) {
    return (_jsxs("a", { className: "button button-plain", href: href, download: name ?? true, children: [_jsx(Icon, { name: "download" }), _jsx("span", { children: children })] }));
}
export function More({ choices, label = "More actions", children, look = "quiet", icon = "more", }) {
    const rights = useRights();
    if (!choices.length)
        return null;
    return (_jsxs(MenuTrigger, { children: [_jsx(AriaButton, { className: children ? `button button-${look}` : "icon-button", "aria-label": children ? undefined : label, children: children ? (_jsxs(_Fragment, { children: [_jsx("span", { children: children }), _jsx(Icon, { name: "down" })] })) : (_jsx(Icon, { name: icon })) }), _jsx(Popover, { className: "popover", placement: "bottom end", children: _jsx(Menu, { className: "menu", "aria-label": label, children: choices.flatMap((c) => {
                        const lack = c.right && !rights.has(c.right) ? `Your role lacks the right ${c.right}.` : c.not;
                        const item = (_jsxs(MenuItem, { id: c.id, className: `menu-item${c.danger ? " menu-danger" : ""}`, textValue: c.text, href: lack ? undefined : c.href, isDisabled: !!lack, onAction: lack ? undefined : c.run, children: [c.icon && _jsx(Icon, { name: c.icon }), _jsxs(Text, { slot: "label", className: "item-text", children: [c.text, (lack || c.about) && _jsxs("span", { className: "item-about", children: [" ", lack ?? c.about] })] })] }, c.id));
                        return c.apart ? [_jsx(Separator, {}, `${c.id}-line`), item] : [item];
                    }) }) })] }));
}
export function Tip({ text, children }) {
    return (_jsxs(TooltipTrigger, { delay: 300, children: [_jsx(AriaButton, { className: "tip", children: children }), _jsx(Tooltip, { className: "tooltip", children: text })] }));
}
export function Shape({ tone }) {
    const d = {
        good: "M5 1a4 4 0 1 0 0 8 4 4 0 0 0 0-8Z",
        warn: "M5 1 9.2 8.6H.8Z",
        bad: "M5 .6 9.4 5 5 9.4.6 5Z",
        info: "M1.2 1.2h7.6v7.6H1.2Z",
        quiet: "M5 1.7a3.3 3.3 0 1 0 0 6.6 3.3 3.3 0 0 0 0-6.6Z",
        hold: "M2.5 1v8M7.5 1v8",
    }[tone];
    return (_jsx("svg", { className: `shape shape-${tone}`, width: "10", height: "10", viewBox: "0 0 10 10", "aria-hidden": "true", focusable: "false", children: _jsx("path", { d: d }) }));
}
export function Badge({ word, title }) {
    if (!word)
        return null;
    return (_jsxs("span", { className: `badge badge-${word.tone}`, title: title, children: [_jsx(Shape, { tone: word.tone }), word.text] }));
}
export function Tag({ children, tone = "quiet" }) {
    return _jsx("span", { className: `tag tag-${tone}`, children: children });
}
export function Name({ text, short }) {
    const clean = tidy(text) || "–";
    return (_jsx("bdi", { className: short ? "name name-short" : "name", title: clean.length > 40 ? clean : undefined, dir: /^\S+@\S+$/.test(clean) ? "ltr" : undefined, children: clean }));
}
export function Time({ at, none = "–" }) {
    const ticked = useNow();
    if (!at)
        return _jsx("span", { className: "faint", children: none });
    const now = Date.parse(at) > ticked ? exactNow() : ticked;
    return (_jsx("time", { dateTime: at, title: exact(at), children: relative(at, now) }));
}
export function Nothing({ children = "–" }) {
    return _jsx("span", { className: "faint", children: children });
}
export function SeatMeter({ occupied, limit }) {
    const share = limit > 0 ? Math.min(1, occupied / limit) : 0;
    const level = limit <= 0 ? "none" : share >= 1 ? "full" : share >= 0.9 ? "high" : "fine";
    return (_jsxs("span", { className: `meter meter-${level}`, children: [_jsxs("span", { className: "meter-text", children: [count(occupied), _jsxs("span", { className: "faint", children: [" / ", limit > 0 ? count(limit) : "no limit"] })] }), _jsx("span", { className: "meter-bar", "aria-hidden": "true", children: _jsx("span", { className: "meter-fill", style: { "--share": `${share * 100}%` } }) }), level === "full" && _jsx("span", { className: "visually-hidden", children: "All seats are in use." })] }));
}
export function useCopy() {
    return (text, what) => {
        navigator.clipboard.writeText(text).then(() => say(`${what} is copied.`), () => complain(`${what} could not be copied: this browser does not allow it. Select it and copy it by hand.`));
    };
}
export function Code({ text, what, block }) {
    const copy = useCopy();
    return (_jsxs("span", { className: block ? "code code-block" : "code", children: [_jsx("code", { children: text }), _jsx(IconAction, { icon: "copy", label: `Copy ${what}`, onPress: () => copy(text, what.charAt(0).toUpperCase() + what.slice(1)) })] }));
}
export function RequestId({ id }) {
    return (_jsxs("span", { className: "faint", children: ["Request ", _jsx(Code, { text: id, what: "the request id" })] }));
}
export function Facts({ children }) {
    return _jsx("dl", { className: "facts", children: children });
}
export function Fact({ name, children }) {
    return (_jsxs("div", { className: "fact", children: [_jsx("dt", { children: name }), _jsx("dd", { children: children })] }));
}
export function Card({ title, actions, children, tone, flush, id, }) {
    return (_jsxs("section", { className: `card${tone ? ` card-${tone}` : ""}${flush ? " card-flush" : ""}`, id: id, children: [(title || actions) && (_jsxs("header", { className: "card-head", children: [title && _jsx("h2", { children: title }), actions && _jsx("div", { className: "row", children: actions })] })), _jsx("div", { className: "card-body", children: children })] }));
}
export function Note({ tone = "info", children, action, }) {
    return (_jsxs("div", { className: `note note-${tone}`, children: [_jsx(Icon, { name: tone === "info" ? "info" : tone === "good" ? "check" : "warning" }), _jsx("div", { className: "note-text", children: children }), action] }));
}
export function Head({ title, sub, badge, children }) {
    const heading = useRef(null);
    useEffect(() => {
        if (document.body.dataset.moved && (!document.activeElement || document.activeElement === document.body))
            heading.current?.focus({ preventScroll: true });
    }, []);
    return (_jsxs("header", { className: "page-head", children: [_jsxs("div", { className: "page-title", children: [_jsxs("div", { className: "row", children: [_jsx("h1", { ref: heading, tabIndex: -1, children: title }), badge] }), sub && _jsx("p", { className: "page-sub", children: sub })] }), children && _jsx("div", { className: "page-actions", children: children })] }));
}
export function useCountdown(seconds) {
    const [left, setLeft] = useState(seconds);
    useEffect(() => {
        setLeft(seconds);
        if (seconds <= 0)
            return;
        const end = Date.now() + seconds * 1000;
        const timer = setInterval(() => {
            const rest = Math.max(0, Math.ceil((end - Date.now()) / 1000));
            setLeft(rest);
            if (!rest)
                clearInterval(timer);
        }, 250);
        return () => clearInterval(timer);
    }, [seconds]);
    return left;
}
export function Scroll({ label, children, high }) {
    return (_jsx("section", { className: high ? "scroll" : "scroll-x", "aria-label": label, tabIndex: 0, children: children }));
}
export function lackOf(rights, right) {
    return right && !rights.has(right) ? right : undefined;
}
export function Tabs({ label, current, sections }) {
    const bar = useRef(null);
    const rights = useRights();
    const [folded, setFolded] = useState("");
    const ids = sections.map((s) => s.id).join(" ");
    useLayoutEffect(() => {
        const nav = bar.current;
        if (!nav)
            return;
        const fit = () => setFolded(foldedIn(nav).join(","));
        fit();
        const seen = new ResizeObserver(fit);
        for (const element of [nav, ...nav.querySelectorAll("li")])
            seen.observe(element);
        return () => seen.disconnect();
    }, [ids, current]);
    const away = new Set(folded ? folded.split(",").map(Number) : []);
    return (_jsxs("nav", { className: "tabs", "aria-label": label, ref: bar, children: [_jsx("ul", { children: sections.map((s, i) => (_jsx("li", { className: away.has(i) ? "is-folded" : undefined, children: s.lacks ? (_jsxs("span", { className: "tab is-off", title: `Your role, ${roleTitle(rights.role)}, lacks the right ${s.lacks}.`, children: [s.text, _jsxs("span", { className: "visually-hidden", children: [": your role lacks the right ", s.lacks] })] })) : (_jsx("span", { "aria-current": s.id === current ? "page" : undefined, className: "tab-here", children: _jsxs(To, { href: s.href, className: "tab", children: [s.text, s.count ? _jsx("span", { className: "tab-count", children: count(s.count) }) : null] }) })) }, s.id))) }), away.size > 0 && (_jsxs(More, { label: "More sections", choices: sections
                    .filter((_, i) => away.has(i))
                    .map((s) => ({
                    id: s.id,
                    text: s.text,
                    href: s.href,
                    about: s.count ? count(s.count) : undefined,
                    not: s.lacks && `Your role lacks the right ${s.lacks}.`,
                })), children: ["More", _jsx("span", { className: "visually-hidden", children: " sections" })] }))] }));
}
function foldedIn(nav) {
    const items = [...nav.querySelectorAll("li")];
    const here = items.findIndex((li) => li.querySelector("[aria-current]"));
    const gap = Number.parseFloat(getComputedStyle(nav.querySelector("ul") ?? nav).columnGap) || 0;
    const widths = items.map((li) => li.offsetWidth + gap);
    const sum = widths.reduce((all, width) => all + width, -gap);
    if (sum <= nav.clientWidth)
        return [];
    let left = nav.clientWidth - menuWidth - (widths[here] ?? 0);
    return items.flatMap((_, i) => {
        if (i === here)
            return [];
        left -= widths[i] ?? 0;
        return left < 0 ? [i] : [];
    });
}
const menuWidth = 96;
