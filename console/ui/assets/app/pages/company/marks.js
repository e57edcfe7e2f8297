import { jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { Nothing, Shape } from "../../parts/basic.js";
import { standing, typeTitle } from "../../parts/words.js";
const short = {
    okta: "Okta",
    entra: "Entra",
    google: "Google",
    "google-directory": "Google",
    onelogin: "OneLogin",
    jumpcloud: "JumpCloud",
    rippling: "Rippling",
    ping: "Ping",
    generic: "SCIM",
};
export function ConnectionMarks({ connections }) {
    if (!connections.length)
        return _jsx(Nothing, { children: "none" });
    return (_jsxs("span", { className: "marks", children: [connections.slice(0, 3).map((c) => {
                const word = standing(c);
                return (_jsxs("span", { className: "mark-of", title: `${c.slug}: ${typeTitle(c.type)}, ${word.text}`, children: [_jsx(Shape, { tone: word.tone }), short[c.type] ?? c.type, _jsxs("span", { className: "visually-hidden", children: [", ", word.text] })] }, c.slug));
            }), connections.length > 3 && _jsxs("span", { className: "faint", children: ["+", connections.length - 3] })] }));
}
