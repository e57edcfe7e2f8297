// The form for the settings of a webhook, and the secret that is shown once.

import type { IssuedWebhook, Webhook } from "../../api/schema.ts";
import { Time } from "../../parts/basic.tsx";
import { CompanyList } from "../../parts/companies.tsx";
import { SecretBox } from "../../parts/dialog.tsx";
import { Choose, TextInput, Tick } from "../../parts/form.tsx";

export interface Wanted {
	format: Webhook["format"];
	url: string;
	events: string;
	which: string;
	tenants: string[];
	installation: boolean;
}

export const formats: Record<Webhook["format"], string> = {
	events: "Signed events, for an application",
	audit: "Signed audit lines, for an application",
	slack: "Notices, for a channel of Slack",
	teams: "Notices, for a channel of Microsoft Teams",
	json: "Notices, as JSON",
};

/** What a webhook gets that names no kinds of event. */
export const wholes: Record<Webhook["format"], string> = {
	events: "All",
	audit: "All audit lines",
	slack: "Need action",
	teams: "Need action",
	json: "Need action",
};

/** Whether its messages are for programs, and signed. */
export function signed(format: Webhook["format"]): boolean {
	return format === "events" || format === "audit";
}

/** The kinds of event in a field, with commas or spaces between them. */
export function kindsOf(text: string): string[] {
	return text.split(/[\s,]+/).filter(Boolean);
}

interface FieldsProps {
	form: Wanted;
	set: (form: Wanted) => void;
	not?: string;
	/** The URL of a channel is not shown, so an empty field leaves it unchanged. */
	kept?: boolean;
}

export function Fields({ form, set, not, kept }: FieldsProps) {
	return (
		<>
			<TextInput
				label="URL"
				name="url"
				type="url"
				value={form.url}
				onChange={(url) => set({ ...form, url })}
				about={
					signed(form.format)
						? "HTTPS at a public address. Redirects are not followed."
						: "HTTPS at a public address. It is kept encrypted, and never shown again."
				}
				required={!kept}
				not={not}
				mono
			/>
			<Choose
				label="For which companies"
				name="all"
				value={form.which}
				onChange={(which) => set({ ...form, which })}
				not={not}
				required
				options={[
					{ id: "some", text: "These" },
					{ id: "all", text: "All, future ones too" },
				]}
			/>
			{form.which === "some" && <CompanyList value={form.tenants} onChange={(tenants) => set({ ...form, tenants })} not={not} />}
			{form.format === "audit" ? (
				<Tick
					label="The audit lines of the installation, too"
					name="installation"
					checked={form.installation}
					onChange={(installation) => set({ ...form, installation })}
					about="It gets every line, so that the hash of each follows from the one before it."
					not={not}
				/>
			) : (
				<TextInput
					label="Kinds of event"
					name="events"
					value={form.events}
					onChange={(events) => set({ ...form, events })}
					placeholder="user.*, seat.refused"
					about={
						form.format === "events"
							? "Empty means all. user.* means all that begin with “user.”."
							: "Empty means those that need action. alert means all that raise an alert, user.* all that begin with “user.”."
					}
					not={not}
					mono
				/>
			)}
		</>
	);
}

/** The secret of a webhook, which is shown once. */
export function Secret({ issued, close }: { issued: IssuedWebhook | undefined; close: () => void }) {
	return (
		<SecretBox
			title="The secret of the webhook"
			open={issued !== undefined}
			close={close}
			secrets={issued ? [{ label: "Secret", text: issued.secret, what: "the secret" }] : []}
			kept="keeps it encrypted, and never shows it again"
		>
			<p>The receiver verifies the signature of each message with it.</p>
			{issued?.old_secret_until && (
				<p>
					The previous secret also signs until <Time at={issued.old_secret_until} />.
				</p>
			)}
		</SecretBox>
	);
}
