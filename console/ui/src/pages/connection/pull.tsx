// A directory that is read: what a run would do, the run, the check of what it needs, and what is read.

import { useState } from "react";
import { useAction, useTrail } from "../../api/query.ts";
import type { Connection, ConnectionCheck, Google, SyncChange, SyncCounts, SyncResult } from "../../api/schema.ts";
import { Action, Badge, Card, Fact, Facts, Name, Note, Scroll, Tag, Time, To, useLack, useRights } from "../../parts/basic.tsx";
import { Confirm, Consequences, Versions } from "../../parts/dialog.tsx";
import { useDraft } from "../../parts/draft.ts";
import { useFinding } from "../../parts/finding.ts";
import { FormBox, Pick, Refusal, Submit, TextInput } from "../../parts/form.tsx";
import { CompanyName } from "../../parts/names.tsx";
import { Rule } from "../../parts/rule.tsx";
import { View, Withheld } from "../../parts/state.tsx";
import { say } from "../../parts/toast.tsx";
import { count, many, people, sentence, standing, typeTitle } from "../../parts/words.ts";
import { to } from "../../shell/place.ts";
import { ProjectPick } from "../project/key.tsx";
import { ExchangeLine } from "./journal.tsx";

export function Runs({ connection: c }: { connection: Connection }) {
	const [result, setResult] = useState<SyncResult>();
	const [found, setFound] = useFinding<ConnectionCheck>(c.version, c.health.state, c.health.last_error_at);
	const [asked, setAsked] = useState(false);
	const sync = useAction("sync-connection");
	const check = useAction("check-connection");
	const running = sync.running || check.running;
	const stopped = c.paused ? "It is paused: resume it first." : undefined;
	const run = async (preview: boolean) => {
		check.clear();
		const done = await sync.run({ path: { connection: c.slug }, query: { preview } });
		if (!done) return;
		setAsked(false);
		setFound(undefined);
		setResult(done);
	};
	const look = async () => {
		sync.clear();
		const done = await check.run({ path: { connection: c.slug } });
		if (!done) return;
		setResult(undefined);
		setFound(done);
	};
	const failure = check.failure ?? (asked ? undefined : sync.failure);
	return (
		<div className="columns-2-1">
			<div className="stack">
				<Card
					title="Read the directory"
					actions={
						<>
							<Action
								icon="pulse"
								right="connection.manage"
								running={check.running}
								not={running ? busy : undefined}
								onPress={() => void look()}
							>
								Check
							</Action>
							<Action
								icon="search"
								right="connection.manage"
								running={sync.running && !asked}
								not={stopped ?? (running ? busy : undefined)}
								onPress={() => void run(true)}
							>
								Preview
							</Action>
							<Action
								look="primary"
								icon="refresh"
								right="connection.manage"
								not={stopped ?? (running ? busy : undefined)}
								onPress={() => setAsked(true)}
							>
								Sync now
							</Action>
						</>
					}
				>
					<p>
						The server reads the directory by itself, every ten minutes unless its configuration says otherwise. <b>Preview</b> says what a
						run would do, and writes nothing. <b>Check</b> tries the key, the administrator and the delegation.
					</p>
					{running && (
						<div className="waiting" role="status">
							<span className="spinner" /> {typeTitle(c.type)} is being read.
						</div>
					)}
					{failure && <Refusal failure={failure} />}
				</Card>
				{result && <Result result={result} />}
				{found && <Found check={found.value} at={found.at} />}
				<Last connection={c} />
			</div>
			<div className="stack">
				<Card title="The last run">
					<Facts>
						<Fact name="State">
							<Badge word={standing(c)} />
						</Fact>
						<Fact name="Complete">
							<Time at={c.last_success} none="never" />
						</Fact>
						{c.health.last_error && (
							<Fact name="Problem">
								{sentence(c.health.last_error)}{" "}
								<span className="faint">
									<Time at={c.health.last_error_at} />
								</span>
							</Fact>
						)}
					</Facts>
				</Card>
				{c.google && <What connection={c} google={c.google} />}
			</div>
			<Confirm
				title={
					<>
						Read the directory of <CompanyName slug={c.tenant} /> now?
					</>
				}
				open={asked}
				close={() => {
					sync.clear();
					setAsked(false);
				}}
				verb="Sync now"
				failure={sync.failure}
				running={sync.running}
				run={() => void run(false)}
			>
				<Consequences
					items={[
						c.observing
							? "The connection is in observe mode: people and groups are created, changed and suspended in the copy, and the company does not change."
							: "People and groups are created, changed and suspended in the company, as the directory says.",
						"Only a complete listing takes access away. A run that cannot read everything changes nothing.",
						"The brake judges all removals of the run together, before the first one is done.",
					]}
				/>
			</Confirm>
		</div>
	);
}

