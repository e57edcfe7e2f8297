import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { Choose, Pick, TextInput, Toggle } from "../../parts/form.js";
import { useSession } from "../../shell/session.js";
export const profiles = {
    generic: "Standard SCIM",
    "aws-identity-center": "AWS IAM Identity Center",
    slack: "Slack",
    github: "GitHub, an organization",
    gitlab: "GitLab, a group",
    atlassian: "Atlassian",
    put: "SCIM without PATCH",
};
export const peoples = { all: "Everybody", members: "Team members", guests: "Guests" };
export const leaves = { deactivate: "Deactivate them there", delete: "Delete them there" };
export const presents = { adopt: "Adopt them", refuse: "Refuse them" };
export const blank = {
    url: "",
    profile: "generic",
    client: "",
    token: "",
    scope: "",
    people: "all",
    groups: true,
    leave: "deactivate",
    existing: "adopt",
    which: "some",
};
export function wantedOf(t) {
    return {
        url: t.url,
        profile: t.profile,
        client: t.client_id ?? "",
        token: t.token_url ?? "",
        scope: t.scope ?? "",
        people: t.people,
        groups: !t.no_groups,
        leave: t.on_leave,
        existing: t.existing,
        which: t.all ? "all" : "some",
    };
}
export function bodyOf(form) {
    return {
        url: form.url,
        profile: form.profile,
        client_id: form.client,
        token_url: form.token,
        scope: form.scope,
        people: form.people,
        no_groups: !form.groups,
        on_leave: form.leave,
        existing: form.existing,
        all: form.which === "all",
    };
}
export function Which({ form, set, some, not }) {
    const { operator: me } = useSession();
    return (_jsx(Choose, { label: "For which companies", name: "all", value: form.which, onChange: (which) => set({ ...form, which }), options: [
            { id: "some", text: some },
            {
                id: "all",
                text: "All companies",
                about: "Future ones too.",
                not: me.all_tenants ? undefined : "It needs an administrator who has access to all companies.",
            },
        ], required: true, not: not }));
}
export function namesOf(text) {
    return text
        .split(",")
        .map((name) => name.trim())
        .filter(Boolean);
}
export function Fields({ form, set, not }) {
    return (_jsxs(_Fragment, { children: [_jsx(TextInput, { label: "URL", name: "url", type: "url", value: form.url, onChange: (url) => set({ ...form, url }), about: "The base URL of its SCIM service: HTTPS at a public address.", required: true, not: not, mono: true }), _jsx(Pick, { label: "Application", name: "profile", value: form.profile, onChange: (profile) => set({ ...form, profile }), options: Object.entries(profiles).map(([id, text]) => ({ id, text })), required: true, not: not }), _jsx(TextInput, { label: "Client id", name: "client_id", value: form.client, onChange: (client) => set({ ...form, client }), about: "Only for OAuth client credentials.", not: not, mono: true }), form.client && (_jsxs(_Fragment, { children: [_jsx(TextInput, { label: "Token URL", name: "token_url", type: "url", value: form.token, onChange: (token) => set({ ...form, token }), required: true, not: not, mono: true }), _jsx(TextInput, { label: "Scope of the access token", name: "scope", value: form.scope, onChange: (scope) => set({ ...form, scope }), not: not, mono: true })] })), _jsx(Pick, { label: "People", name: "people", value: form.people, onChange: (people) => set({ ...form, people }), options: Object.entries(peoples).map(([id, text]) => ({ id, text })), required: true, not: not }), _jsx(Toggle, { label: "It gets groups too", on: form.groups, onChange: (groups) => set({ ...form, groups }), not: not }), _jsx(Choose, { label: "People who leave", name: "on_leave", value: form.leave, onChange: (leave) => set({ ...form, leave }), options: Object.entries(leaves).map(([id, text]) => ({ id, text })), required: true, not: not }), _jsx(Choose, { label: "Records with the same name that it has already", name: "existing", value: form.existing, onChange: (existing) => set({ ...form, existing }), options: Object.entries(presents).map(([id, text]) => ({ id, text })), required: true, not: not })] }));
}
export function Credential({ value, set, client }) {
    return (_jsx(TextInput, { label: client ? "Client secret" : "Bearer token", name: "secret", type: "password", value: value, onChange: set, about: "It is kept encrypted, and never shown again.", required: true }));
}
