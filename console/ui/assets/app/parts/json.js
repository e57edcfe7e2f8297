import { jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { downloadURL } from "../api/client.js";
import { Code, IconAction, useCopy } from "./basic.js";
export function CopyLink({ to }) {
    const copy = useCopy();
    return _jsx(IconAction, { icon: "link", label: `Copy the link to ${to}`, onPress: () => copy(location.href, `The link to ${to}`) });
}
export function AsJSON({ operation, path, value }) {
    return (_jsxs("details", { className: "disclosure", children: [_jsx("summary", { children: "As JSON" }), _jsxs("div", { className: "stack", children: [_jsx(Code, { text: `GET ${location.origin}${downloadURL(operation, { path })}`, what: "the address", block: true }), _jsx(Code, { text: JSON.stringify(value, null, 2), what: "the JSON", block: true })] })] }));
}
