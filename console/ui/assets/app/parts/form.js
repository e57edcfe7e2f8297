import { jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { createContext, useContext, useEffect, useMemo, useRef, useState } from "react";
import { Button, Checkbox, ComboBox, FieldError, Form, Input, Label, ListBox, ListBoxItem, Popover, Radio, RadioGroup, SearchField, Select, SelectValue, Switch, Text, TextArea, TextField, } from "react-aria-components";
import { Action, RequestId, useCountdown } from "./basic.js";
import { Icon } from "./icon.js";
import { Rule } from "./rule.js";
const Pointless = createContext({ set: () => undefined });
export function usePointless(why) {
    const { set } = useContext(Pointless);
    useEffect(() => {
        set(why);
        return () => set(undefined);
    }, [set, why]);
}
export function FormBox({ failure, submit, children, className = "form", label, }) {
    const form = useRef(null);
    const [edited, setEdited] = useState();
    const errors = useMemo(() => {
        const out = {};
        if (!failure || failure === edited)
            return out;
        for (const f of failure.fields)
            out[last(f.field)] = f.message;
        if (failure.field)
            out[last(failure.field)] = failure.message;
        return out;
    }, [failure, edited]);
    const [shown, setShown] = useState();
    const [why, set] = useState();
    const pointless = useMemo(() => ({ why, set }), [why]);
    useEffect(() => {
        const names = Object.keys(errors);
        if (names.length > 0 && names.every((name) => form.current?.elements.namedItem(name)))
            setShown(failure);
    }, [errors, failure]);
    return (_jsxs(Form, { ref: form, className: className, "aria-label": label, validationErrors: errors, onSubmit: (event) => {
            event.preventDefault();
            if (!why)
                submit();
        }, children: [_jsx("div", { className: "contents", onInput: () => setEdited(failure), children: _jsx(Pointless.Provider, { value: pointless, children: children }) }), failure && shown !== failure && _jsx(Refusal, { failure: failure })] }));
}
function last(field) {
    return (field
        .split(".")
        .pop()
        ?.replace(/\[\d+\]$/, "") ?? field);
}
export function Refusal({ failure }) {
    const left = useCountdown(failure.retryAfter);
    return (_jsxs("div", { className: "note note-bad", role: "alert", children: [_jsx(Icon, { name: "warning" }), _jsxs("div", { className: "note-text", children: [_jsx("p", { children: failure.message }), failure.retryAfter > 0 && _jsx("p", { children: left > 0 ? `Try again in ${left} s.` : "Try again now." }), (failure.rule || failure.request) && (_jsxs("p", { className: "faint", children: [failure.rule && _jsx(Rule, { id: failure.rule }), " ", failure.request && _jsx(RequestId, { id: failure.request })] }))] })] }));
}
export function TextInput(p) {
    return (_jsxs(TextField, { className: "field", name: p.name, value: p.value, onChange: p.onChange, isRequired: p.required, isDisabled: !!p.not, type: p.type === "date" || p.type === "datetime-local" ? p.type : p.type, autoComplete: p.autoComplete ?? "off", inputMode: p.inputMode, autoFocus: p.autoFocus, maxLength: p.maxLength, pattern: p.pattern, children: [_jsx(Caption, { label: p.label, optional: !p.required }), p.lines ? (_jsx(TextArea, { className: "input", rows: p.lines, placeholder: p.placeholder })) : (_jsx(Input, { className: p.mono ? "input mono" : "input", placeholder: p.placeholder })), (p.not || p.about) && (_jsx(Text, { slot: "description", className: "about", children: p.not ?? p.about })), _jsx(FieldError, { className: "field-error" })] }));
}
function Caption({ label, optional }) {
    return (_jsxs(Label, { className: "label", children: [label, optional && _jsx("span", { className: "optional", children: " optional" })] }));
}
export function Pick(p) {
    return (_jsxs(Select, { className: p.small ? "field field-small" : "field", name: p.name, selectedKey: p.value || null, onSelectionChange: (key) => p.onChange(String(key)), isRequired: p.required, isDisabled: !!p.not, "aria-label": p.hideLabel ? p.label : undefined, placeholder: "Choose", children: [!p.hideLabel && _jsx(Caption, { label: p.label }), _jsxs(Button, { className: "input select", children: [_jsx(SelectValue, {}), _jsx(Icon, { name: "down" })] }), (p.not || p.about) && (_jsx(Text, { slot: "description", className: "about", children: p.not ?? p.about })), _jsx(FieldError, { className: "field-error" }), _jsx(Popover, { className: "popover popover-list", children: _jsx(ListBox, { className: "list-box", items: p.options, children: (o) => (_jsxs(ListBoxItem, { className: "list-item", id: o.id, textValue: o.text, isDisabled: !!o.not, children: [_jsx("span", { className: "list-check", children: _jsx(Icon, { name: "check" }) }), _jsxs(Text, { slot: "label", className: "item-text", children: [o.text, (o.not || o.about) && _jsxs("span", { className: "item-about", children: [" ", o.not ?? o.about] })] })] })) }) })] }));
}
export function choicesOf(words) {
    return Object.entries(words).map(([id, word]) => ({ id, text: typeof word === "string" ? word : word.text }));
}
export function Find(p) {
    const [left, setLeft] = useState(false);
    const wrong = left || p.options.length === 0 ? p.wrong : undefined;
    return (_jsxs(ComboBox, { selectedKey: p.chosen === undefined ? undefined : p.chosen || null, allowsCustomValue: p.free, isInvalid: wrong !== undefined || undefined, isDisabled: !!p.not, onFocusChange: (on) => setLeft(!on), className: "field", name: p.name, inputValue: p.text, onInputChange: p.onText, onSelectionChange: (key) => key !== null && p.onChange(String(key)), items: p.options, isRequired: p.required, allowsEmptyCollection: true, menuTrigger: "focus", children: [_jsx(Caption, { label: p.label }), _jsxs("div", { className: "input-group", children: [_jsx(Input, { className: "input", placeholder: p.placeholder }), _jsx(Button, { className: "input-button", "aria-label": "Show the choices", children: _jsx(Icon, { name: "down" }) })] }), (p.not || p.about) && (_jsx(Text, { slot: "description", className: "about", children: p.not ?? p.about })), _jsx(FieldError, { className: "field-error", children: wrong }), _jsx(Popover, { className: "popover popover-list", children: _jsx(ListBox, { className: "list-box", renderEmptyState: () => _jsx("p", { className: "list-empty", children: p.loading ? "Searching…" : "Nothing found." }), children: (o) => (_jsx(ListBoxItem, { className: "list-item", id: o.id, textValue: o.text, isDisabled: !!o.not, children: _jsxs(Text, { slot: "label", className: "item-text", children: [o.text, (o.not || o.about) && _jsxs("span", { className: "item-about", children: [" ", o.not ?? o.about] })] }) })) }) })] }));
}
export function Choose(p) {
    return (_jsxs(RadioGroup, { className: p.cards ? "field choices choices-cards" : "field choices", name: p.name, value: p.value, onChange: p.onChange, isDisabled: !!p.not, isRequired: p.required, children: [_jsx(Caption, { label: p.label }), _jsx("div", { className: "choice-list", children: p.options.map((o) => (_jsxs(Radio, { value: o.id, className: "radio", isDisabled: !!o.not, children: [_jsx("span", { className: "radio-dot", "aria-hidden": "true" }), _jsxs("span", { children: [_jsx("span", { className: "radio-text", children: o.text }), (o.not || o.about) && _jsx("span", { className: "about", children: o.not ?? o.about })] })] }, o.id))) }), (p.not || p.about) && (_jsx(Text, { slot: "description", className: "about", children: p.not ?? p.about })), _jsx(FieldError, { className: "field-error" })] }));
}
export function Tick({ label, about, checked, onChange, not, name, }) {
    return (_jsxs(Checkbox, { className: "check", isSelected: checked, onChange: onChange, isDisabled: !!not, name: name, children: [_jsx("span", { className: "check-box", "aria-hidden": "true", children: _jsx(Icon, { name: "check", size: 12 }) }), _jsxs("span", { children: [_jsx("span", { className: "check-text", children: label }), (not || about) && _jsx("span", { className: "about", children: not ?? about })] })] }));
}
export function Toggle({ label, about, on, onChange, not, }) {
    return (_jsxs(Switch, { className: "switch", isSelected: on, onChange: onChange, isDisabled: !!not, children: [_jsx("span", { className: "switch-track", "aria-hidden": "true", children: _jsx("span", { className: "switch-thumb" }) }), _jsxs("span", { children: [_jsx("span", { className: "check-text", children: label }), (not || about) && _jsx("span", { className: "about", children: not ?? about })] })] }));
}
export function Search({ value, onChange, label, placeholder, wait = 250, }) {
    const [text, setText] = useState(value);
    const sent = useRef(value);
    useEffect(() => {
        if (value !== sent.current) {
            sent.current = value;
            setText(value);
        }
    }, [value]);
    useEffect(() => {
        if (text === sent.current)
            return;
        const timer = setTimeout(() => {
            sent.current = text;
            onChange(text);
        }, wait);
        return () => clearTimeout(timer);
    }, [text, wait, onChange]);
    return (_jsxs(SearchField, { className: "search", "aria-label": label, value: text, onChange: setText, children: [_jsx(Icon, { name: "search" }), _jsx(Input, { className: "search-input", placeholder: placeholder ?? label }), _jsx(Button, { className: "icon-button search-clear", "aria-label": "Clear the search", children: _jsx(Icon, { name: "close" }) })] }));
}
export function Chips({ label, value, options, onChange, }) {
    return (_jsxs("fieldset", { className: "chips", children: [_jsx("legend", { className: "visually-hidden", children: label }), options.map((o) => (_jsxs("button", { type: "button", className: `chip${o.id === value ? " is-on" : ""}`, "aria-pressed": o.id === value, onClick: () => onChange(o.id), children: [o.text, o.count !== undefined && _jsx("span", { className: "chip-count", children: o.count })] }, o.id)))] }));
}
export function Filter({ label, value, options, onChange, }) {
    const chosen = options.find((o) => o.id === value && o.id !== "");
    return (_jsxs(Select, { className: "filter", selectedKey: value || "*", onSelectionChange: (key) => onChange(key === "*" ? "" : String(key)), "aria-label": label, children: [_jsxs(Button, { className: `chip${chosen ? " is-on" : ""}`, children: [_jsxs("span", { children: [label, chosen && `: ${chosen.text}`] }), _jsx(Icon, { name: "down", size: 14 })] }), _jsx(Popover, { className: "popover popover-list", children: _jsx(ListBox, { className: "list-box", items: [{ id: "*", text: "All" }, ...options.filter((o) => o.id !== "")], children: (o) => (_jsxs(ListBoxItem, { className: "list-item", id: o.id, textValue: o.text, children: [_jsx("span", { className: "list-check", children: _jsx(Icon, { name: "check" }) }), _jsx(Text, { slot: "label", className: "item-text", children: o.text })] })) }) })] }));
}
export function Submit({ children, running, cancel, danger, not, right, }) {
    const { why } = useContext(Pointless);
    return (_jsxs("div", { className: "form-foot", children: [cancel && (_jsx(Action, { look: "quiet", onPress: cancel, children: "Cancel" })), _jsx(Action, { submit: true, look: danger ? "danger" : "primary", running: running, not: not ?? why, right: right, children: children })] }));
}
