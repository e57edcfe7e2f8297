// The settings of a target: where it is, and what it gets.

import type { Target } from "../../api/schema.ts";
import { Choose, Pick, TextInput, Toggle } from "../../parts/form.tsx";
import { useSession } from "../../shell/session.tsx";

export const profiles: Record<Target["profile"], string> = {
	generic: "Standard SCIM",
	"aws-identity-center": "AWS IAM Identity Center",
	slack: "Slack",
	github: "GitHub, an organization",
	gitlab: "GitLab, a group",
	atlassian: "Atlassian",
	put: "SCIM without PATCH",
};

export const peoples: Record<Target["people"], string> = { all: "Everybody", members: "Team members", guests: "Guests" };

export const leaves: Record<Target["on_leave"], string> = { deactivate: "Deactivate them there", delete: "Delete them there" };

export const presents: Record<Target["existing"], string> = { adopt: "Adopt them", refuse: "Refuse them" };

export interface Wanted {
	url: string;
	profile: string;
	client: string;
	token: string;
	scope: string;
	people: string;
	groups: boolean;
	leave: string;
	existing: string;
	/** all, or some. */
	which: string;
}

export const blank: Wanted = {
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

export function wantedOf(t: Target): Wanted {
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

/** What the API takes for the form. */
export function bodyOf(form: Wanted) {
	return {
		url: form.url,
		profile: form.profile as Target["profile"],
		client_id: form.client,
		token_url: form.token,
		scope: form.scope,
		people: form.people as Target["people"],
		no_groups: !form.groups,
		on_leave: form.leave as Target["on_leave"],
		existing: form.existing as Target["existing"],
		all: form.which === "all",
	};
}

/** Of which companies it gets the people. some says what "some" means. */
export function Which({ form, set, some, not }: { form: Wanted; set: (form: Wanted) => void; some: string; not?: string }) {
	const { operator: me } = useSession();
	return (
		<Choose
			label="For which companies"
			name="all"
			value={form.which}
			onChange={(which) => set({ ...form, which })}
			options={[
				{ id: "some", text: some },
				{
					id: "all",
					text: "All companies",
					about: "Future ones too.",
					not: me.all_tenants ? undefined : "It needs an administrator who has access to all companies.",
				},
			]}
			required
			not={not}
		/>
	);
}

/** The names of groups in a field, with commas between them. */
export function namesOf(text: string): string[] {
	return text
		.split(",")
		.map((name) => name.trim())
		.filter(Boolean);
}

export function Fields({ form, set, not }: { form: Wanted; set: (form: Wanted) => void; not?: string }) {
	return (
		<>
			<TextInput
				label="URL"
				name="url"
				type="url"
				value={form.url}
				onChange={(url) => set({ ...form, url })}
				about="The base URL of its SCIM service: HTTPS at a public address."
				required
				not={not}
				mono
			/>
			<Pick
				label="Application"
				name="profile"
				value={form.profile}
				onChange={(profile) => set({ ...form, profile })}
				options={Object.entries(profiles).map(([id, text]) => ({ id, text }))}
				required
				not={not}
			/>
			<TextInput
				label="Client id"
				name="client_id"
				value={form.client}
				onChange={(client) => set({ ...form, client })}
				about="Only for OAuth client credentials."
				not={not}
				mono
			/>
			{form.client && (
				<>
					<TextInput
						label="Token URL"
						name="token_url"
						type="url"
						value={form.token}
						onChange={(token) => set({ ...form, token })}
						required
						not={not}
						mono
					/>
					<TextInput
						label="Scope of the access token"
						name="scope"
						value={form.scope}
						onChange={(scope) => set({ ...form, scope })}
						not={not}
						mono
					/>
				</>
			)}
			<Pick
				label="People"
				name="people"
				value={form.people}
				onChange={(people) => set({ ...form, people })}
				options={Object.entries(peoples).map(([id, text]) => ({ id, text }))}
				required
				not={not}
			/>
			<Toggle label="It gets groups too" on={form.groups} onChange={(groups) => set({ ...form, groups })} not={not} />
			<Choose
				label="People who leave"
				name="on_leave"
				value={form.leave}
				onChange={(leave) => set({ ...form, leave })}
				options={Object.entries(leaves).map(([id, text]) => ({ id, text }))}
				required
				not={not}
			/>
			<Choose
				label="Records with the same name that it has already"
				name="existing"
				value={form.existing}
				onChange={(existing) => set({ ...form, existing })}
				options={Object.entries(presents).map(([id, text]) => ({ id, text }))}
				required
				not={not}
			/>
		</>
	);
}

export function Credential({ value, set, client }: { value: string; set: (text: string) => void; client: string }) {
	return (
		<TextInput
			label={client ? "Client secret" : "Bearer token"}
			name="secret"
			type="password"
			value={value}
			onChange={set}
			about="It is kept encrypted, and never shown again."
			required
		/>
	);
}
