// The settings of a company: name and address, every setting with its source, schemas, application keys, what is kept.

import { useEffect, useState } from "react";
import { useAction, useList, useRead } from "../../api/query.ts";
import type { AppKey, IssuedAppKey, Overrides, Setting, Tenant, Trimmed } from "../../api/schema.ts";
import { Action, Card, More, Name, Note, Tag, Time, useLack } from "../../parts/basic.tsx";
import { Country, countryName } from "../../parts/country.tsx";
import { Box, Confirm, Consequences, SecretBox, Versions } from "../../parts/dialog.tsx";
import { useDraft } from "../../parts/draft.ts";
import { FormBox, Pick, Submit, TextInput, Tick } from "../../parts/form.tsx";
import { Empty, View } from "../../parts/state.tsx";
import { type Column, Table } from "../../parts/table.tsx";
import { say, useQuick } from "../../parts/toast.tsx";
import { day, many, plain, type Tone } from "../../parts/words.ts";
import type { SectionProps } from "./company.tsx";

export default function CompanySettings({ company, overview }: SectionProps) {
	return (
		<div className="stack">
			<About tenant={overview.tenant} />
			<Rules company={company} tenant={overview.tenant} />
			<AppKeys company={company} />
			<Schemas company={company} />
			<Keeping company={company} />
		</div>
	);
}

interface Fields {
	name: string;
	website: string;
	data_region: string;
	country: string;
	lines: string;
	locality: string;
	postal_code: string;
	customer_number: string;
	account_manager: string;
	tags: string;
	note: string;
}

