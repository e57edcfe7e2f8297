import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useState } from "react";
import { Button, Dialog, DialogTrigger, Popover } from "react-aria-components";
import { useLocation, useSearch } from "wouter";
import { remember, remembered } from "../shell/place.js";
import { useSession } from "../shell/session.js";
import { Action, IconAction, To, useCopy } from "./basic.js";
import { FormBox, Submit, TextInput } from "./form.js";
import { Icon } from "./icon.js";
const most = 30;
const passing = ["open", "panel", "add", "connect", "do", "line", "event"];
function kept(search) {
    const params = new URLSearchParams(search);
    if (params.has("connect"))
        params.delete("type");
    for (const name of passing)
        params.delete(name);
    params.sort();
    return params.toString();
}
function viewsOf(key) {
    try {
        const stored = JSON.parse(remembered(key) || "[]");
        return Array.isArray(stored) ? stored.filter((v) => typeof v?.name === "string" && typeof v?.search === "string") : [];
    }
    catch {
        return [];
    }
}
export function Views({ list }) {
    const { operator } = useSession();
    const key = `views.${operator.id}.${list}`;
    const [path] = useLocation();
    const search = kept(useSearch());
    const [open, setOpen] = useState(false);
    const [views, setViews] = useState(() => viewsOf(key));
    const here = views.find((v) => v.search === search);
    const put = (next) => {
        setViews(next);
        remember(key, next.length ? JSON.stringify(next) : "");
    };
    const look = (isOpen) => {
        if (isOpen)
            setViews(viewsOf(key));
        setOpen(isOpen);
    };
    return (_jsxs(DialogTrigger, { isOpen: open, onOpenChange: look, children: [_jsxs(Button, { className: `chip${here ? " is-on" : ""}`, children: [_jsx("span", { children: here ? (_jsxs(_Fragment, { children: ["View: ", _jsx("bdi", { children: here.name })] })) : ("Views") }), _jsx(Icon, { name: "down", size: 14 })] }), _jsx(Popover, { className: "popover", placement: "bottom end", children: _jsxs(Dialog, { className: "chooser views", "aria-label": "Views of this list", children: [views.length > 0 && (_jsx("ul", { className: "picked", "aria-label": "Views", children: views.map((v) => (_jsxs("li", { children: [_jsx("span", { className: "contents", onClickCapture: () => setOpen(false), children: _jsx(To, { href: v.search ? `${path}?${v.search}` : path, children: _jsx("bdi", { children: v.name }) }) }), _jsx(IconAction, { icon: "trash", label: `Remove the view ${v.name}`, onPress: () => put(views.filter((o) => o !== v)) })] }, v.name))) })), _jsx(Keep, { not: !search
                                ? "Search, filter or sort the list first."
                                : here
                                    ? `This is the view ${here.name}.`
                                    : views.length >= most
                                        ? `There are ${most} views already. Remove one first.`
                                        : undefined, keep: (name) => put([...views.filter((v) => v.name !== name), { name, search }].sort((a, b) => a.name.localeCompare(b.name))) })] }) })] }));
}
function Keep({ not, keep }) {
    const [name, setName] = useState("");
    const copy = useCopy();
    return (_jsxs(FormBox, { submit: () => {
            if (not || !name.trim())
                return;
            keep(name.trim());
            setName("");
        }, children: [_jsx(TextInput, { label: "Keep what is shown as", name: "view", value: name, onChange: setName, maxLength: 60, required: true, about: "In this browser, for you." }), _jsx("div", { className: "row", children: _jsx(Action, { small: true, icon: "copy", onPress: () => copy(location.href, "The link to this view"), children: "Copy the link" }) }), _jsx(Submit, { not: not, children: "Keep" })] }));
}
