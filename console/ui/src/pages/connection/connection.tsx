// One connection: its state, journal, credentials, mapping, held removals, settings, and its end.

import { useState } from "react";
import { useParams } from "wouter";
import { useAction, useRead, useTrail } from "../../api/query.ts";
import type { Connection, ConnectionUpdate } from "../../api/schema.ts";
import {
	Action,
	Badge,
	Card,
	Code,
	Fact,
	Facts,
	Head,
	lackOf,
	Name,
	Note,
	Tabs,
	Tag,
	Time,
	To,
	useLack,
	useRights,
} from "../../parts/basic.tsx";
import { useNow } from "../../parts/clock.ts";
import { Versions } from "../../parts/dialog.tsx";
import { useDraft } from "../../parts/draft.ts";
import { FormBox, Pick, Submit } from "../../parts/form.tsx";
import { AsJSON, CopyLink } from "../../parts/json.tsx";
import { CompanyName } from "../../parts/names.tsx";
import { Needs, View, Withheld } from "../../parts/state.tsx";
import { SyncStrip } from "../../parts/strip.tsx";
import { say } from "../../parts/toast.tsx";
import { exact, many, standing, typeTitle, sentence as words } from "../../parts/words.ts";
import { to, useTitle } from "../../shell/place.ts";
import { Attributes } from "./attributes.tsx";
import { Credentials } from "./credentials.tsx";
import { Disconnect } from "./disconnect.tsx";
import { Doctor } from "./doctor.tsx";
import { HeldReview } from "./held.tsx";
import { ExchangeLine, Journal } from "./journal.tsx";
import { daysLeft, Pause } from "./list.tsx";
import { Mapping } from "./mapping.tsx";
import { Move } from "./move.tsx";
import { Observe } from "./observe.tsx";
import { PullSettings, Runs } from "./pull.tsx";
import { Steps } from "./setup.tsx";

interface Section {
	id: string;
	text: string;
	right?: string;
	/** The right without which nothing of it can be read. */
	reads?: string;
}

const tabs: Section[] = [
	{ id: "", text: "Overview" },
	{ id: "journal", text: "Journal", right: "tenant.record", reads: "tenant.record" },
	{ id: "credentials", text: "Credentials" },
	{ id: "mapping", text: "Mapping" },
	{ id: "held", text: "Held" },
	{ id: "observe", text: "Observe" },
	{ id: "doctor", text: "Doctor", right: "credential.manage" },
	{ id: "move", text: "Move" },
	{ id: "settings", text: "Settings" },
	{ id: "disconnect", text: "Disconnect", right: "connection.manage", reads: "connection.manage" },
];

/** The sections of a connection: one that is read has runs, and needs no doctor. */
function sections(c: Connection): typeof tabs {
	if (!c.google) return tabs;
	const runs = { id: "runs", text: "Runs" };
	return tabs.flatMap((t) => (t.id === "" ? [t, runs] : t.id === "doctor" ? [] : [t]));
}

export default function ConnectionPage() {
	const { connection: raw, tab = "" } = useParams<{ connection: string; tab?: string }>();
	const slug = decodeURIComponent(raw ?? "");
	const connection = useRead("get-connection", { path: { connection: slug } }, { every: 10_000 });
	useTitle(`${tabs.find((t) => t.id === tab)?.text ?? (tab === "runs" ? "Runs" : "Connection")} · ${slug}`);
	return (
		<View reading={connection} what="The connection" level={1}>
			{(c) => (
				<>
					<ConnectionHead connection={c} />
					<TabNav connection={c} current={tab} />
					<Needs any={[tabs.find((t) => t.id === tab)?.reads ?? "connection.read"]}>
						{tab === "" && <ConnectionOverview connection={c} />}
						{tab === "journal" && <Journal connection={c.slug} />}
						{tab === "credentials" && <Credentials connection={c} />}
						{tab === "mapping" && (
							<>
								<Mapping connection={c} />
								<Attributes connection={c} />
							</>
						)}
						{tab === "held" && <HeldReview connection={c} />}
						{tab === "runs" && <Runs connection={c} />}
						{tab === "doctor" && <Doctor connection={c} />}
						{tab === "observe" && <Observe connection={c} />}
						{tab === "move" && <Move connection={c} />}
						{tab === "settings" && (c.google ? <PullSettings connection={c} /> : <Settings connection={c} />)}
						{tab === "disconnect" && <Disconnect connection={c} />}
					</Needs>
				</>
			)}
		</View>
	);
}

function ConnectionHead({ connection: c }: { connection: Connection }) {
	const [pausing, setPausing] = useState(false);
	return (
		<Head
			title={<Name text={c.slug} />}
			badge={
				<>
					<Badge word={standing(c)} />
					<CopyLink to="this connection" />
				</>
			}
			sub={
				<>
					{typeTitle(c.type)} of{" "}
					<To href={to.company(c.tenant)}>
						<CompanyName slug={c.tenant} />
					</To>
				</>
			}
		>
			<Action
				icon={c.paused ? "play" : "pause"}
				right="connection.manage"
				not={c.ending ? "It is being disconnected." : undefined}
				onPress={() => setPausing(true)}
			>
				{c.paused ? "Resume" : "Pause"}
			</Action>
			<Pause connection={pausing ? c : undefined} close={() => setPausing(false)} />
		</Head>
	);
}