function of(t: Tenant): Fields {
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

const labels: Record<keyof Fields, string> = {
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

/** Tags as they are typed: separated by commas. */
function tagsOf(text: string): string[] {
	return [
		...new Set(
			text
				.split(",")
				.map((t) => t.trim())
				.filter(Boolean),
		),
	];
}

function About({ tenant: t }: { tenant: Tenant }) {
	const lack = useLack("tenant.update");
	const { base, form, set: setForm, dirty, begin } = useDraft(t, of);
	const update = useAction("update-tenant", () => say("Saved."));
	const put = (change: Partial<Fields>) => setForm((old) => ({ ...old, ...change }));
	const save = async (version: number) => {
		const was = of(base);
		const address = { country: form.country, lines: form.lines, locality: form.locality, postal_code: form.postal_code };
		const moved = (["country", "lines", "locality", "postal_code"] as const).some((k) => form[k] !== was[k]);
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
		if (done) begin(done);
	};
	const stale = update.failure?.status === 412 && t.version !== base.version;
	return (
		<Card title="The company">
			<FormBox failure={stale ? undefined : update.failure} submit={() => void save(base.version)}>
				<div className="columns">
					<TextInput label="Name" name="name" value={form.name} onChange={(name) => put({ name })} required maxLength={200} not={lack} />
					<TextInput
						label="Website"
						name="website"
						value={form.website}
						onChange={(website) => put({ website })}
						maxLength={500}
						not={lack}
					/>
				</div>
				<div className="columns">
					{lack ? (
						<TextInput label="Country" name="country" value={countryName(form.country)} onChange={() => undefined} not={lack} />
					) : (
						<Country key={base.version} value={form.country} onChange={(country) => put({ country })} />
					)}
					<TextInput
						label="City"
						name="locality"
						value={form.locality}
						onChange={(locality) => put({ locality })}
						maxLength={100}
						not={lack}
					/>
					<TextInput label="Street" name="lines" value={form.lines} onChange={(lines) => put({ lines })} maxLength={500} not={lack} />
					<TextInput
						label="Postal code"
						name="postal_code"
						value={form.postal_code}
						onChange={(postal_code) => put({ postal_code })}
						maxLength={40}
						not={lack}
					/>
				</div>
				<TextInput
					label="Data region"
					name="data_region"
					value={form.data_region}
					onChange={(data_region) => put({ data_region })}
					maxLength={40}
					not={lack}
					about="Where the data is kept. The country does not decide it."
				/>
				<div className="columns">
					<TextInput
						label="Customer number"
						name="customer_number"
						value={form.customer_number}
						onChange={(customer_number) => put({ customer_number })}
						maxLength={60}
						not={lack}
						about="As in your own accounts."
					/>
					<TextInput
						label="Account manager"
						name="account_manager"
						value={form.account_manager}
						onChange={(account_manager) => put({ account_manager })}
						maxLength={200}
						not={lack}
					/>
					<TextInput
						label="Tags"
						name="tags"
						value={form.tags}
						onChange={(tags) => put({ tags })}
						maxLength={500}
						not={lack}
						about="Separated by commas. The list of companies filters by them."
					/>
				</div>
				<TextInput
					label="Note"
					name="note"
					value={form.note}
					onChange={(note) => put({ note })}
					lines={3}
					maxLength={2000}
					not={lack}
					about="For administrators of the provider only. The company never sees it."
				/>
				{stale && (
					<Versions
						rows={(Object.keys(labels) as (keyof Fields)[]).map((k) => ({ label: labels[k], mine: form[k], theirs: of(t)[k] }))}
						keep={() => void save(t.version)}
						take={() => {
							update.clear();
							begin(t);
						}}
					/>
				)}
				{dirty && !stale && (
					<Submit running={update.running} cancel={() => setForm(of(base))}>
						Save
					</Submit>
				)}
			</FormBox>
		</Card>
	);
}

type Kind = "choice" | "number" | "text" | "list";
interface Rule {
	id: keyof Overrides;
	text: string;
	about: string;
	kind: Kind;
	choices?: [string, string][];
}

/** The settings by section, in the words of the rules. */
const sections: [string, Rule[]][] = [
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

const sources: Record<Setting["source"], { text: string; tone: Tone }> = {
	tenant: { text: "of its own", tone: "info" },
	plan: { text: "by the plan", tone: "quiet" },
	default: { text: "by default", tone: "quiet" },
};

function shown(rule: Rule, value: unknown): string {
	if (Array.isArray(value)) return value.length ? value.join(", ") : "none";
	const text = String(value ?? "");
	return rule.choices?.find(([id]) => id === text)?.[1] ?? (text || "–");
}

function Rules({ company, tenant }: { company: string; tenant: Tenant }) {
	const settings = useRead("list-settings", { path: { tenant: company }, query: { limit: 200 } });
	const [editing, setEditing] = useState<Rule>();
	const reset = useQuick("update-tenant", () => say("The plan or the default decides again."));
	const known = new Set(sections.flatMap(([, rules]) => rules.map((r) => r.id as string)));
	return (
		<>
			<View reading={settings} rows={8}>
				{(page) => {
					const byName = new Map(page.items.map((s) => [s.name, s]));
					const others = page.items.filter((s) => !known.has(s.name));
					return (
						<Card title="Rules" flush>
							{sections.map(([title, rules]) => (
								<section key={title} className="settings">
									<h3>{title}</h3>
									<ul className="rows">
										{rules.map((r) => {
											const s = byName.get(r.id);
											if (!s) return null;
											return (
												<li key={r.id} className="line setting">
													<div className="line-main">
														<span>{r.text}</span>
														<span className="faint">{r.about}</span>
													</div>
													<span className="setting-value">{shown(r, s.value)}</span>
													<Tag tone={sources[s.source].tone}>{sources[s.source].text}</Tag>
													<span className="row row-tight">
														<Action small right="tenant.update" onPress={() => setEditing(r)} label={`Change: ${r.text}`}>
															Change
														</Action>
														{s.source === "tenant" && (
															<Action
																small
																look="quiet"
																right="tenant.update"
																running={reset.running}
																label={`Reset: ${r.text}`}
																onPress={() => {
																	const { [r.id]: gone, ...rest } = tenant.overrides ?? {};
																	void gone;
																	void reset.run({ path: { tenant: company }, version: tenant.version, body: { overrides: rest } });
																}}
															>
																Reset
															</Action>
														)}
													</span>
												</li>
											);
										})}
									</ul>
								</section>
							))}
							{others.length > 0 && (
								<section className="settings">
									<h3>Others</h3>
									<ul className="rows">
										{others.map((s) => (
											<li key={s.name} className="line setting">
												<div className="line-main">
													<span>{plain(s.name)}</span>
												</div>
												<span className="setting-value">{Array.isArray(s.value) ? s.value.join(", ") : String(s.value ?? "")}</span>
												<Tag tone={sources[s.source].tone}>{sources[s.source].text}</Tag>
											</li>
										))}
									</ul>
								</section>
							)}
						</Card>
					);
				}}
			</View>
			<Edit
				rule={editing}
				tenant={tenant}
				value={settings.data?.items.find((s) => s.name === editing?.id)?.value}
				close={() => setEditing(undefined)}
			/>
		</>
	);
}

function Edit({ rule, tenant: t, value, close }: { rule: Rule | undefined; tenant: Tenant; value: unknown; close: () => void }) {
	const [text, setText] = useState("");
	const [version, setVersion] = useState(t.version);
	const update = useAction("update-tenant", () => say("Saved."));
	useEffect(() => {
		if (!rule) return;
		setText(Array.isArray(value) ? value.join(", ") : String(value ?? ""));
		setVersion(t.version);
		update.clear();
	}, [rule]);
	const parsed = () => {
		if (rule?.kind === "number") return Number(text || 0);
		if (rule?.kind === "list")
			return text
				.split(/[\s,;]+/)
				.map((x) => x.trim())
				.filter(Boolean);
		return text.trim();
	};
	const save = async (at: number) => {
		if (!rule) return;
		if (await update.run({ path: { tenant: t.slug }, version: at, body: { overrides: { ...t.overrides, [rule.id]: parsed() } } })) close();
	};
	const stale = update.failure?.status === 412 && t.version !== version;
	return (
		<Box title={rule?.text ?? ""} sub={rule?.about} open={rule !== undefined} close={close}>
			<FormBox failure={stale ? undefined : update.failure} submit={() => void save(version)}>
				{rule?.kind === "choice" ? (
					<Pick
						label="Value"
						name={rule.id}
						value={text}
						onChange={setText}
						required
						options={(rule.choices ?? []).map(([id, words]) => ({ id, text: words }))}
					/>
				) : (
					<TextInput
						label={rule?.kind === "list" ? "Values, with commas between them" : "Value"}
						name={rule?.id ?? "value"}
						value={text}
						onChange={(next) => setText(rule?.kind === "number" ? next.replace(/\D/g, "") : next)}
						inputMode={rule?.kind === "number" ? "numeric" : undefined}
						required={rule?.kind !== "list"}
						autoFocus
					/>
				)}
				{stale && (
					<Versions
						rows={[{ label: rule?.text ?? "", mine: text, theirs: shown(rule!, value) }]}
						keep={() => void save(t.version)}
						take={() => {
							update.clear();
							close();
						}}
					/>
				)}
				<Submit running={update.running} cancel={close} right="tenant.update">
					Save
				</Submit>
			</FormBox>
		</Box>
	);
}

function AppKeys({ company }: { company: string }) {
	const list = useList("list-app-keys", { path: { tenant: company } });
	const [making, setMaking] = useState(false);
	const [name, setName] = useState("");
	const [issued, setIssued] = useState<IssuedAppKey>();
	const [revoking, setRevoking] = useState<AppKey>();
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
	const columns: Column<AppKey>[] = [
		{
			id: "name",
			title: "Application",
			cell: (k) => (
				<span className="two-lines">
					<Name text={k.name} short />
					<span className="faint mono">{k.prefix}…</span>
				</span>
			),
		},
		{ id: "status", title: "Status", cell: (k) => <Tag tone={k.status === "live" ? "good" : "quiet"}>{plain(k.status)}</Tag> },
		{ id: "created", title: "Made", from: "tablet", cell: (k) => day(k.created) },
		{ id: "used", title: "Last used", from: "tablet", cell: (k) => <Time at={k.last_used} none="never" /> },
		{ id: "address", title: "From", from: "laptop", cell: (k) => k.address ?? "" },
	];
	return (
		<Card
			title="Application keys"
			flush
			actions={
				<Action small icon="plus" right="credential.manage" onPress={() => setMaking(true)}>
					Make a key
				</Action>
			}
		>
			<Table
				name="appkeys"
				label="Application keys"
				list={list}
				columns={columns}
				rowKey={(k) => k.id}
				empty={
					<Empty icon="key" title="No application has a key">
						With a key, an application reads the events of this company, asks who may sign in, and reports activity.
					</Empty>
				}
				menu={(k) =>
					k.status === "live" && (
						<More
							label={`Actions for ${k.name}`}
							choices={[
								{ id: "revoke", text: "Revoke", icon: "trash", danger: true, right: "credential.manage", run: () => setRevoking(k) },
							]}
						/>
					)
				}
			/>
			<Box
				title="Make an application key"
				open={making}
				close={() => {
					create.clear();
					setMaking(false);
				}}
			>
				<FormBox failure={create.failure} submit={() => void run()}>
					<TextInput
						label="Application"
						name="name"
						value={name}
						onChange={setName}
						required
						maxLength={100}
						placeholder="Customer portal"
						autoFocus
					/>
					<Submit running={create.running} cancel={() => setMaking(false)} right="credential.manage">
						Make it
					</Submit>
				</FormBox>
			</Box>
			<SecretBox
				title={`The key of ${issued?.name ?? ""}`}
				open={issued !== undefined}
				close={() => setIssued(undefined)}
				secrets={[{ label: "Send it as a Bearer token", text: issued?.secret ?? "", what: "the key" }]}
			>
				<p>
					It reads <span className="mono wrap">{issued?.base_url}</span> of this company, and nothing else.
				</p>
			</SecretBox>
			<Confirm
				title={
					<>
						Revoke the key of <Name text={revoking?.name ?? ""} short />?
					</>
				}
				open={revoking !== undefined}
				close={() => {
					revoke.clear();
					setRevoking(undefined);
				}}
				verb="Revoke"
				danger
				failure={revoke.failure}
				running={revoke.running}
				run={async () => revoking && (await revoke.run({ path: { tenant: company, key: revoking.id } })) && setRevoking(undefined)}
			>
				<Consequences items={["The application gets 401 from now on."]} />
			</Confirm>
		</Card>
	);
}

function Schemas({ company }: { company: string }) {
	const schemas = useList("list-schemas", { path: { tenant: company } });
	const [loading, setLoading] = useState(false);
	const [text, setText] = useState("");
	const [discard, setDiscard] = useState(false);
	const [wrong, setWrong] = useState("");
	const [removing, setRemoving] = useState<string>();
	const load = useAction("load-schema", () => say("The schema is loaded."));
	const remove = useAction("remove-schema", () => say("The schema is removed."));
	const lack = useLack("tenant.update");
	const run = async () => {
		setWrong("");
		let body: unknown;
		try {
			body = JSON.parse(text);
		} catch (error) {
			setWrong(`This is not JSON: ${error instanceof Error ? error.message : ""}`);
			return;
		}
		const done = await load.run({ path: { tenant: company }, query: { discard: discard || undefined }, body: body as never });
		if (done) {
			setLoading(false);
			setText("");
		}
	};
	return (
		<Card
			title="Schemas"
			flush
			actions={
				<Action small icon="plus" not={lack} onPress={() => setLoading(true)}>
					Load a schema
				</Action>
			}
		>
			<View reading={schemas} rows={2}>
				{() =>
					(schemas.rows ?? []).length === 0 ? (
						<p className="card-pad faint">
							This company has only the standard schemas. It may have attributes and resource types of its own.
						</p>
					) : (
						<ul className="rows">
							{(schemas.rows ?? []).map((s) => (
								<li key={s.urn ?? s.resource_type} className="line">
									<div className="line-main">
										<span className="mono wrap">{s.urn}</span>
										<span className="faint">
											{s.resource_type}
											{s.endpoint && `, at ${s.endpoint}`}
										</span>
									</div>
									<Action small not={lack} onPress={() => setRemoving(s.urn)}>
										Remove
									</Action>
								</li>
							))}
						</ul>
					)
				}
			</View>
			<Box
				title="Load a schema"
				open={loading}
				close={() => {
					load.clear();
					setLoading(false);
				}}
				wide
			>
				<FormBox failure={load.failure} submit={() => void run()}>
					<TextInput
						label="The schema as JSON"
						name="definition"
						value={text}
						onChange={setText}
						lines={12}
						required
						mono
						about="An object with resource_type, definition, and optionally endpoint and required."
						placeholder='{"resource_type": "User", "definition": {"id": "urn:example:params:scim:schemas:extension:acme:2.0:User", "name": "Acme", "attributes": []}}'
					/>
					{wrong && <Note tone="bad">{wrong}</Note>}
					<Tick
						label="Delete values that no longer match"
						about="Otherwise the schema is refused while a person has such a value."
						checked={discard}
						onChange={setDiscard}
					/>
					<Submit running={load.running} cancel={() => setLoading(false)}>
						Load
					</Submit>
				</FormBox>
			</Box>
			<Confirm
				title="Remove the schema?"
				open={removing !== undefined}
				close={() => {
					remove.clear();
					setRemoving(undefined);
				}}
				verb="Remove"
				danger
				failure={remove.failure}
				running={remove.running}
				run={async () =>
					removing &&
					(await remove.run({ path: { tenant: company, urn: removing }, query: { discard: discard || undefined } })) &&
					setRemoving(undefined)
				}
			>
				<p className="mono wrap">{removing}</p>
				<Tick
					label="Delete the values that people have"
					about="Otherwise the removal is refused while a person has a value."
					checked={discard}
					onChange={setDiscard}
				/>
			</Confirm>
		</Card>
	);
}

function Keeping({ company }: { company: string }) {
	const [report, setReport] = useState<Trimmed>();
	const [asked, setAsked] = useState(false);
	const trim = useAction("trim-tenant");
	const preview = async () => {
		const answer = await trim.run({ path: { tenant: company }, query: { dry_run: true } });
		if (answer) {
			setReport(answer);
			setAsked(true);
		}
	};
	return (
		<Card title="Retention">
			<p className="faint">Once a day, old events are removed and old tombstones are reduced, after the number of days in the settings.</p>
			<div>
				<Action small right="tenant.update" running={trim.running} onPress={() => void preview()}>
					Clean up now
				</Action>
			</div>
			<Confirm
				title="Remove what is past its retention time?"
				open={asked}
				close={() => setAsked(false)}
				verb="Remove"
				not={report && report.events + report.tombstones > 0 ? undefined : "Nothing is past its retention time."}
				failure={trim.failure}
				running={trim.running}
				run={async () => {
					if (await trim.run({ path: { tenant: company } })) {
						say(
							`${many(report?.events ?? 0, "event", "events")} and ${many(report?.tombstones ?? 0, "tombstone", "tombstones")} are cleaned up.`,
						);
						setAsked(false);
					}
				}}
			>
				<Consequences
					items={[
						`${many(report?.events ?? 0, "event is", "events are")} removed.`,
						`${many(report?.tombstones ?? 0, "tombstone is", "tombstones are")} reduced to the id and the times.`,
					]}
				/>
			</Confirm>
		</Card>
	);
}
