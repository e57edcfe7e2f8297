import { jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useSyncExternalStore } from "react";
import { Button } from "react-aria-components";
import { failureOf } from "../api/client.js";
import { useAction } from "../api/query.js";
import { RequestId } from "./basic.js";
import { Icon } from "./icon.js";
let toasts = [];
let last = 0;
const watchers = new Set();
function change(next) {
    toasts = next;
    for (const tell of watchers)
        tell();
}
function dismiss(id) {
    change(toasts.filter((t) => t.id !== id));
}
function show(toast, milliseconds) {
    const id = ++last;
    change([...toasts.slice(-2), { id, ...toast }]);
    if (milliseconds)
        setTimeout(() => dismiss(id), milliseconds);
}
export function say(text, undo) {
    show({ tone: "good", text, undo }, undo ? 30_000 : 6_000);
}
export function complain(failure) {
    if (typeof failure === "string")
        show({ tone: "bad", text: failure }, 0);
    else
        show({ tone: "bad", text: failure.message, request: failure.request }, 0);
}
export function useQuick(operation, done) {
    const action = useAction(operation, done);
    const { failure } = action;
    useEffect(() => {
        if (failure)
            complain(failure);
    }, [failure]);
    return action;
}
function UndoButton({ id, undo }) {
    const cache = useQueryClient();
    const run = async () => {
        dismiss(id);
        try {
            await undo.run();
            say(undo.said);
        }
        catch (error) {
            complain(failureOf(error));
        }
        void cache.invalidateQueries();
    };
    return (_jsx(Button, { className: "button button-plain button-small", onPress: () => void run(), children: "Undo" }));
}
export function Toasts() {
    const shown = useSyncExternalStore((tell) => {
        watchers.add(tell);
        return () => watchers.delete(tell);
    }, () => toasts);
    return (_jsx("div", { className: "toasts", role: "status", "aria-live": "polite", "aria-label": "Messages", children: shown.map((t) => (_jsxs("div", { className: `toast toast-${t.tone}`, children: [_jsx(Icon, { name: t.tone === "good" ? "check" : "warning" }), _jsxs("div", { children: [_jsx("p", { children: t.text }), t.request && (_jsx("p", { children: _jsx(RequestId, { id: t.request }) }))] }), t.undo && _jsx(UndoButton, { id: t.id, undo: t.undo }), _jsx(Button, { className: "icon-button", "aria-label": "Close the message", onPress: () => dismiss(t.id), children: _jsx(Icon, { name: "close" }) })] }, t.id))) }));
}