function TabNav({ connection: c, current }: { connection: Connection; current: string }) {
	const rights = useRights();
	return (
		<Tabs
			label="Sections of the connection"
			current={current}
			sections={sections(c).map((t) => ({
				id: t.id,
				text: t.text,
				href: to.connection(c.slug, t.id),
				count: t.id === "held" ? c.held : 0,
				lacks: lackOf(rights, t.right),
			}))}
		/>
	);
}

/** The state of the sync in a sentence. */
function sentence(c: Connection): string {
	if (c.ending) return "It is being disconnected. Its credentials are revoked, and its people are being released or suspended.";
	if (c.paused) return "It is paused: the identity provider gets 503 and tries again later.";
	if (c.observing?.promoting) return "What it wrote in observe mode is being promoted. The identity provider is asked to wait.";
	if (c.observing)
		return "It is in observe mode: its identity provider works on a copy, and the company does not change until the difference is promoted.";
	switch (c.health.state) {
		case "healthy":
			return "Requests arrive as often as usual, and are answered.";
		case "quiet":
			return "No request arrived for longer than usual.";
		case "failing":
			return "The last requests were refused or failed.";
		default:
			if (c.google) return "The directory was not read yet. Look at the preview of a run, and then read it.";
			return "No request has come yet. Enter the base URL and a credential in the console of the identity provider, and press its test button.";
	}
}

function ConnectionOverview({ connection: c }: { connection: Connection }) {
	const { health } = c;
	const now = useNow();
	const left = daysLeft(c, now);
	return (
		<div className="columns-2-1">
			<div className="stack">
				{c.ending && (
					<Note tone="warn" action={<To href={to.connection(c.slug, "disconnect")}>Look</To>}>
						Being disconnected ({c.ending.mode}) since {exact(c.ending.since)} by {c.ending.by}.
					</Note>
				)}
				{c.observing && (
					<Note tone="info" action={<To href={to.connection(c.slug, "observe")}>Look at the difference</To>}>
						In observe mode since {exact(c.observing.since)} by {c.observing.by}.
					</Note>
				)}
				{c.google && !c.last_success && (
					<Note tone="info" action={<To href={to.connection(c.slug, "runs")}>Preview</To>}>
						No run was complete yet.
					</Note>
				)}
				{c.held > 0 && (
					<Note tone="warn" action={<To href={to.connection(c.slug, "held")}>Review</To>}>
						{many(c.held, "removal waits", "removals wait")} for a decision.
					</Note>
				)}
				<Card title="Sync">
					<p>
						{sentence(c)} {health.why && <span className="faint">{words(health.why)}</span>}
					</p>
					<Facts>
						<Fact name="State">
							<Badge word={standing(c)} />{" "}
							{health.since && (
								<span className="faint">
									since <Time at={health.since} />
								</span>
							)}
						</Fact>
						<Fact name="Last request">
							<Time at={c.last_request} none="never" />
						</Fact>
						<Fact name="Last success">
							<Time at={c.last_success} none="never" />
						</Fact>
						{health.last_error && (
							<Fact name="Last refusal">
								{words(health.last_error)}{" "}
								<span className="faint">
									<Time at={health.last_error_at} />
								</span>{" "}
								{health.last_error_request && (
									<To href={`${to.connection(c.slug, "journal")}?request=${encodeURIComponent(health.last_error_request)}`}>
										Look at the request
									</To>
								)}
							</Fact>
						)}
						{health.stale_since && (
							<Fact name="Not watched">
								<Tag tone="warn">as of {exact(health.stale_since)}</Tag> {health.stale_why}
							</Fact>
						)}
					</Facts>
				</Card>
				<Card title="The last thirty days">
					<SyncStrip connection={c.slug} />
				</Card>
				<LastRequests connection={c} />
			</div>
			<div className="stack">
				<Card title="How it is reached">
					<div className="secret">
						<span className="label">Base URL</span>
						<Code text={c.base_url} what="the base URL" block />
					</div>
					<Facts>
						<Fact name="id">
							<Code text={c.slug} what="the id of the connection" />
						</Fact>
						<Fact name="Credentials">
							<To href={to.connection(c.slug, "credentials")}>
								{many(c.tokens.filter((t) => t.status === "live").length, "live credential", "live credentials")}
							</To>
							{left !== undefined && left <= 30 && (
								<>
									{" "}
									<Tag tone={left <= 7 ? "bad" : "warn"}>
										{left === 0 ? "one expires today" : `one expires in ${many(left, "day", "days")}`}
									</Tag>
								</>
							)}
						</Fact>
						<Fact name="Mapping">
							<To href={to.connection(c.slug, "mapping")}>{many(c.mappings.length, "group", "groups")}</To>
						</Fact>
						<Fact name="Made">{exact(c.created)}</Fact>
					</Facts>
					<AsJSON operation="get-connection" path={{ connection: c.slug }} value={c} />
				</Card>
				<SetUp connection={c} />
			</div>
		</div>
	);
}

