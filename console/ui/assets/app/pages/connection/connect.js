import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useLocation } from "wouter";
import { call, failureOf } from "../../api/client.js";
import { useAction, useRead, useTrail } from "../../api/query.js";
import { Action, Note, To, useLack } from "../../parts/basic.js";
import { now } from "../../parts/clock.js";
import { CompanyFind } from "../../parts/companies.js";
import { Box } from "../../parts/dialog.js";
import { Choose, FormBox, Pick, TextInput, Tick } from "../../parts/form.js";
import { Icon } from "../../parts/icon.js";
import { complain } from "../../parts/toast.js";
import { connectionTypes, isoDay, lasting, many, typeTitle } from "../../parts/words.js";
import { to } from "../../shell/place.js";
import { KeyInput, ProjectPick } from "../project/key.js";
import { ExchangeLine } from "./journal.js";
import { Credential, Steps } from "./setup.js";
function halfYear() {
    const day = new Date(now());
    day.setDate(day.getDate() + 180);
    return isoDay(day);
}
function useBrake(tenant) {
    const settings = useRead("list-settings", { path: { tenant }, query: { limit: 200 } }, { enabled: tenant !== "", every: false });
    const cache = useQueryClient();
    const current = String(settings.data?.items.find((s) => s.name === "brake")?.value ?? "");
    return {
        now: current,
        set: async (next) => {
            if (!next || next === current)
                return undefined;
            try {
                const company = await call("get-tenant", { path: { tenant } });
                const body = { overrides: { ...company.overrides, brake: next } };
                await call("update-tenant", { path: { tenant }, version: company.version, body });
                void cache.invalidateQueries();
                return undefined;
            }
            catch (error) {
                return failureOf(error);
            }
        },
    };
}
const auths = [
    { id: "bearer", text: "Bearer token", about: "Most identity providers want this." },
    { id: "oauth", text: "OAuth 2.0 client credentials", about: "New apps of the Entra gallery want this." },
    { id: "basic", text: "User name and password", about: "Some identity providers support nothing else." },
];
export function Connect({ tenant, type, close }) {
    const [issued, setIssued] = useState();
    const [step, setStep] = useState(1);
    const [stored, setStored] = useState(false);
    const [, go] = useLocation();
    const open = tenant !== "";
    useEffect(() => {
        if (!open)
            return;
        setIssued(undefined);
        setStep(1);
        setStored(false);
    }, [open]);
    const finish = () => {
        close();
        if (issued)
            go(to.connection(issued.slug));
    };
    return (_jsxs(Box, { title: issued ? `Connect ${typeTitle(issued.type)}` : "Connect an identity provider", sub: ["", "Step 1 of 3: which one", "Step 2 of 3: enter this in its console", "Step 3 of 3: the first requests"][step], open: open, close: step === 1 ? close : finish, stuck: step === 2 && !stored, firm: true, wide: step > 1, children: [step === 1 && (_jsx(Which, { tenant: tenant === "new" ? "" : tenant, type: type, cancel: close, done: (made) => {
                    if (made.auth === "none") {
                        close();
                        go(to.connection(made.slug));
                        return;
                    }
                    setIssued(made);
                    setStep(2);
                } })), step === 2 && issued && (_jsxs(_Fragment, { children: [_jsxs("div", { className: "columns-even", children: [_jsx("div", { className: "form", children: _jsx(Credential, { issued: issued }) }), _jsx(Steps, { setup: issued.setup })] }), _jsxs("div", { className: "form-foot form-foot-split", children: [_jsx(Tick, { label: "I have stored the secret", checked: stored, onChange: setStored }), _jsx(Action, { look: "primary", onPress: () => setStep(3), not: stored ? undefined : "Store the secret first: it is not shown again.", children: "Next" })] })] })), step === 3 && issued && _jsx(First, { issued: issued, done: finish })] }));
}
function Which({ tenant, type, cancel, done }) {
    const [form, setForm] = useState({
        tenant,
        type: type || "okta",
        slug: "",
        auth: "bearer",
        expires: halfYear(),
        brake: "",
        admin: "",
        key: "",
        project: "",
    });
    const put = (change) => setForm((old) => ({ ...old, ...change }));
    useEffect(() => put({ tenant, type: type || "okta" }), [tenant, type]);
    const create = useAction("create-connection");
    const types = useRead("list-connection-types", {}, { every: false });
    const kind = types.data?.items.find((t) => t.type === form.type);
    const can = kind ? auths.filter((a) => kind.auth.includes(a.id)) : auths;
    const auth = can.some((a) => a.id === form.auth) ? form.auth : (kind?.auth[0] ?? "bearer");
    const read = form.type === "google-directory";
    const brake = useBrake(form.tenant);
    const lack = useLack("tenant.update");
    const [setting, setSetting] = useState(false);
    const run = async () => {
        const made = await create.run({
            body: {
                tenant: form.tenant,
                type: form.type,
                slug: form.slug || undefined,
                auth: read ? undefined : auth,
                expires: form.expires && !read ? new Date(`${form.expires}T12:00:00`).toISOString() : undefined,
                google: read ? { admin: form.admin, ...(form.project ? { project: form.project } : { credentials: form.key }) } : undefined,
            },
        });
        if (!made)
            return;
        setSetting(true);
        const failure = await brake.set(form.brake);
        setSetting(false);
        if (failure)
            complain(`The connection is made, but the setting for unusual removals was not changed: ${failure.message}`);
        done(made);
    };
    return (_jsxs(FormBox, { failure: create.failure, submit: run, children: [_jsx(CompanyFind, { value: form.tenant, onChange: (slug) => put({ tenant: slug }) }), _jsx(Choose, { label: "Identity provider", name: "type", value: form.type, onChange: (next) => put({ type: next }), required: true, cards: true, options: Object.entries(connectionTypes).map(([id, text]) => ({ id, text })) }), read ? (_jsxs(_Fragment, { children: [_jsx(Directory, { admin: form.admin, setAdmin: (admin) => put({ admin }) }), _jsx(ProjectPick, { tenant: form.tenant, value: form.project, onChange: (project) => put({ project }) }), !form.project && _jsx(KeyInput, { name: "google.credentials", value: form.key, set: (key) => put({ key }) })] })) : (_jsx(Pick, { label: "Kind of credential", name: "auth", value: auth, onChange: (auth) => put({ auth }), options: can, required: true })), kind && !read && (_jsxs("p", { className: "about", children: [kind.title, " normally sends a request every ", lasting(kind.cadence_seconds), ". Twice that time without one raises an alert."] })), brake.now && (_jsx(Pick, { label: "If unusually many people are removed within an hour", name: "brake", value: form.brake || brake.now, onChange: (next) => put({ brake: next }), options: [
                    { id: "off", text: "They are removed" },
                    { id: "alert", text: "They are removed, and you get an alert" },
                    { id: "hold", text: "They are held until you decide" },
                ], not: lack, about: "A setting of the company, for all its connections." })), _jsxs("div", { className: "columns", children: [!read && (_jsx(TextInput, { label: "Credential expires on", name: "expires", type: "date", value: form.expires, onChange: (expires) => put({ expires }), about: form.expires ? "Empty it for a credential that never expires." : "It never expires." })), _jsx(TextInput, { label: "Slug", name: "slug", value: form.slug, onChange: (slug) => put({ slug }), mono: true, maxLength: 60, about: "It is part of the base URL. Empty: company and type." })] }), _jsxs("div", { className: "form-foot", children: [_jsx(Action, { look: "quiet", onPress: cancel, children: "Cancel" }), _jsx(Action, { submit: true, look: "primary", right: "connection.manage", not: form.tenant ? undefined : "Choose a company.", running: create.running || setting, children: read ? "Connect" : "Next" })] })] }));
}
function Directory(p) {
    return (_jsxs(_Fragment, { children: [_jsx("p", { className: "about", children: "Drawbridge reads the directory every ten minutes. The manual has each step in Google's consoles, under Google Workspace." }), _jsx(TextInput, { label: "Administrator", name: "google.admin", type: "email", value: p.admin, onChange: p.setAdmin, required: true, about: "Drawbridge reads the directory as this person, who must be allowed to read users and groups." })] }));
}
const minuteLong = 60;
function useRejected(connection) {
    const [from] = useState(() => new Date((Math.floor(now() / 1000 / minuteLong) - 60) * minuteLong * 1000).toISOString());
    const [until] = useState(() => new Date((Math.floor(now() / 1000 / minuteLong) + 120) * minuteLong * 1000).toISOString());
    const timeline = useRead("get-timeline", { path: { connection }, query: { from, to: until, step: 3600 } }, { every: 5_000 });
    return (timeline.data?.buckets ?? []).reduce((sum, b) => sum + b.rejected, 0);
}
function First({ issued, done }) {
    const journal = useTrail("list-journal", { path: { connection: issued.slug }, query: { limit: 20 } }, { every: 3_000 });
    const connection = useRead("get-connection", { path: { connection: issued.slug } }, { every: 3_000 });
    const rows = journal.rows ?? [];
    const rejected = useRejected(issued.slug);
    const refused = rows.find((r) => r.effect === "refused" || r.effect === "failed");
    return (_jsxs("div", { className: "form", children: [_jsxs("p", { children: ["Press ", _jsx("strong", { children: issued.setup.test || "the test button" }), " in ", issued.setup.title, ". Its requests appear here as they arrive."] }), rejected > 0 && (_jsxs(Note, { tone: "bad", children: [many(rejected, "request", "requests"), " came with a credential that is not known. Compare what ", issued.setup.title, " has with what you stored, or make a new credential."] })), rows.length === 0 ? (_jsxs("div", { className: "waiting", role: "status", children: [_jsx("span", { className: "spinner" }), " No request yet."] })) : (_jsxs(_Fragment, { children: [_jsx(Note, { tone: refused ? "warn" : "good", children: refused ? (_jsxs(_Fragment, { children: ["A request was refused: ", refused.why ?? `status ${refused.status}`, "."] })) : ("It works: requests arrive with the right secret, and are answered.") }), _jsx("ul", { className: "feed", children: rows.slice(0, 8).map((r) => (_jsx("li", { children: _jsx(ExchangeLine, { exchange: r }) }, r.seq))) })] })), journal.isError && journal.error.status === 403 && (_jsx("p", { className: "about", children: "Your role cannot read the journal. The page of the connection shows its state." })), _jsxs("p", { className: "about", children: [_jsx(Icon, { name: "info", size: 14 }), " If nothing comes, compare the base URL with the one in the console of the identity provider", connection.data?.base_url ? (_jsxs(_Fragment, { children: [" ", "(", _jsx("span", { className: "mono", children: connection.data.base_url }), ")"] })) : null, "."] }), _jsx("p", { children: "At the first complete sync, everybody who is assigned there is created here. If later unusually many people are removed within an hour, the settings of the company decide whether that is done, reported or held." }), _jsxs("p", { className: "row", children: [_jsx(To, { href: to.connection(issued.slug, "mapping"), children: "Map groups" }), _jsx(To, { href: to.connection(issued.slug, "doctor"), children: "Try everything with the doctor" }), _jsx(To, { href: to.company(issued.tenant, "settings"), children: "Settings of the company" })] }), _jsx("div", { className: "form-foot", children: _jsx(Action, { look: "primary", onPress: done, children: "To the connection" }) })] }));
}