const busy = "A run or a check is in progress.";

const outcomes = {
	complete: { tone: "good", done: "The run is complete.", would: "This is a preview. Nothing was written." },
	void: {
		tone: "warn",
		done: "The run is void: the directory could not be read completely, so nothing was changed.",
		would: "A run would be void: the directory cannot be read completely.",
	},
	stopped: { tone: "warn", done: "The run stopped early. The next one continues.", would: "The preview stopped early." },
} as const;

/** The counts of a run that say what it did. */
const deeds: [keyof SyncCounts, string][] = [
	["created", "created"],
	["restored", "restored"],
	["adopted", "adopted: no connection managed them"],
	["updated", "changed"],
	["reactivated", "reactivated"],
	["suspended", "suspended"],
	["deleted", "deleted"],
	["groups_created", "groups created"],
	["groups_updated", "groups changed"],
	["groups_deleted", "groups deleted"],
	["joined", "memberships begun"],
	["left", "memberships ended"],
	["refused", "refused by a rule"],
	["held", "removals held by the brake"],
	["missing", "missing, until another run confirms it"],
	["outside", "left out: members from outside the company"],
	["skipped", "left out: too large, or in a circle"],
];

function Result({ result: r }: { result: SyncResult }) {
	const word = outcomes[r.outcome];
	return (
		<Card title={r.preview ? "What a run would do" : "What the run did"} flush>
			<div className="card-pad stack">
				<Note tone={r.preview && r.outcome === "complete" ? "info" : word.tone}>
					<p>{r.preview ? word.would : word.done}</p>
					{r.reason && <p>{sentence(r.reason)}</p>}
				</Note>
				{r.outcome !== "void" && <Numbers result={r} />}
			</div>
			{r.changes.length > 0 && <Changes result={r} />}
		</Card>
	);
}

function Numbers({ result: r }: { result: SyncResult }) {
	const c = r.counts;
	return (
		<>
			<p>
				The directory has {people(c.active)} who {c.active === 1 ? "is" : "are"} active, {count(c.inactive)} inactive and{" "}
				{many(c.groups, "group", "groups")}. {count(c.unchanged)} people and {many(c.groups_unchanged, "group", "groups")} do not change.
				{r.seats && ` Before, ${count(r.seats.before)}${r.seats.limit ? ` of ${count(r.seats.limit)}` : ""} seats were occupied.`}
				{r.seats?.after !== undefined && ` After it, ${count(r.seats.after)} would be.`}
			</p>
			<ul className="consequences">
				{deeds
					.filter(([key]) => c[key] > 0)
					.map(([key, text]) => (
						<li key={key}>
							{count(c[key])} {text}
						</li>
					))}
			</ul>
		</>
	);
}

/** The actions of a run in words, after "was" and "would be". */
const verbs: Record<string, string> = {
	"user.create": "created",
	"user.restore": "restored, with the old id",
	"user.adopt": "taken over, with the same id",
	"user.update": "changed",
	"user.suspend": "suspended",
	"user.reactivate": "activated again",
	"user.delete": "deleted",
	"user.skip": "left as it is",
	"group.create": "created",
	"group.adopt": "taken over, with the same id",
	"group.update": "changed",
	"group.delete": "deleted",
	"group.skip": "left as it is",
	"group.circle": "left out of another group",
};

/** What becomes of a person or a group. */
function effect(d: SyncChange, preview: boolean): string {
	const not = d.refused || d.held ? "not " : "";
	return `${preview ? `Would ${not}be ` : `Was ${not}`}${verbs[d.action] ?? d.action}`;
}

/** Why, after who decided it. */
function reason(d: SyncChange): string {
	const members = [d.joined && `${count(d.joined)} join`, d.left && `${count(d.left)} leave`].filter(Boolean).join(", ");
	const by = d.refused ? "Refused by a rule." : d.held ? "Held by the brake." : "";
	return [by, members && sentence(members), d.detail && sentence(d.detail)].filter(Boolean).join(" ");
}

