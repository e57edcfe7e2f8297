import { jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useEffect, useState } from "react";
import { Button, Dialog, DialogTrigger, Popover } from "react-aria-components";
export function Rule({ id }) {
    return (_jsxs(DialogTrigger, { children: [_jsxs(Button, { className: "rule-number", children: ["Rule ", id] }), _jsx(Popover, { className: "popover", placement: "bottom start", children: _jsx(Dialog, { className: "rule-text", "aria-label": `Rule ${id}`, children: _jsx(Text, { id: id }) }) })] }));
}
function Text({ id }) {
    const [text, setText] = useState("…");
    useEffect(() => {
        let here = true;
        import("./rules.js").then(({ rules }) => here && setText(rules[id] ?? "This version of the console does not know it."), () => here && setText("What it says could not be loaded. Load the page again."));
        return () => {
            here = false;
        };
    }, [id]);
    return (_jsxs("p", { children: [_jsx("strong", { children: id }), " ", text] }));
}
