import { jsx as _jsx } from "react/jsx-runtime";
import { downloadURL } from "../api/client.js";
import { useRead } from "../api/query.js";
import { Mark } from "./icon.js";
export function useProvider() {
    return useRead("list-sign-in-methods", {}, { every: false }).data?.provider;
}
export function Logo({ mark, size }) {
    if (!mark)
        return _jsx(Mark, { size: size });
    return _jsx("img", { className: "logo", src: downloadURL("get-provider-logo", { query: { mark } }), alt: "" });
}
