import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useEffect, useState } from "react";
import { Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { Action, Code, IconAction, Note } from "./basic.js";
import { FormBox, Submit, TextInput, Tick } from "./form.js";
import { Icon } from "./icon.js";
export function Box({ title, open, close, children, sub, wide, panel, firm, stuck, alert }) {
    const [typed, setTyped] = useState(false);
    useEffect(() => {
        if (!open)
            setTyped(false);
    }, [open]);
    return (_jsx(ModalOverlay, { className: panel ? "overlay overlay-panel" : "overlay", isOpen: open, onOpenChange: (next) => !next && close(), isDismissable: !firm && !stuck && !typed, isKeyboardDismissDisabled: stuck || (firm && typed), children: _jsx(Modal, { className: `${panel ? "panel" : "modal"}${wide ? " modal-wide" : ""}`, children: _jsxs(Dialog, { className: "dialog", role: alert ? "alertdialog" : "dialog", children: [_jsxs("header", { className: "dialog-head", children: [_jsxs("div", { children: [_jsx(Heading, { slot: "title", level: 2, children: title }), sub && _jsx("p", { className: "page-sub", children: sub })] }), !stuck && _jsx(IconAction, { icon: "close", label: "Close", onPress: close })] }), _jsx("div", { className: "dialog-body", onInput: () => setTyped(true), children: children })] }) }) }));
}
export function Confirm(p) {
    const [reason, setReason] = useState("");
    const [typed, setTyped] = useState("");
    useEffect(() => {
        if (p.open) {
            setReason("");
            setTyped("");
        }
    }, [p.open]);
    const missing = p.typed !== undefined && typed.trim() !== p.typed;
    return (_jsx(Box, { title: p.title, open: p.open, close: p.close, wide: p.wide, alert: p.danger, children: _jsxs(FormBox, { failure: p.failure, submit: () => !missing && !p.not && p.run(reason.trim()), children: [p.children, p.reason && (_jsx(TextInput, { label: p.reasonLabel ?? "Reason", name: "reason", value: reason, onChange: setReason, required: p.reason === "must", maxLength: 500, about: "It is recorded in the audit trail.", lines: 2 })), p.typed !== undefined && (_jsx(TextInput, { label: `Type ${p.typed} to confirm`, name: "typed", value: typed, onChange: setTyped, required: true, mono: true })), _jsx(Submit, { running: p.running, cancel: p.close, danger: p.danger, not: p.not ?? (missing ? `Type ${p.typed} first.` : undefined), children: p.verb })] }) }));
}
export function Consequences({ items }) {
    return (_jsx("ul", { className: "consequences", children: items.filter(Boolean).map((item, i) => (_jsx("li", { children: item }, i))) }));
}
export function SecretBox({ title, open, close, secrets, kept, children, }) {
    const [stored, setStored] = useState(false);
    useEffect(() => {
        if (open)
            setStored(false);
    }, [open]);
    return (_jsxs(Box, { title: title, open: open, close: close, stuck: true, children: [_jsx(Secrets, { secrets: secrets, kept: kept }), children, _jsxs("div", { className: "form-foot form-foot-split", children: [_jsx(Tick, { label: "I have stored it", checked: stored, onChange: setStored }), _jsx(Action, { look: "primary", onPress: close, not: stored ? undefined : "Store it first: it is not shown again.", children: "Done" })] })] }));
}
export function Secrets({ secrets, kept }) {
    return (_jsxs(_Fragment, { children: [_jsxs(Note, { tone: "warn", children: ["This is shown once. The server ", kept ?? "keeps only a hash of it", "."] }), _jsx("div", { className: "secrets", children: secrets.map((s) => (_jsxs("div", { className: "secret", children: [_jsx("span", { className: "label", children: s.label }), _jsx(Code, { text: s.text, what: s.what, block: true })] }, s.label))) })] }));
}
export function Versions({ rows, keep, take, }) {
    const changed = rows.filter((r) => r.mine !== r.theirs);
    return (_jsxs("div", { className: "versions", role: "alert", children: [_jsxs("p", { children: [_jsx(Icon, { name: "warning" }), " Another operator changed it after you opened it. Nothing of yours is saved yet."] }), _jsxs("table", { children: [_jsx("thead", { children: _jsxs("tr", { children: [_jsx("th", { scope: "col", children: "Field" }), _jsx("th", { scope: "col", children: "As it is now" }), _jsx("th", { scope: "col", children: "As you wrote it" })] }) }), _jsxs("tbody", { children: [changed.map((r) => (_jsxs("tr", { children: [_jsx("th", { scope: "row", children: r.label }), _jsx("td", { children: _jsx("bdi", { children: r.theirs || "–" }) }), _jsx("td", { children: _jsx("bdi", { children: r.mine || "–" }) })] }, r.label))), !changed.length && (_jsx("tr", { children: _jsx("td", { colSpan: 3, children: "Nothing shown here differs." }) }))] })] }), _jsxs("div", { className: "row", children: [_jsx(Action, { small: true, onPress: take, children: "Use the current version" }), _jsx(Action, { small: true, look: "primary", onPress: keep, children: "Save mine over it" })] })] }));
}
