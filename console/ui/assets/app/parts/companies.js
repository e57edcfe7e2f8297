import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useState } from "react";
import { useRead } from "../api/query.js";
import { useSession } from "../shell/session.js";
import { IconAction, Name } from "./basic.js";
import { Find } from "./form.js";
import { Empty } from "./state.js";
import { tidy } from "./words.js";
export function CompanyFind({ value, onChange, label = "Company" }) {
    const [text, setText] = useState(value);
    const { options, loading } = useCompanies(text === value ? "" : text);
    return (_jsx(Find, { label: label, name: "tenant", text: text, onText: (next) => {
            setText(next);
            if (!next)
                onChange("");
        }, options: options, loading: loading, onChange: (slug) => {
            setText(slug);
            onChange(slug);
        }, required: true, placeholder: "Name or slug" }));
}
export function CompanyList({ value, onChange, not }) {
    const [text, setText] = useState("");
    const { options, loading } = useCompanies(text);
    return (_jsxs("div", { className: "field", children: [!not && (_jsx(Find, { label: "Add a company", name: "tenants", text: text, onText: setText, options: options.map((o) => (value.includes(o.id) ? { ...o, not: "It is in the list already." } : o)), loading: loading, onChange: (slug) => {
                    if (!value.includes(slug))
                        onChange([...value, slug].sort());
                    setText("");
                }, placeholder: "Name or slug" })), value.length > 0 ? (_jsx("ul", { className: "picked", "aria-label": "Companies that are chosen", children: value.map((slug) => (_jsxs("li", { children: [_jsx("span", { className: "mono", children: slug }), !not && _jsx(IconAction, { icon: "close", label: `Take ${slug} out`, onPress: () => onChange(value.filter((s) => s !== slug)) })] }, slug))) })) : (_jsx("p", { className: "about", children: "No company is chosen." }))] }));
}
function useCompanies(text) {
    const found = useRead("list-tenants", { query: { q: text.trim(), limit: 20 } }, { every: false, keep: true });
    return { options: (found.data?.items ?? []).map((t) => ({ id: t.slug, text: tidy(t.name), about: t.slug })), loading: found.isFetching };
}
export function CompanySlugs({ slugs }) {
    return (_jsxs(_Fragment, { children: [slugs.slice(0, 3).map((s, i) => (_jsxs("span", { children: [i > 0 && ", ", _jsx(Name, { text: s, short: true })] }, s))), slugs.length > 3 && ` and ${slugs.length - 3} more`] }));
}
export function OrNoCompany({ children }) {
    const { operator } = useSession();
    if (operator.all_tenants || operator.tenants.length > 0)
        return children;
    return (_jsx(Empty, { icon: "building", title: "You have access to no company", children: "An Owner gives you access under Administrators." }));
}
