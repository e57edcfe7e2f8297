import { jsx as _jsx } from "react/jsx-runtime";
import { useList } from "../../api/query.js";
import { Pick, TextInput } from "../../parts/form.js";
export function KeyInput(p) {
    return (_jsx(TextInput, { label: "Key of the service account", name: p.name ?? "credentials", value: p.value, onChange: p.set, required: true, lines: 6, mono: true, autoFocus: p.autoFocus, about: "The JSON file from Google Cloud console. The key is sealed, and never shown again." }));
}
export function useProjects(tenant) {
    const list = useList("list-google-projects");
    return (list.rows ?? []).filter((g) => g.tenants.some((t) => t.tenant === tenant)).map((g) => g.name);
}
export function ProjectPick(p) {
    const names = useProjects(p.tenant);
    const all = p.value && !names.includes(p.value) ? [...names, p.value] : names;
    if (!all.length)
        return null;
    return (_jsx(Pick, { label: "Key", name: "google.project", value: p.value || own, onChange: (id) => p.onChange(id === own ? "" : id), not: p.not, required: true, options: [
            { id: own, text: "A key of its own" },
            ...all.map((name) => ({ id: name, text: `Google project ${name}`, not: names.includes(name) ? undefined : "It was detached." })),
        ] }));
}
const own = "own key";
