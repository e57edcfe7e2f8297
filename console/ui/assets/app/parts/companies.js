import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useEffect, useRef, useState } from "react";
import { Button, Dialog, DialogTrigger, Popover } from "react-aria-components";
import { useRead } from "../api/query.js";
import { useSession } from "../shell/session.js";
import { Action, IconAction, Name } from "./basic.js";
import { Find } from "./form.js";
import { Icon } from "./icon.js";
import { useCompanyNames } from "./names.js";
import { Empty } from "./state.js";
import { tidy } from "./words.js";
export function CompanyFind({ value, onChange, label = "Company" }) {
    const [text, setText] = useState(value);
    const chosen = useRef(value);
    const { options, loading } = useCompanies(text === chosen.current ? "" : text);
    const given = useRead("get-tenant", { path: { tenant: value } }, { every: false, enabled: value !== "" && chosen.current === value });
    const name = tidy(given.data?.name ?? "");
    useEffect(() => {
        if (!name)
            return;
        chosen.current = name;
        setText((now) => (now === value ? name : now));
    }, [name, value]);
    return (_jsx(Find, { label: label, name: "tenant", text: text, onText: (next) => {
            setText(next);
            if (next !== chosen.current)
                onChange("");
        }, chosen: value, options: options, loading: loading, onChange: (slug) => {
            const found = options.find((o) => o.id === slug)?.text ?? (slug === value ? chosen.current : slug);
            chosen.current = found;
            setText(found);
            onChange(slug);
        }, required: true, placeholder: "Name or slug" }));
}
export function CompanyFilter({ value, onChange }) {
    const [open, setOpen] = useState(false);
    const [text, setText] = useState("");
    const { options, loading } = useCompanies(text);
    const name = useCompanyNames(value ? [value] : []).get(value) ?? value;
    const choose = (slug) => {
        setOpen(false);
        setText("");
        onChange(slug);
    };
    return (_jsxs(DialogTrigger, { isOpen: open, onOpenChange: setOpen, children: [_jsxs(Button, { className: `chip${value ? " is-on" : ""}`, children: [_jsxs("span", { children: ["Company", value && (_jsxs(_Fragment, { children: [": ", _jsx("bdi", { children: name })] }))] }), _jsx(Icon, { name: "down", size: 14 })] }), _jsx(Popover, { className: "popover", placement: "bottom start", children: _jsxs(Dialog, { className: "chooser", "aria-label": "Filter by company", children: [_jsx(Find, { label: "Company", name: "company", text: text, onText: setText, options: options, loading: loading, onChange: choose, placeholder: "Name or slug", required: true }), value && (_jsx(Action, { small: true, look: "quiet", onPress: () => choose(""), children: "All companies" }))] }) })] }));
}
export function CompanyList({ value, onChange, not }) {
    const [text, setText] = useState("");
    const { options, loading } = useCompanies(text);
    const names = useCompanyNames(value);
    const nameOf = (slug) => names.get(slug) ?? slug;
    return (_jsxs("div", { className: "field", children: [!not && (_jsx(Find, { label: "Add a company", name: "tenants", text: text, onText: setText, options: options.map((o) => (value.includes(o.id) ? { ...o, not: "It is in the list already." } : o)), loading: loading, onChange: (slug) => {
                    if (!value.includes(slug))
                        onChange([...value, slug].sort());
                    setText("");
                }, placeholder: "Name or slug" })), value.length > 0 ? (_jsx("ul", { className: "picked", "aria-label": "Companies that are chosen", children: value.map((slug) => (_jsxs("li", { children: [_jsx(Name, { text: nameOf(slug), short: true }), !not && (_jsx(IconAction, { icon: "close", label: `Take ${nameOf(slug)} out`, onPress: () => onChange(value.filter((s) => s !== slug)) }))] }, slug))) })) : (_jsx("p", { className: "about", children: "No company is chosen." }))] }));
}
function useCompanies(text) {
    const found = useRead("list-tenants", { query: { q: text.trim(), limit: 20 } }, { every: false, keep: true });
    return { options: (found.data?.items ?? []).map((t) => ({ id: t.slug, text: tidy(t.name), about: t.slug })), loading: found.isFetching };
}
export function CompanyNames({ of }) {
    const names = of.tenants.map((slug, i) => ({ slug, name: tidy(of.tenant_names[i] ?? "") || slug }));
    return (_jsxs(_Fragment, { children: [names.slice(0, 3).map(({ slug, name }, i) => (_jsxs("span", { children: [i > 0 && ", ", _jsx(Name, { text: name, short: true })] }, slug))), names.length > 3 && ` and ${names.length - 3} more`] }));
}
export function OrNoCompany({ children }) {
    const { operator } = useSession();
    if (operator.all_tenants || operator.tenants.length > 0)
        return children;
    return (_jsx(Empty, { icon: "building", title: "You have access to no company", children: "An Owner gives you access under Administrators." }));
}
