import { jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useState } from "react";
import { useRead } from "../api/query.js";
import { IconAction } from "./basic.js";
import { Find } from "./form.js";
import { roleTitle, tidy } from "./words.js";
export function OperatorList({ value, onChange, tenant }) {
    const [text, setText] = useState("");
    const found = useRead("list-operators", { query: { q: text.trim(), limit: 20 } }, { every: false, keep: true });
    const not = (o) => {
        if (o.all_tenants)
            return "Has access to all companies already.";
        if (tenant && o.tenants.includes(tenant))
            return "Has access to this company already.";
        return value.some((v) => v.id === o.id) ? "Chosen already." : undefined;
    };
    const nameOf = (o) => tidy(`${o.first_name} ${o.last_name}`);
    return (_jsxs("div", { className: "field", children: [_jsx(Find, { label: "Add an administrator", name: "operators", text: text, onText: setText, loading: found.isFetching, options: (found.data?.items ?? []).map((o) => ({ id: o.id, text: nameOf(o), about: roleTitle(o.role), not: not(o) })), onChange: (id) => {
                    const o = found.data?.items.find((one) => one.id === id);
                    if (o)
                        onChange([...value, { id, name: nameOf(o) }]);
                    setText("");
                }, placeholder: "Name or e-mail" }), value.length > 0 && (_jsx("ul", { className: "picked", "aria-label": "Administrators who are chosen", children: value.map((v) => (_jsxs("li", { children: [_jsx("bdi", { children: v.name }), _jsx(IconAction, { icon: "close", label: `Take ${v.name} out`, onPress: () => onChange(value.filter((o) => o.id !== v.id)) })] }, v.id))) }))] }));
}
