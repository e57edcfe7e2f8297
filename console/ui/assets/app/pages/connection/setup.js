import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { Code, Fact, Facts } from "../../parts/basic.js";
import { Secrets } from "../../parts/dialog.js";
import { exact } from "../../parts/words.js";
export function Credential({ issued }) {
    const secrets = [
        {
            label: issued.auth === "oauth" ? "Client secret" : issued.auth === "basic" ? "Password" : issued.setup.token || "Token",
            text: issued.secret,
            what: "the secret",
        },
    ];
    return (_jsxs(_Fragment, { children: [_jsxs("div", { className: "secret", children: [_jsx("span", { className: "label", children: issued.setup.url || "Base URL" }), _jsx(Code, { text: issued.base_url, what: "the base URL", block: true })] }), issued.user_name && (_jsxs("div", { className: "secret", children: [_jsx("span", { className: "label", children: "User name" }), _jsx(Code, { text: issued.user_name, what: "the user name", block: true })] })), issued.client_id && (_jsxs("div", { className: "secret", children: [_jsx("span", { className: "label", children: "Client ID" }), _jsx(Code, { text: issued.client_id, what: "the client ID", block: true })] })), issued.token_url && (_jsxs("div", { className: "secret", children: [_jsx("span", { className: "label", children: "Token URL" }), _jsx(Code, { text: issued.token_url, what: "the token URL", block: true })] })), _jsx(Secrets, { secrets: secrets }), issued.expires && _jsxs("p", { className: "about", children: ["It ends ", exact(issued.expires), ". You get a notice 30, 14, 7 and 1 days before."] }), issued.note && _jsx("p", { className: "about", children: issued.note })] }));
}
export function Steps({ setup }) {
    return (_jsxs("div", { className: "setup", children: [_jsxs("h3", { children: ["In ", setup.title] }), _jsxs(Facts, { children: [_jsx(Fact, { name: "Page", children: setup.page }), _jsx(Fact, { name: "Base URL goes into", children: setup.url }), _jsx(Fact, { name: "Secret goes into", children: setup.token }), _jsx(Fact, { name: "Test with", children: setup.test })] }), setup.steps.length > 0 && (_jsx("ol", { className: "consequences numbered", children: setup.steps.map((s) => (_jsx("li", { children: s }, s))) }))] }));
}