/** The newest lines of the journal. */
function LastRequests({ connection: c }: { connection: Connection }) {
	const rights = useRights();
	const journal = useTrail("list-journal", { path: { connection: c.slug }, query: { limit: 8 } }, { enabled: rights.has("tenant.record") });
	if (!rights.has("tenant.record")) return <Withheld title="Last requests" right="tenant.record" />;
	return (
		<Card title="Last requests" actions={<To href={to.connection(c.slug, "journal")}>Journal</To>}>
			<View reading={journal} rows={4}>
				{() =>
					journal.rows?.length ? (
						<ul className="feed">
							{journal.rows.slice(0, 8).map((r) => (
								<li key={r.seq}>
									<ExchangeLine exchange={r} />
								</li>
							))}
						</ul>
					) : (
						<p className="faint">
							The journal has no request. {typeTitle(c.type)} has sent none yet, or all are older than the journal keeps.
						</p>
					)
				}
			</View>
		</Card>
	);
}

/** What the identity provider's console shows, in its own words. */
function SetUp({ connection: c }: { connection: Connection }) {
	const setup = useRead("get-connection-setup", { path: { connection: c.slug } }, { every: false });
	return (
		<Card title="Setup">
			<View reading={setup} rows={3}>
				{(s) => <Steps setup={s.setup} />}
			</View>
		</Card>
	);
}

const choices = {
	refuse: (type: string) => [
		{ id: "", text: `As ${typeTitle(type)} says` },
		{ id: "refuse", text: "Refuse" },
		{ id: "ignore", text: "Ignore, and count" },
	],
	answer: (type: string) => [
		{ id: "", text: `As ${typeTitle(type)} says` },
		{ id: "resource", text: "The whole resource (200)" },
		{ id: "no_content", text: "Nothing (204)" },
	],
};

const labels = {
	unknown_paths: "A PATCH of an attribute that does not exist",
	unknown_members: "A member of a group who does not exist",
	user_patch: "The answer to a PATCH of a person",
	group_patch: "The answer to a PATCH of a group",
};

function answersOf(c: Connection): Record<keyof typeof labels, string> {
	return {
		unknown_paths: c.unknown_paths ?? "",
		unknown_members: c.unknown_members ?? "",
		user_patch: c.user_patch ?? "",
		group_patch: c.group_patch ?? "",
	};
}

function Settings({ connection: c }: { connection: Connection }) {
	const lack = useLack("connection.manage");
	const { base, form, set: setForm, dirty, begin } = useDraft(c, answersOf);
	const update = useAction("update-connection", (saved) => {
		begin(saved);
		say("Saved.");
	});
	const save = (version: number) => void update.run({ path: { connection: c.slug }, version, body: form as ConnectionUpdate });
	const stale = update.failure?.status === 412 && c.version !== base.version;
	const there = answersOf(c);
	const word = (options: { id: string; text: string }[], id: string) => options.find((o) => o.id === id)?.text ?? id;
	return (
		<div className="narrow">
			<p className="page-sub">
				What this identity provider may write, and how its requests are answered. The defaults of its type are right for most.
			</p>
			<FormBox failure={stale ? undefined : update.failure} submit={() => save(base.version)}>
				<Pick
					label={labels.unknown_paths}
					name="unknown_paths"
					value={form.unknown_paths || "*"}
					onChange={(v) => setForm({ ...form, unknown_paths: (v === "*" ? "" : v) as "" })}
					not={lack}
					required
					options={star(choices.refuse(c.type))}
					about="With “ignore”, one unmapped attribute does not block a person."
				/>
				<Pick
					label={labels.unknown_members}
					name="unknown_members"
					value={form.unknown_members || "*"}
					onChange={(v) => setForm({ ...form, unknown_members: (v === "*" ? "" : v) as "" })}
					not={lack}
					required
					options={star(choices.refuse(c.type))}
				/>
				<Pick
					label={labels.user_patch}
					name="user_patch"
					value={form.user_patch || "*"}
					onChange={(v) => setForm({ ...form, user_patch: (v === "*" ? "" : v) as "" })}
					not={lack}
					required
					options={star(choices.answer(c.type))}
				/>
				<Pick
					label={labels.group_patch}
					name="group_patch"
					value={form.group_patch || "*"}
					onChange={(v) => setForm({ ...form, group_patch: (v === "*" ? "" : v) as "" })}
					not={lack}
					required
					options={star(choices.answer(c.type))}
				/>
				{stale ? (
					<Versions
						rows={(Object.keys(labels) as (keyof typeof labels)[]).map((name) => {
							const options = (name.endsWith("patch") ? choices.answer : choices.refuse)(c.type);
							return { label: labels[name], mine: word(options, form[name]), theirs: word(options, there[name]) };
						})}
						keep={() => save(c.version)}
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

/** A list needs a key for "as the type says". */
function star(options: { id: string; text: string }[]) {
	return options.map((o) => (o.id ? o : { ...o, id: "*" }));
}
