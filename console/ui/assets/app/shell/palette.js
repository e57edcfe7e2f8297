import { jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useState } from "react";
import { Autocomplete, Dialog, Header, Input, Menu, MenuItem, MenuSection, Modal, ModalOverlay, SearchField, Text, } from "react-aria-components";
import { useLocation } from "wouter";
import { useRead } from "../api/query.js";
import { useRights } from "../parts/basic.js";
import { Icon } from "../parts/icon.js";
import { useLate } from "../parts/state.js";
import { tidy, typeTitle } from "../parts/words.js";
import { to } from "./place.js";
export default function Palette({ close }) {
    const [text, setText] = useState("");
    const [, go] = useLocation();
    const groups = useHits(text.trim());
    const all = groups.flatMap((g) => g.hits);
    const choose = (hit) => {
        if (!hit)
            return;
        close();
        go(hit.href);
    };
    return (_jsx(ModalOverlay, { className: "overlay overlay-palette", isOpen: true, onOpenChange: (open) => !open && close(), isDismissable: true, children: _jsx(Modal, { className: "palette", children: _jsx(Dialog, { "aria-label": "Search or jump to", className: "palette-dialog", children: _jsxs(Autocomplete, { inputValue: text, onInputChange: setText, children: [_jsxs(SearchField, { className: "palette-search", "aria-label": "Search or jump to", autoFocus: true, children: [_jsx(Icon, { name: "search" }), _jsx(Input, { className: "palette-input", placeholder: "A company, a person, a connection, a page\u2026", onKeyDownCapture: (event) => {
                                        if (event.key !== "Enter" || event.currentTarget.getAttribute("aria-activedescendant"))
                                            return;
                                        event.preventDefault();
                                        event.stopPropagation();
                                        choose(all[0]);
                                    } })] }), _jsx("section", { className: "palette-scroll", "aria-label": "Results", tabIndex: 0, children: _jsx(Menu, { className: "palette-list", "aria-label": "Results", onAction: (key) => choose(all.find((h) => h.id === key)), renderEmptyState: () => _jsx("p", { className: "list-empty", children: "Nothing found." }), children: groups
                                    .filter((g) => g.hits.length)
                                    .map((g) => (_jsxs(MenuSection, { className: "palette-group", children: [_jsx(Header, { children: g.title }), g.hits.map((h) => (_jsxs(MenuItem, { id: h.id, className: "menu-item", textValue: h.text, children: [_jsx(Icon, { name: h.icon }), _jsxs(Text, { slot: "label", className: "item-text", children: [_jsx("bdi", { children: h.text }), h.about && _jsxs("span", { className: "item-about", children: [" ", h.about] })] })] }, h.id)))] }, g.title))) }) })] }) }) }) }));
}
const pages = [
    { id: "p-home", text: "Home", icon: "home", href: to.home },
    { id: "p-companies", text: "Companies", icon: "building", href: to.companies },
    { id: "p-add", text: "Add a company", icon: "plus", href: `${to.companies}?add=new` },
    { id: "p-people", text: "People", icon: "people", href: to.people },
    { id: "p-connections", text: "Connections", icon: "plug", href: to.connections },
    { id: "p-alerts", text: "Alerts", icon: "bell", href: to.alerts },
    { id: "p-billing", text: "Seats & billing", icon: "coins", href: to.billing },
    { id: "p-audit", text: "Audit", icon: "scroll", href: to.audit },
    { id: "p-administrators", text: "Administrators", icon: "shield", href: to.administrators },
    { id: "p-webhooks", text: "Webhooks", icon: "pulse", href: to.webhooks },
    { id: "p-targets", text: "Targets", icon: "upload", href: to.targets },
    { id: "p-server", text: "Server", icon: "server", href: to.server },
    { id: "p-settings", text: "Settings", icon: "gear", href: to.settings },
    { id: "p-account", text: "My account", icon: "user", href: to.account },
];
function useHits(text) {
    const rights = useRights();
    const asked = useLate(0) && text.length > 0;
    const companies = useRead("list-tenants", { query: { q: text, limit: 8 } }, { enabled: asked, keep: true, every: false });
    const connections = useRead("list-connections", { query: { q: text, limit: 6 } }, { enabled: asked, keep: true, every: false });
    const operators = useRead("list-operators", { query: { q: text, limit: 6 } }, { enabled: asked && rights.has("operator.read"), keep: true, every: false });
    const people = useRead("search-users", { query: { q: text, limit: 6 } }, { enabled: asked && text.length > 2, keep: true, every: false });
    const matching = pages.filter((p) => p.text.toLowerCase().includes(text.toLowerCase()));
    if (!text)
        return [{ title: "Pages", hits: pages }];
    return [
        {
            title: "Companies",
            hits: (companies.data?.items ?? []).map((t) => ({
                id: `c-${t.slug}`,
                text: tidy(t.name),
                about: t.slug,
                icon: "building",
                href: to.company(t.slug),
            })),
        },
        {
            title: "People",
            hits: (text.length > 2 ? (people.data?.items ?? []) : []).map((f) => ({
                id: `u-${f.tenant}-${f.user.id}`,
                text: tidy(f.user.display_name || f.user.user_name),
                about: `${f.user.user_name}, ${tidy(f.tenant_name)}`,
                icon: "user",
                href: to.person(f.tenant, f.user.id),
            })),
        },
        {
            title: "Connections",
            hits: (connections.data?.items ?? []).map((c) => ({
                id: `k-${c.slug}`,
                text: c.slug,
                about: typeTitle(c.type),
                icon: "plug",
                href: to.connection(c.slug),
            })),
        },
        {
            title: "Administrators",
            hits: (operators.data?.items ?? []).map((o) => ({
                id: `o-${o.id}`,
                text: tidy(`${o.first_name} ${o.last_name}`),
                about: o.email,
                icon: "user",
                href: `${to.administrators}?open=${o.id}`,
            })),
        },
        { title: "Pages", hits: matching },
    ];
}
