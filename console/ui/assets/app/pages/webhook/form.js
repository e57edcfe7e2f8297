import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { Time } from "../../parts/basic.js";
import { CompanyList } from "../../parts/companies.js";
import { SecretBox } from "../../parts/dialog.js";
import { Choose, TextInput, Tick } from "../../parts/form.js";
export const formats = {
    events: "Signed events, for an application",
    audit: "Signed audit lines, for an application",
    slack: "Notices, for a channel of Slack",
    teams: "Notices, for a channel of Microsoft Teams",
    json: "Notices, as JSON",
};
export const wholes = {
    events: "All",
    audit: "All audit lines",
    slack: "Need action",
    teams: "Need action",
    json: "Need action",
};
export function signed(format) {
    return format === "events" || format === "audit";
}
export function kindsOf(text) {
    return text.split(/[\s,]+/).filter(Boolean);
}
export function Fields({ form, set, not, kept }) {
    return (_jsxs(_Fragment, { children: [_jsx(TextInput, { label: "URL", name: "url", type: "url", value: form.url, onChange: (url) => set({ ...form, url }), about: signed(form.format)
                    ? "HTTPS at a public address. Redirects are not followed."
                    : "HTTPS at a public address. It is kept encrypted, and never shown again.", required: !kept, not: not, mono: true }), _jsx(Choose, { label: "For which companies", name: "all", value: form.which, onChange: (which) => set({ ...form, which }), not: not, required: true, options: [
                    { id: "some", text: "These" },
                    { id: "all", text: "All, future ones too" },
                ] }), form.which === "some" && _jsx(CompanyList, { value: form.tenants, onChange: (tenants) => set({ ...form, tenants }), not: not }), form.format === "audit" ? (_jsx(Tick, { label: "The audit lines of the installation, too", name: "installation", checked: form.installation, onChange: (installation) => set({ ...form, installation }), about: "It gets every line, so that the hash of each follows from the one before it.", not: not })) : (_jsx(TextInput, { label: "Kinds of event", name: "events", value: form.events, onChange: (events) => set({ ...form, events }), placeholder: "user.*, seat.refused", about: form.format === "events"
                    ? "Empty means all. user.* means all that begin with “user.”."
                    : "Empty means those that need action. alert means all that raise an alert, user.* all that begin with “user.”.", not: not, mono: true }))] }));
}
export function Secret({ issued, close }) {
    return (_jsxs(SecretBox, { title: "The secret of the webhook", open: issued !== undefined, close: close, secrets: issued ? [{ label: "Secret", text: issued.secret, what: "the secret" }] : [], kept: "keeps it encrypted, and never shows it again", children: [_jsx("p", { children: "The receiver verifies the signature of each message with it." }), issued?.old_secret_until && (_jsxs("p", { children: ["The previous secret also signs until ", _jsx(Time, { at: issued.old_secret_until }), "."] }))] }));
}
