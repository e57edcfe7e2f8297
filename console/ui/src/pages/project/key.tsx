// The key of a service account of Google, and the choice of a Google project in place of one.

import { useList } from "../../api/query.ts";
import { Pick, TextInput } from "../../parts/form.tsx";

export function KeyInput(p: { value: string; set: (text: string) => void; name?: string; autoFocus?: boolean }) {
	return (
		<TextInput
			label="Key of the service account"
			name={p.name ?? "credentials"}
			value={p.value}
			onChange={p.set}
			required
			lines={6}
			mono
			autoFocus={p.autoFocus}
			about="The JSON file from Google Cloud console. The key is sealed, and never shown again."
		/>
	);
}

/** The names of the Google projects that are attached to a company. */
export function useProjects(tenant: string): string[] {
	const list = useList("list-google-projects");
	return (list.rows ?? []).filter((g) => g.tenants.some((t) => t.tenant === tenant)).map((g) => g.name);
}

/** Chooses between a key of the connection's own, which is "", and a Google project. It shows nothing where there is no choice. */
export function ProjectPick(p: { tenant: string; value: string; onChange: (project: string) => void; not?: string }) {
	const names = useProjects(p.tenant);
	const all = p.value && !names.includes(p.value) ? [...names, p.value] : names;
	if (!all.length) return null;
	return (
		<Pick
			label="Key"
			name="google.project"
			value={p.value || own}
			onChange={(id) => p.onChange(id === own ? "" : id)}
			not={p.not}
			required
			options={[
				{ id: own, text: "A key of its own" },
				...all.map((name) => ({ id: name, text: `Google project ${name}`, not: names.includes(name) ? undefined : "It was detached." })),
			]}
		/>
	);
}

/** No project has this name. */
const own = "own key";
