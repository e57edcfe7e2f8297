import { jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { Action, IconAction } from "../../parts/basic.js";
import { Find, Pick, TextInput } from "../../parts/form.js";
import { attributes, lists, matching, sources, wrongAttribute, wrongSource } from "./attributes.js";
function waysOf(attribute) {
    const many = attribute in lists ? "It has several values." : undefined;
    const unique = attribute === "userName" ? "Each person needs another one." : undefined;
    return [
        { id: "source", text: "Another attribute", not: many },
        { id: "constant", text: "A constant", not: many ?? unique },
        { id: "nothing", text: "Nothing", not: unique },
    ];
}
function wayOf(r) {
    if (r.constant !== undefined)
        return "constant";
    return r.source !== undefined ? "source" : "nothing";
}
export function ruleText(r) {
    if (r.source)
        return `${r.attribute} from ${r.source}`;
    return r.constant ? `${r.attribute} is “${r.constant}”` : `${r.attribute} is not sent`;
}
export function Rules({ rules, set, not }) {
    const put = (i, rule) => set(rules.map((r, j) => (i === j ? rule : r)));
    return (_jsxs("fieldset", { className: "field rules", children: [_jsx("legend", { className: "label", children: "Attributes that are sent otherwise" }), _jsx("p", { className: "about", children: "Every other attribute is sent as it is here. An attribute is named by its path, such as displayName or name.givenName; the source email is the primary address." }), rules.map((r, i) => (_jsxs("div", { className: "rule", children: [_jsx(Find, { label: "Attribute", name: `attribute-${i}`, text: r.attribute, onText: (attribute) => put(i, attribute in lists ? { attribute } : { ...r, attribute }), options: matching(attributes, r.attribute), onChange: (attribute) => put(i, attribute in lists ? { attribute } : { ...r, attribute }), wrong: wrongAttribute(rules, i), placeholder: "userName", required: true, not: not, free: true }), _jsx(Pick, { label: "What is sent", name: `way-${i}`, value: wayOf(r), onChange: (way) => put(i, { attribute: r.attribute, ...(way === "nothing" ? {} : { [way]: "" }) }), options: waysOf(r.attribute), required: true, not: not }), r.source !== undefined && (_jsx(Find, { label: "From", name: `source-${i}`, text: r.source, onText: (source) => put(i, { attribute: r.attribute, source }), options: matching(sources, r.source), onChange: (source) => put(i, { attribute: r.attribute, source }), wrong: wrongSource(r), placeholder: "email", required: true, not: not, free: true })), r.constant !== undefined && (_jsx(TextInput, { label: "Value", name: `constant-${i}`, value: r.constant, onChange: (constant) => put(i, { attribute: r.attribute, constant }), maxLength: 200, required: true, not: not })), !not && (_jsx(IconAction, { icon: "trash", label: `Remove the rule for ${r.attribute || "it"}`, onPress: () => set(rules.filter((_, j) => j !== i)) }))] }, i))), _jsx("div", { children: _jsx(Action, { icon: "plus", small: true, not: not, onPress: () => set([...rules, { attribute: "", source: "" }]), children: "Add a rule" }) })] }));
}
