import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useEffect, useState } from "react";
import { useAction, useList, useRead } from "../../api/query.js";
import { Action, Card, More, Name, Note, Tag, Time, useLack } from "../../parts/basic.js";
import { Country, countryName } from "../../parts/country.js";
import { Box, Confirm, Consequences, SecretBox, Versions } from "../../parts/dialog.js";
import { useDraft } from "../../parts/draft.js";
import { FormBox, Pick, Submit, TextInput, Tick } from "../../parts/form.js";
import { Empty, View } from "../../parts/state.js";
import { Table } from "../../parts/table.js";
import { say, useQuick } from "../../parts/toast.js";
import { day, many, plain } from "../../parts/words.js";
export default function CompanySettings({ company, overview }) {
    return (_jsxs("div", { className: "stack", children: [_jsx(About, { tenant: overview.tenant }), _jsx(Rules, { company: company, tenant: overview.tenant }), _jsx(AppKeys, { company: company }), _jsx(Schemas, { company: company }), _jsx(Keeping, { company: company })] }));
}
function of(t) {
    const a = t.address ?? {};
    return {
        name: t.name,
        website: t.website ?? "",
        data_region: t.data_region ?? "",
        country: a.country ?? "",
        lines: a.lines ?? "",
        locality: a.locality ?? "",
        postal_code: a.postal_code ?? "",
        customer_number: t.customer_number ?? "",
        account_manager: t.account_manager ?? "",
        tags: t.tags.join(", "),
        note: t.note ?? "",
    };
}
const labels = {
    name: "Name",
    website: "Website",
    data_region: "Data region",
    country: "Country",
    lines: "Street",
    locality: "City",
    postal_code: "Postal code",
    customer_number: "Customer number",
    account_manager: "Account manager",
    tags: "Tags",
    note: "Note",
};
function tagsOf(text) {
    return [
        ...new Set(text
            .split(",")
            .map((t) => t.trim())
            .filter(Boolean)),
    ];
}
function About({ tenant: t }) {
    const lack = useLack("tenant.update");
    const { base, form, set: setForm, dirty, begin } = useDraft(t, of);
    const update = useAction("update-tenant", () => say("Saved."));
    const put = (change) => setForm((old) => ({ ...old, ...change }));
    const save = async (version) => {
        const was = of(base);
        const address = { country: form.country, lines: form.lines, locality: form.locality, postal_code: form.postal_code };
        const moved = ["country", "lines", "locality", "postal_code"].some((k) => form[k] !== was[k]);
        const done = await update.run({
            path: { tenant: t.slug },
            version,
            body: {
                ...(form.name !== was.name ? { name: form.name.trim() } : {}),
                ...(form.website !== was.website ? { website: form.website.trim() } : {}),
                ...(form.data_region !== was.data_region ? { data_region: form.data_region.trim() } : {}),
                ...(moved ? { address } : {}),
                ...(form.customer_number !== was.customer_number ? { customer_number: form.customer_number.trim() } : {}),
                ...(form.account_manager !== was.account_manager ? { account_manager: form.account_manager.trim() } : {}),
                ...(form.tags !== was.tags ? { tags: tagsOf(form.tags) } : {}),
                ...(form.note !== was.note ? { note: form.note.trim() } : {}),
            },
        });
        if (done)
            begin(done);
    };
    const stale = update.failure?.status === 412 && t.version !== base.version;
    return (_jsx(Card, { title: "The company", children: _jsxs(FormBox, { failure: stale ? undefined : update.failure, submit: () => void save(base.version), children: [_jsxs("div", { className: "columns", children: [_jsx(TextInput, { label: "Name", name: "name", value: form.name, onChange: (name) => put({ name }), required: true, maxLength: 200, not: lack }), _jsx(TextInput, { label: "Website", name: "website", value: form.website, onChange: (website) => put({ website }), maxLength: 500, not: lack })] }), _jsxs("div", { className: "columns", children: [lack ? (_jsx(TextInput, { label: "Country", name: "country", value: countryName(form.country), onChange: () => undefined, not: lack })) : (_jsx(Country, { value: form.country, onChange: (country) => put({ country }) }, base.version)), _jsx(TextInput, { label: "City", name: "locality", value: form.locality, onChange: (locality) => put({ locality }), maxLength: 100, not: lack }), _jsx(TextInput, { label: "Street", name: "lines", value: form.lines, onChange: (lines) => put({ lines }), maxLength: 500, not: lack }), _jsx(TextInput, { label: "Postal code", name: "postal_code", value: form.postal_code, onChange: (postal_code) => put({ postal_code }), maxLength: 40, not: lack })] }), _jsx(TextInput, { label: "Data region", name: "data_region", value: form.data_region, onChange: (data_region) => put({ data_region }), maxLength: 40, not: lack, about: "Where the data is kept. The country does not decide it." }), _jsxs("div", { className: "columns", children: [_jsx(TextInput, { label: "Customer number", name: "customer_number", value: form.customer_number, onChange: (customer_number) => put({ customer_number }), maxLength: 60, not: lack, about: "As in your own accounts." }), _jsx(TextInput, { label: "Account manager", name: "account_manager", value: form.account_manager, onChange: (account_manager) => put({ account_manager }), maxLength: 200, not: lack }), _jsx(TextInput, { label: "Tags", name: "tags", value: form.tags, onChange: (tags) => put({ tags }), maxLength: 500, not: lack, about: "Separated by commas. The list of companies filters by them." })] }), _jsx(TextInput, { label: "Note", name: "note", value: form.note, onChange: (note) => put({ note }), lines: 3, maxLength: 2000, not: lack, about: "For administrators of the provider only. The company never sees it." }), stale && (_jsx(Versions, { rows: Object.keys(labels).map((k) => ({ label: labels[k], mine: form[k], theirs: of(t)[k] })), keep: () => void save(t.version), take: () => {
                        update.clear();
                        begin(t);
                    } })), dirty && !stale && (_jsx(Submit, { running: update.running, cancel: () => setForm(of(base)), children: "Save" }))] }) }));
}
const sections = [
    [
        "Onboarding",
        [
            {
                id: "onboarding",
                text: "New people",
                about: "Active at once, or after a mail with a link.",
                kind: "choice",
                choices: [
                    ["direct", "Active at once"],
                    ["invite", "By invitation"],
                ],
            },
            { id: "invite_ttl_days", text: "Days that an invitation works", about: "0: for ever.", kind: "number" },
            {
                id: "confirm_domains",
                text: "Domains confirmed automatically",
                about: "A person with an address of these domains needs no confirmation.",
                kind: "list",
            },
            {
                id: "member_domains",
                text: "Domains of members",
                about: "A person with an address of another domain is a guest. Empty: the domain does not matter.",
                kind: "list",
            },
            { id: "guest_user_types", text: "userTypes of guests", about: "Values of userType that make a guest.", kind: "list" },
        ],
    ],
    [
        "Lifecycle",
        [
            {
                id: "suspension_manual",
                text: "Suspension by hand",
                about: "Ended by the next write with active: true, or by an operator.",
                kind: "choice",
                choices: [
                    ["yield", "Yields to the sync"],
                    ["hold", "Holds"],
                ],
            },
            {
                id: "rehire",
                text: "A person who comes back",
                about: "The same account comes back, or the write is refused.",
                kind: "choice",
                choices: [
                    ["restore", "Gets the same account"],
                    ["conflict", "Is refused"],
                ],
            },
            {
                id: "on_delete",
                text: "DELETE by the identity provider",
                about: "A person who is suspended is kept for the grace time.",
                kind: "choice",
                choices: [
                    ["suspend", "Suspends"],
                    ["delete", "Deletes"],
                ],
            },
            {
                id: "replay",
                text: "A repeated create",
                about: "If it is accepted, the same record is given back for ten minutes.",
                kind: "choice",
                choices: [
                    ["off", "Is refused"],
                    ["accept", "Is accepted"],
                ],
            },
        ],
    ],
    [
        "Deletion",
        [
            { id: "auto_delete_days", text: "Delete after days of suspension", about: "1 to 180. 0: never.", kind: "number" },
            { id: "tombstone_days", text: "Days that a tombstone keeps details", about: "Then only the id and the times.", kind: "number" },
        ],
    ],
    [
        "Seats",
        [
            {
                id: "seats_on_limit",
                text: "When all seats are in use",
                about: "The person is refused, one more seat is bought up to the maximum, or the limit is exceeded and reported.",
                kind: "choice",
                choices: [
                    ["refuse", "Refuse"],
                    ["grow", "Buy one more"],
                    ["overage", "Exceed the limit"],
                ],
            },
            { id: "seats_max", text: "Maximum of seats", about: "For buying one more. 0: any number.", kind: "number" },
            { id: "included_guests", text: "Guests included", about: "Guests that cost nothing.", kind: "number" },
            { id: "included_seats", text: "Seats included", about: "Members that cost nothing.", kind: "number" },
            { id: "guest_max_groups", text: "Groups of a guest", about: "At most. 0: any number.", kind: "number" },
            { id: "idle_days", text: "Idle after days", about: "Without activity. 0: none is reported.", kind: "number" },
            {
                id: "orphan_days",
                text: "Orphaned after days",
                about: "Not mentioned by the identity provider. 0: none is reported.",
                kind: "number",
            },
        ],
    ],
    [
        "Billing day",
        [
            { id: "snapshot_zone", text: "Time zone", about: "Of the daily count of seats.", kind: "text" },
            { id: "snapshot_time", text: "Time of the count", about: "As hh:mm in that zone.", kind: "text" },
            { id: "billing_start", text: "First day of the cycle", about: "A date.", kind: "text" },
        ],
    ],
    [
        "Brake",
        [
            {
                id: "brake",
                text: "Unusual removals",
                about: "Done, done and reported, or held for an operator.",
                kind: "choice",
                choices: [
                    ["off", "Are done"],
                    ["alert", "Are done and reported"],
                    ["hold", "Are held"],
                ],
            },
        ],
    ],
    [
        "What is kept",
        [
            { id: "journal_days", text: "Days of the request journal", about: "1 to 365. 0: none is kept.", kind: "number" },
            { id: "journal_mb", text: "Size of the request journal in MiB", about: "The oldest go first.", kind: "number" },
            { id: "event_days", text: "Days of events", about: "At least 30.", kind: "number" },
            {
                id: "audit_days",
                text: "Days of audit lines in the store",
                about: "At least 30. Older lines move to the archive, if there is one.",
                kind: "number",
            },
        ],
    ],
];
const sources = {
    tenant: { text: "of its own", tone: "info" },
    plan: { text: "by the plan", tone: "quiet" },
    default: { text: "by default", tone: "quiet" },
};
function shown(rule, value) {
    if (Array.isArray(value))
        return value.length ? value.join(", ") : "none";
    const text = String(value ?? "");
    return rule.choices?.find(([id]) => id === text)?.[1] ?? (text || "–");
}
function Rules({ company, tenant }) {
    const settings = useRead("list-settings", { path: { tenant: company }, query: { limit: 200 } });
    const [editing, setEditing] = useState();
    const reset = useQuick("update-tenant", () => say("The plan or the default decides again."));
    const known = new Set(sections.flatMap(([, rules]) => rules.map((r) => r.id)));
    return (_jsxs(_Fragment, { children: [_jsx(View, { reading: settings, rows: 8, children: (page) => {
                    const byName = new Map(page.items.map((s) => [s.name, s]));
                    const others = page.items.filter((s) => !known.has(s.name));
                    return (_jsxs(Card, { title: "Rules", flush: true, children: [sections.map(([title, rules]) => (_jsxs("section", { className: "settings", children: [_jsx("h3", { children: title }), _jsx("ul", { className: "rows", children: rules.map((r) => {
                                            const s = byName.get(r.id);
                                            if (!s)
                                                return null;
                                            return (_jsxs("li", { className: "line setting", children: [_jsxs("div", { className: "line-main", children: [_jsx("span", { children: r.text }), _jsx("span", { className: "faint", children: r.about })] }), _jsx("span", { className: "setting-value", children: shown(r, s.value) }), _jsx(Tag, { tone: sources[s.source].tone, children: sources[s.source].text }), _jsxs("span", { className: "row row-tight", children: [_jsx(Action, { small: true, right: "tenant.update", onPress: () => setEditing(r), label: `Change: ${r.text}`, children: "Change" }), s.source === "tenant" && (_jsx(Action, { small: true, look: "quiet", right: "tenant.update", running: reset.running, label: `Reset: ${r.text}`, onPress: () => {
                                                                    const { [r.id]: gone, ...rest } = tenant.overrides ?? {};
                                                                    void gone;
                                                                    void reset.run({ path: { tenant: company }, version: tenant.version, body: { overrides: rest } });
                                                                }, children: "Reset" }))] })] }, r.id));
                                        }) })] }, title))), others.length > 0 && (_jsxs("section", { className: "settings", children: [_jsx("h3", { children: "Others" }), _jsx("ul", { className: "rows", children: others.map((s) => (_jsxs("li", { className: "line setting", children: [_jsx("div", { className: "line-main", children: _jsx("span", { children: plain(s.name) }) }), _jsx("span", { className: "setting-value", children: Array.isArray(s.value) ? s.value.join(", ") : String(s.value ?? "") }), _jsx(Tag, { tone: sources[s.source].tone, children: sources[s.source].text })] }, s.name))) })] }))] }));
                } }), _jsx(Edit, { rule: editing, tenant: tenant, value: settings.data?.items.find((s) => s.name === editing?.id)?.value, close: () => setEditing(undefined) })] }));
}
function Edit({ rule, tenant: t, value, close }) {
    const [text, setText] = useState("");
    const [version, setVersion] = useState(t.version);
    const update = useAction("update-tenant", () => say("Saved."));
    useEffect(() => {
        if (!rule)
            return;
        setText(Array.isArray(value) ? value.join(", ") : String(value ?? ""));
        setVersion(t.version);
        update.clear();
    }, [rule]);
    const parsed = () => {
        if (rule?.kind === "number")
            return Number(text || 0);
        if (rule?.kind === "list")
            return text
                .split(/[\s,;]+/)
                .map((x) => x.trim())
                .filter(Boolean);
        return text.trim();
    };
    const save = async (at) => {
        if (!rule)
            return;
        if (await update.run({ path: { tenant: t.slug }, version: at, body: { overrides: { ...t.overrides, [rule.id]: parsed() } } }))
            close();
    };
    const stale = update.failure?.status === 412 && t.version !== version;
    return (_jsx(Box, { title: rule?.text ?? "", sub: rule?.about, open: rule !== undefined, close: close, children: _jsxs(FormBox, { failure: stale ? undefined : update.failure, submit: () => void save(version), children: [rule?.kind === "choice" ? (_jsx(Pick, { label: "Value", name: rule.id, value: text, onChange: setText, required: true, options: (rule.choices ?? []).map(([id, words]) => ({ id, text: words })) })) : (_jsx(TextInput, { label: rule?.kind === "list" ? "Values, with commas between them" : "Value", name: rule?.id ?? "value", value: text, onChange: (next) => setText(rule?.kind === "number" ? next.replace(/\D/g, "") : next), inputMode: rule?.kind === "number" ? "numeric" : undefined, required: rule?.kind !== "list", autoFocus: true })), stale && (_jsx(Versions, { rows: [{ label: rule?.text ?? "", mine: text, theirs: shown(rule, value) }], keep: () => void save(t.version), take: () => {
                        update.clear();
                        close();
                    } })), _jsx(Submit, { running: update.running, cancel: close, right: "tenant.update", children: "Save" })] }) }));
}
function AppKeys({ company }) {
    const list = useList("list-app-keys", { path: { tenant: company } });
    const [making, setMaking] = useState(false);
    const [name, setName] = useState("");
    const [issued, setIssued] = useState();
    const [revoking, setRevoking] = useState();
    const create = useAction("create-app-key");
    const revoke = useAction("revoke-app-key", () => say("The key is revoked."));
    const run = async () => {
        const made = await create.run({ path: { tenant: company }, body: { name: name.trim() } });
        if (made) {
            setMaking(false);
            setName("");
            setIssued(made);
        }
    };
    const columns = [
        {
            id: "name",
            title: "Application",
            cell: (k) => (_jsxs("span", { className: "two-lines", children: [_jsx(Name, { text: k.name, short: true }), _jsxs("span", { className: "faint mono", children: [k.prefix, "\u2026"] })] })),
        },
        { id: "status", title: "Status", cell: (k) => _jsx(Tag, { tone: k.status === "live" ? "good" : "quiet", children: plain(k.status) }) },
        { id: "created", title: "Made", from: "tablet", cell: (k) => day(k.created) },
        { id: "used", title: "Last used", from: "tablet", cell: (k) => _jsx(Time, { at: k.last_used, none: "never" }) },
        { id: "address", title: "From", from: "laptop", cell: (k) => k.address ?? "" },
    ];
    return (_jsxs(Card, { title: "Application keys", flush: true, actions: _jsx(Action, { small: true, icon: "plus", right: "credential.manage", onPress: () => setMaking(true), children: "Make a key" }), children: [_jsx(Table, { name: "appkeys", label: "Application keys", list: list, columns: columns, rowKey: (k) => k.id, empty: _jsx(Empty, { icon: "key", title: "No application has a key", children: "With a key, an application reads the events of this company, asks who may sign in, and reports activity." }), menu: (k) => k.status === "live" && (_jsx(More, { label: `Actions for ${k.name}`, choices: [
                        { id: "revoke", text: "Revoke", icon: "trash", danger: true, right: "credential.manage", run: () => setRevoking(k) },
                    ] })) }), _jsx(Box, { title: "Make an application key", open: making, close: () => {
                    create.clear();
                    setMaking(false);
                }, children: _jsxs(FormBox, { failure: create.failure, submit: () => void run(), children: [_jsx(TextInput, { label: "Application", name: "name", value: name, onChange: setName, required: true, maxLength: 100, placeholder: "Customer portal", autoFocus: true }), _jsx(Submit, { running: create.running, cancel: () => setMaking(false), right: "credential.manage", children: "Make it" })] }) }), _jsx(SecretBox, { title: `The key of ${issued?.name ?? ""}`, open: issued !== undefined, close: () => setIssued(undefined), secrets: [{ label: "Send it as a Bearer token", text: issued?.secret ?? "", what: "the key" }], children: _jsxs("p", { children: ["It reads ", _jsx("span", { className: "mono wrap", children: issued?.base_url }), " of this company, and nothing else."] }) }), _jsx(Confirm, { title: _jsxs(_Fragment, { children: ["Revoke the key of ", _jsx(Name, { text: revoking?.name ?? "", short: true }), "?"] }), open: revoking !== undefined, close: () => {
                    revoke.clear();
                    setRevoking(undefined);
                }, verb: "Revoke", danger: true, failure: revoke.failure, running: revoke.running, run: async () => revoking && (await revoke.run({ path: { tenant: company, key: revoking.id } })) && setRevoking(undefined), children: _jsx(Consequences, { items: ["The application gets 401 from now on."] }) })] }));
}
function Schemas({ company }) {
    const schemas = useList("list-schemas", { path: { tenant: company } });
    const [loading, setLoading] = useState(false);
    const [text, setText] = useState("");
    const [discard, setDiscard] = useState(false);
    const [wrong, setWrong] = useState("");
    const [removing, setRemoving] = useState();
    const load = useAction("load-schema", () => say("The schema is loaded."));
    const remove = useAction("remove-schema", () => say("The schema is removed."));
    const lack = useLack("tenant.update");
    const run = async () => {
        setWrong("");
        let body;
        try {
            body = JSON.parse(text);
        }
        catch (error) {
            setWrong(`This is not JSON: ${error instanceof Error ? error.message : ""}`);
            return;
        }
        const done = await load.run({ path: { tenant: company }, query: { discard: discard || undefined }, body: body });
        if (done) {
            setLoading(false);
            setText("");
        }
    };
    return (_jsxs(Card, { title: "Schemas", flush: true, actions: _jsx(Action, { small: true, icon: "plus", not: lack, onPress: () => setLoading(true), children: "Load a schema" }), children: [_jsx(View, { reading: schemas, rows: 2, children: () => (schemas.rows ?? []).length === 0 ? (_jsx("p", { className: "card-pad faint", children: "This company has only the standard schemas. It may have attributes and resource types of its own." })) : (_jsx("ul", { className: "rows", children: (schemas.rows ?? []).map((s) => (_jsxs("li", { className: "line", children: [_jsxs("div", { className: "line-main", children: [_jsx("span", { className: "mono wrap", children: s.urn }), _jsxs("span", { className: "faint", children: [s.resource_type, s.endpoint && `, at ${s.endpoint}`] })] }), _jsx(Action, { small: true, not: lack, onPress: () => setRemoving(s.urn), children: "Remove" })] }, s.urn ?? s.resource_type))) })) }), _jsx(Box, { title: "Load a schema", open: loading, close: () => {
                    load.clear();
                    setLoading(false);
                }, wide: true, children: _jsxs(FormBox, { failure: load.failure, submit: () => void run(), children: [_jsx(TextInput, { label: "The schema as JSON", name: "definition", value: text, onChange: setText, lines: 12, required: true, mono: true, about: "An object with resource_type, definition, and optionally endpoint and required.", placeholder: '{"resource_type": "User", "definition": {"id": "urn:example:params:scim:schemas:extension:acme:2.0:User", "name": "Acme", "attributes": []}}' }), wrong && _jsx(Note, { tone: "bad", children: wrong }), _jsx(Tick, { label: "Delete values that no longer match", about: "Otherwise the schema is refused while a person has such a value.", checked: discard, onChange: setDiscard }), _jsx(Submit, { running: load.running, cancel: () => setLoading(false), children: "Load" })] }) }), _jsxs(Confirm, { title: "Remove the schema?", open: removing !== undefined, close: () => {
                    remove.clear();
                    setRemoving(undefined);
                }, verb: "Remove", danger: true, failure: remove.failure, running: remove.running, run: async () => removing &&
                    (await remove.run({ path: { tenant: company, urn: removing }, query: { discard: discard || undefined } })) &&
                    setRemoving(undefined), children: [_jsx("p", { className: "mono wrap", children: removing }), _jsx(Tick, { label: "Delete the values that people have", about: "Otherwise the removal is refused while a person has a value.", checked: discard, onChange: setDiscard })] })] }));
}
function Keeping({ company }) {
    const [report, setReport] = useState();
    const [asked, setAsked] = useState(false);
    const trim = useAction("trim-tenant");
    const preview = async () => {
        const answer = await trim.run({ path: { tenant: company }, query: { dry_run: true } });
        if (answer) {
            setReport(answer);
            setAsked(true);
        }
    };
    return (_jsxs(Card, { title: "Retention", children: [_jsx("p", { className: "faint", children: "Once a day, old events are removed and old tombstones are reduced, after the number of days in the settings." }), _jsx("div", { children: _jsx(Action, { small: true, right: "tenant.update", running: trim.running, onPress: () => void preview(), children: "Clean up now" }) }), _jsx(Confirm, { title: "Remove what is past its retention time?", open: asked, close: () => setAsked(false), verb: "Remove", not: report && report.events + report.tombstones > 0 ? undefined : "Nothing is past its retention time.", failure: trim.failure, running: trim.running, run: async () => {
                    if (await trim.run({ path: { tenant: company } })) {
                        say(`${many(report?.events ?? 0, "event", "events")} and ${many(report?.tombstones ?? 0, "tombstone", "tombstones")} are cleaned up.`);
                        setAsked(false);
                    }
                }, children: _jsx(Consequences, { items: [
                        `${many(report?.events ?? 0, "event is", "events are")} removed.`,
                        `${many(report?.tombstones ?? 0, "tombstone is", "tombstones are")} reduced to the id and the times.`,
                    ] }) })] }));
}
