import { jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useAction } from "../../api/query.js";
import { Action, IconAction, Note, useLack } from "../../parts/basic.js";
import { Versions } from "../../parts/dialog.js";
import { useDraft } from "../../parts/draft.js";
import { FormBox, Pick, TextInput } from "../../parts/form.js";
import { Empty } from "../../parts/state.js";
import { say } from "../../parts/toast.js";
import { builtInGroups } from "../../parts/words.js";
const grants = [
    { id: "owners", text: "Owners", about: "May do everything in the company." },
    { id: "administrators", text: "Administrators" },
    { id: "security", text: "Security" },
    { id: "provision_managers", text: "Provision Managers", about: "May confirm people." },
    { id: "team_members", text: "Team Members", about: "Every member is in it without a mapping." },
    { id: "guest", text: "Guest", about: "Its members are guests." },
];
function text(m) {
    return `${m.display_name || m.external_id || "?"} → ${m.guest ? "Guest" : (builtInGroups[m.grants ?? ""] ?? m.grants)}`;
}
export function Mapping({ connection: c }) {
    const lack = useLack("connection.manage");
    const { base, form: rows, set: setRows, dirty, begin } = useDraft(c, (read) => read.mappings);
    const update = useAction("update-connection", () => say("Saved."));
    const put = (i, change) => setRows(rows.map((r, j) => (i === j ? { ...r, ...change } : r)));
    const save = async (version) => {
        const made = await update.run({ path: { connection: c.slug }, version, body: { mappings: rows } });
        if (made)
            begin(made);
    };
    const stale = update.failure?.status === 412 && c.version !== base.version;
    const powerful = rows.some((r) => r.grants === "owners" || r.grants === "administrators");
    const add = () => setRows([...rows, { display_name: "", grants: "administrators" }]);
    return (_jsxs("div", { className: "stack", children: [_jsx("p", { className: "page-sub", children: "A group of the identity provider can grant a built-in group of the company, or make its members guests. Grants of several groups add up." }), _jsxs(FormBox, { failure: stale ? undefined : update.failure, submit: () => void save(base.version), children: [rows.length === 0 && (_jsx(Empty, { icon: "group", title: "No mapping", action: _jsx(Action, { icon: "plus", not: lack, onPress: add, children: "Add a mapping" }), children: "No person gets a built-in group from this connection." })), rows.map((r, i) => (_jsxs("div", { className: "mapping", children: [_jsx(Pick, { label: "By", name: `by-${i}`, value: r.external_id !== undefined && !r.display_name ? "external_id" : "display_name", onChange: (by) => put(i, by === "external_id"
                                    ? { external_id: r.display_name ?? "", display_name: undefined }
                                    : { display_name: r.external_id ?? "", external_id: undefined }), required: true, not: lack, options: [
                                    { id: "display_name", text: "Name of the group" },
                                    { id: "external_id", text: "externalId" },
                                ] }), _jsx(TextInput, { label: "Group", name: `group-${i}`, value: r.display_name ?? r.external_id ?? "", onChange: (value) => put(i, r.external_id !== undefined && r.display_name === undefined ? { external_id: value } : { display_name: value }), required: true, not: lack }), _jsx(Pick, { label: "Grants", name: `grants-${i}`, value: r.guest ? "guest" : (r.grants ?? ""), onChange: (g) => put(i, g === "guest" ? { guest: true, grants: undefined } : { guest: undefined, grants: g }), required: true, not: lack, options: grants }), _jsx(IconAction, { icon: "trash", label: "Remove this mapping", right: "connection.manage", onPress: () => setRows(rows.filter((_, j) => j !== i)) })] }, i))), powerful && (_jsx(Note, { tone: "warn", children: "A person who is put into such a group at the identity provider gets power over the company. Each change raises an alert." })), stale && (_jsx(Versions, { rows: [{ label: "Mappings", mine: rows.map(text).join("; "), theirs: c.mappings.map(text).join("; ") }], keep: () => void save(c.version), take: () => {
                            update.clear();
                            begin(c);
                        } })), (rows.length > 0 || dirty) && (_jsxs("div", { className: "form-foot form-foot-split", children: [_jsx(Action, { icon: "plus", not: lack, onPress: add, children: "Add a mapping" }), _jsx(Action, { submit: true, look: "primary", not: lack ?? (dirty ? undefined : "Nothing was changed."), running: update.running, children: "Save" })] }))] })] }));
}
