import { jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useEffect, useState } from "react";
import { useRead } from "../api/query.js";
import { Name, Scroll } from "../parts/basic.js";
import { Box } from "../parts/dialog.js";
import { Toggle } from "../parts/form.js";
import { useProvider } from "../parts/logo.js";
import { keysOn, pages, setKeys } from "./keys.js";
const keys = [
    [["Ctrl", "K"], "Search over everything, or jump to a page (⌘ K on a Mac)"],
    [["/"], "Search on this page"],
    [["?"], "This list"],
    ...Object.entries(pages).map(([key, [, text]]) => [["G", key.toUpperCase()], text]),
    [["↑", "↓"], "The row before or after, in a table"],
    [["Home", "End"], "The first or the last row, in a table"],
    [["Shift"], "With a click on the second of two boxes: select all rows between them"],
    [["Esc"], "Close a dialog or a menu"],
];
export default function Help({ close }) {
    const [on, setOn] = useState(keysOn());
    const provider = useProvider();
    const status = useRead("get-status", {}, { every: false });
    return (_jsxs(Box, { title: "Help", open: true, close: close, wide: true, children: [_jsx("h3", { children: "Keys" }), _jsx("table", { className: "mini", children: _jsx("tbody", { children: keys.map(([names, text]) => (_jsxs("tr", { children: [_jsx("th", { scope: "row", children: text }), _jsx("td", { className: "cell-word", children: names.map((name) => (_jsx("kbd", { children: name }, name))) })] }, text))) }) }), _jsx(Toggle, { label: "Shortcuts of single keys", about: "/, ? and G with a letter, in this browser.", on: on, onChange: (next) => {
                    setKeys(next);
                    setOn(next);
                } }), _jsx(Rules, {}), provider?.support && (_jsxs("p", { children: ["Ask ", provider.name ? _jsx(Name, { text: provider.name }) : "your provider", ":", " ", _jsx("a", { href: `mailto:${provider.support}`, children: provider.support })] })), status.data && _jsxs("p", { className: "faint", children: ["Drawbridge ", status.data.version] })] }));
}
function Rules() {
    const [open, setOpen] = useState(false);
    const [rules, setRules] = useState();
    useEffect(() => {
        if (!open)
            return;
        let here = true;
        import("../parts/rules.js").then((found) => here && setRules(Object.entries(found.rules)), () => here && setRules([["", "They could not be loaded. Load the page again."]]));
        return () => {
            here = false;
        };
    }, [open]);
    return (_jsxs("details", { className: "disclosure", onToggle: (event) => setOpen(event.currentTarget.open), children: [_jsx("summary", { children: "Rules by number" }), rules && (_jsx(Scroll, { label: "Rules", high: true, children: _jsx("table", { className: "mini", children: _jsx("tbody", { children: rules.map(([id, text]) => (_jsxs("tr", { children: [_jsx("th", { scope: "row", className: "rule-id", children: id }), _jsx("td", { children: text })] }, id))) }) }) }))] }));
}