function Changes({ result: r }: { result: SyncResult }) {
	const { changes, more } = r;
	return (
		<>
			<Scroll label="The changes" high>
				<table className="mini">
					<thead>
						<tr>
							<th scope="col">Person or group</th>
							<th scope="col">What happens</th>
							<th scope="col">Why</th>
						</tr>
					</thead>
					<tbody>
						{changes.map((d, i) => (
							<tr key={`${i} ${d.external_id ?? d.id}`}>
								<th scope="row">
									<Name text={d.name} short />
								</th>
								<td>
									{effect(d, r.preview)} {d.refused && <Tag tone="bad">refused</Tag>}
									{d.held && <Tag tone="hold">held</Tag>}
								</td>
								<td>
									{reason(d)} {d.rule && <Rule id={d.rule} />}
								</td>
							</tr>
						))}
					</tbody>
				</table>
			</Scroll>
			{more > 0 && <p className="card-pad faint">And {count(more)} more.</p>}
		</>
	);
}

function Found({ check, at }: { check: ConnectionCheck; at: string }) {
	return (
		<Card title="What the check found" tone={check.ok ? undefined : "bad"}>
			<Note tone={check.ok ? "good" : "bad"}>
				{check.ok ? "A run has everything that it needs. Nothing was changed." : "A run cannot succeed like this. Nothing was changed."}{" "}
				<span className="faint">
					Checked <Time at={at} />.
				</span>
			</Note>
			<ul className="todo">
				{check.steps.map((s) => (
					<li key={s.name}>
						<Tag tone={s.skipped ? "quiet" : s.warning ? "warn" : s.ok ? "good" : "bad"}>
							{s.skipped ? "not tried" : s.warning ? "look at this" : s.ok ? "good" : "problem"}
						</Tag>{" "}
						{sentence(s.name)} {sentence(s.problem ?? s.warning ?? s.skipped ?? "")}
					</li>
				))}
			</ul>
		</Card>
	);
}

/** The newest runs, and the requests to Google that failed. */
function Last({ connection: c }: { connection: Connection }) {
	const rights = useRights();
	const journal = useTrail(
		"list-journal",
		{ path: { connection: c.slug }, query: { limit: 100 } },
		{ enabled: rights.has("tenant.record") },
	);
	if (!rights.has("tenant.record")) return <Withheld title="The last runs" right="tenant.record" />;
	const runs = journal.rows?.filter((r) => r.operation === "pull.run" || r.operation === "pull.read").slice(0, 8);
	return (
		<Card title="The last runs" actions={<To href={to.connection(c.slug, "journal")}>Journal</To>}>
			<View reading={journal} rows={4}>
				{() =>
					runs?.length ? (
						<ul className="feed">
							{runs.map((r) => (
								<li key={r.seq} className="feed-told">
									<ExchangeLine exchange={r} /> {r.why && <span className="faint">{sentence(r.why)}</span>}
								</li>
							))}
						</ul>
					) : (
						<p className="faint">No run is recorded. The directory was not read yet, or all runs are older than the journal keeps.</p>
					)
				}
			</View>
		</Card>
	);
}

function What({ connection: c, google: g }: { connection: Connection; google: Google }) {
	return (
		<Card title="What is read" actions={<To href={to.connection(c.slug, "settings")}>Change</To>}>
			{g.detached && (
				<Note tone="bad">
					The Google project {g.project} was detached. Nothing is changed until the connection has a credential: give it a key of its own,
					or share the project with the company again.
				</Note>
			)}
			<Facts>
				<Fact name="Administrator">
					<Name text={g.admin} short />
				</Fact>
				<Fact name="Customer">{g.customer || "that of the administrator"}</Fact>
				<Fact name="People">{g.query ? <span className="mono">{g.query}</span> : "all"}</Fact>
				<Fact name="Groups">{g.groups.length === 0 ? "all" : g.groups.join(", ")}</Fact>
				<Fact name="Groups in groups">{g.nested === "flatten" ? "their people become members" : "stay groups"}</Fact>
				{g.project ? (
					<Fact name="Google project">
						<To href={to.project(g.project)}>{g.project}</To>
						{g.detached && <Tag tone="bad">detached</Tag>}
					</Fact>
				) : (
					<>
						<Fact name="Service account">
							<Name text={g.account} short />
						</Fact>
						<Fact name="Key">
							<span className="mono">{g.key_id}</span>
						</Fact>
					</>
				)}
			</Facts>
		</Card>
	);
}

