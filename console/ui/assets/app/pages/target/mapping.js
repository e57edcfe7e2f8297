import { jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { Action, IconAction } from "../../parts/basic.js";
import { Pick, TextInput } from "../../parts/form.js";
const ways = [
    { id: "source", text: "Another attribute" },
    { id: "constant", text: "A constant" },
    { id: "nothing", text: "Nothing" },
];
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
    return (_jsxs("fieldset", { className: "field rules", children: [_jsx("legend", { className: "label", children: "Attributes that are sent otherwise" }), _jsx("p", { className: "about", children: "Every other attribute is sent as it is here. An attribute is named by its path, such as displayName or name.givenName; the source email is the primary address." }), rules.map((r, i) => (_jsxs("div", { className: "rule", children: [_jsx(TextInput, { label: "Attribute", name: `attribute-${i}`, value: r.attribute, onChange: (attribute) => put(i, { ...r, attribute }), placeholder: "userName", maxLength: 100, required: true, not: not, mono: true }), _jsx(Pick, { label: "What is sent", name: `way-${i}`, value: wayOf(r), onChange: (way) => put(i, { attribute: r.attribute, ...(way === "nothing" ? {} : { [way]: "" }) }), options: ways, required: true, not: not }), r.source !== undefined && (_jsx(TextInput, { label: "From", name: `source-${i}`, value: r.source, onChange: (source) => put(i, { attribute: r.attribute, source }), placeholder: "email", maxLength: 100, required: true, not: not, mono: true })), r.constant !== undefined && (_jsx(TextInput, { label: "Value", name: `constant-${i}`, value: r.constant, onChange: (constant) => put(i, { attribute: r.attribute, constant }), maxLength: 200, required: true, not: not })), !not && (_jsx(IconAction, { icon: "trash", label: `Remove the rule for ${r.attribute || "it"}`, onPress: () => set(rules.filter((_, j) => j !== i)) }))] }, i))), _jsx("div", { children: _jsx(Action, { icon: "plus", small: true, not: not, onPress: () => set([...rules, { attribute: "", source: "" }]), children: "Add a rule" }) })] }));
}
