import { remember, remembered, to, typing } from "./place.js";
export const pages = {
    h: [to.home, "Home"],
    c: [to.companies, "Companies"],
    p: [to.people, "People"],
    n: [to.connections, "Connections"],
    a: [to.alerts, "Alerts"],
    u: [to.audit, "Audit"],
    s: [to.settings, "Settings"],
};
const pause = 1_500;
export function keysOn() {
    return remembered("keys") !== "off";
}
export function setKeys(on) {
    remember("keys", on ? "" : "off");
}
function taken(event) {
    if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey || typing(event.target))
        return true;
    return document.querySelector("[role=dialog], [role=alertdialog], [role=menu], [role=listbox]") !== null;
}
export function listen({ go, search, help }) {
    let led = 0;
    const press = (event) => {
        if (!keysOn() || taken(event))
            return;
        const page = Date.now() - led < pause ? pages[event.key.toLowerCase()] : undefined;
        led = 0;
        if (page) {
            document.body.dataset.moved = "yes";
            go(page[0]);
        }
        else if (event.key === "g")
            led = Date.now();
        else if (event.key === "?")
            help();
        else if (event.key === "/")
            focusSearch(search);
        else
            return;
        event.preventDefault();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
}
function focusSearch(otherwise) {
    const field = document.querySelector("main .search-input");
    if (field)
        field.focus();
    else
        otherwise();
}