const nestings: Record<Google["nested"], string> = { keep: "Stay groups", flatten: "Their people become members" };

function readOf({ google: g }: Connection) {
	return {
		admin: g?.admin ?? "",
		customer: g?.customer ?? "",
		query: g?.query ?? "",
		groups: (g?.groups ?? []).join("\n"),
		nested: g?.nested ?? "keep",
		project: g?.project ?? "",
		credentials: "",
	};
}

/** Changes what is read, and the key. */
export function PullSettings({ connection: c }: { connection: Connection }) {
	const lack = useLack("connection.manage");
	const { base, form, set, dirty, begin } = useDraft(c, readOf);
	const put = (change: Partial<typeof form>) => set({ ...form, ...change });
	const update = useAction("update-connection");
	const stale = update.failure?.status === 412 && c.version !== base.version;
	const there = readOf(c);
	const save = async (version: number) => {
		const { groups, credentials, nested, project, ...rest } = form;
		const body = {
			google: {
				...rest,
				nested: nested as "keep",
				groups: groups.split(/[\s,]+/).filter(Boolean),
				credentials: project ? undefined : credentials || undefined,
				project: project || undefined,
			},
		};
		const done = await update.run({ path: { connection: c.slug }, version, body });
		if (!done) return;
		begin(done);
		say("Saved. The next run reads what you chose.");
	};
	return (
		<div className="narrow">
			<p className="page-sub">Which part of the directory is read. The preview on the tab Runs shows what a change would do.</p>
			<FormBox failure={stale ? undefined : update.failure} submit={() => void save(base.version)}>
				<TextInput
					label="Administrator"
					name="admin"
					type="email"
					value={form.admin}
					onChange={(admin) => put({ admin })}
					required
					not={lack}
					about="Drawbridge reads the directory as this person, who must be allowed to read users and groups."
				/>
				<TextInput
					label="People"
					name="query"
					value={form.query}
					onChange={(query) => put({ query })}
					not={lack}
					mono
					maxLength={1000}
					about="In Google's search syntax, such as orgUnitPath='/Sales'. Empty: everybody."
				/>
				<TextInput
					label="Groups"
					name="groups"
					value={form.groups}
					onChange={(groups) => put({ groups })}
					not={lack}
					lines={3}
					mono
					about="An address on each line. Empty: all. Only the word none: no group."
				/>
				<Pick
					label="Groups in groups"
					name="nested"
					value={form.nested}
					onChange={(nested) => put({ nested: nested as "keep" })}
					not={lack}
					required
					options={Object.entries(nestings).map(([id, text]) => ({ id, text }))}
				/>
				<TextInput
					label="Customer ID"
					name="customer"
					value={form.customer}
					onChange={(customer) => put({ customer })}
					not={lack}
					mono
					maxLength={100}
					about="Empty: the company of the administrator."
				/>
				<ProjectPick tenant={c.tenant} value={form.project} onChange={(project) => put({ project })} not={lack} />
				{!form.project && (
					<TextInput
						label="A new key of the service account"
						name="credentials"
						value={form.credentials}
						onChange={(credentials) => put({ credentials })}
						not={lack}
						lines={4}
						mono
						required={there.project !== ""}
						about={
							there.project
								? "The JSON file from Google Cloud console. It takes the place of the Google project. It is sealed, and never shown again."
								: "The JSON file from Google Cloud console. Empty: the key stays. It is sealed, and never shown again."
						}
					/>
				)}
				{stale ? (
					<Versions
						rows={[
							{ label: "Administrator", mine: form.admin, theirs: there.admin },
							{ label: "People", mine: form.query, theirs: there.query },
							{ label: "Groups", mine: form.groups.replaceAll("\n", ", "), theirs: there.groups.replaceAll("\n", ", ") },
							{ label: "Groups in groups", mine: nestings[form.nested], theirs: nestings[there.nested] },
							{ label: "Google project", mine: form.project, theirs: there.project },
							{ label: "Customer ID", mine: form.customer, theirs: there.customer },
						]}
						keep={() => void save(c.version)}
						take={() => {
							update.clear();
							begin(c);
						}}
					/>
				) : (
					<Submit running={update.running} not={lack ?? (dirty ? undefined : "Nothing was changed.")}>
						Save
					</Submit>
				)}
			</FormBox>
		</div>
	);
}
