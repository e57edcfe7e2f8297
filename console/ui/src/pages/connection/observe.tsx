// Observe mode: the identity provider works on a copy, and an operator promotes or drops the difference (rule C9).

import { useState } from "react";
import { useAction, useList, useRead } from "../../api/query.ts";
import type { Connection, Observation, ObservedChange, ObservedLeft, Promotion } from "../../api/schema.ts";
import { Action, Card, Fact, Facts, Name, Note, Nothing, Tag, useLack } from "../../parts/basic.tsx";
import { Confirm, Consequences } from "../../parts/dialog.tsx";
import { Filter, FormBox, Pick, Refusal } from "../../parts/form.tsx";
import { Rule } from "../../parts/rule.tsx";
import { Empty, Failed, View } from "../../parts/state.tsx";
import { type Column, Table, TableBar } from "../../parts/table.tsx";
import { say } from "../../parts/toast.tsx";
import { count, exact, list, many, type Tone, typeTitle } from "../../parts/words.ts";
import { useParams } from "../../shell/place.ts";

const effects: Record<ObservedChange["effect"], { text: string; tone: Tone }> = {
	create: { text: "Create", tone: "good" },
	restore: { text: "Restore", tone: "good" },
	update: { text: "Change", tone: "info" },
	suspend: { text: "Suspend", tone: "warn" },
	activate: { text: "Activate", tone: "good" },
	remove: { text: "Remove", tone: "bad" },
	take_over: { text: "Take over", tone: "hold" },
};

/** "3 people", "1 group" or "2 of Device". */
function number(kind: string, n: number): string {
	if (kind === "User") return many(n, "person", "people");
	if (kind === "Group") return many(n, "group", "groups");
	return `${count(n)} of ${kind}`;
}

export function Observe({ connection: c }: { connection: Connection }) {
	return c.observing ? <Observed connection={c} /> : <Begin connection={c} />;
}

/** Before: what observe mode is, and its start. */
function Begin({ connection: c }: { connection: Connection }) {
	const lack = useLack("connection.manage");
	const [over, setOver] = useState("");
	const start = useAction("start-observation", () => say(`${c.slug} is in observe mode.`));
	const others = useRead("list-connections", { query: { tenant: c.tenant, limit: 100 } }, { every: false });
	const rest = (others.data?.items ?? []).filter((o) => o.slug !== c.slug);
	return (
		<div className="narrow stack">
			<p className="page-sub">
				{c.google
					? "In observe mode the runs of this connection change a copy of the company, and the company stays as it is."
					: `In observe mode ${typeTitle(c.type)} reads and writes a copy of the company. It is answered as usual, and the company does not change.`}{" "}
				You look at the difference, and then promote it or drop it.
			</p>
			{others.isError && !others.data && <Failed error={others.error} retry={() => others.refetch()} what="The other connections" />}
			<FormBox
				failure={start.failure}
				submit={() => void start.run({ path: { connection: c.slug }, body: { take_over: over || undefined } })}
			>
				{rest.length > 0 && (
					<Pick
						label="Rehearse a change of the identity provider"
						name="take_over"
						value={over || "*"}
						onChange={(next) => setOver(next === "*" ? "" : next)}
						not={lack}
						options={[
							{ id: "*", text: "No: observe this connection" },
							...rest.map((o) => ({ id: o.slug, text: `Take over from ${o.slug}`, about: typeTitle(o.type) })),
						]}
						about="In the copy, no connection manages the records of the other one. A promotion hands each record over and keeps its id."
					/>
				)}
				<Consequences
					items={[
						!c.google && `${typeTitle(c.type)} keeps its base URL and its credential.`,
						"No seat is taken, no event is sent, and no person gains or loses access.",
						"Until it ends, the connection cannot be disconnected, and the company cannot be handed over or deleted.",
					]}
				/>
				<div className="form-foot">
					<Action
						submit
						look="primary"
						icon="search"
						not={lack ?? (c.ending ? "It is being disconnected." : undefined)}
						running={start.running}
					>
						Start to observe
					</Action>
				</div>
			</FormBox>
		</div>
	);
}

function Observed({ connection: c }: { connection: Connection }) {
	const seen = useRead("get-observation", { path: { connection: c.slug } }, { every: 10_000 });
	return (
		<View reading={seen} what="The difference">
			{(o) => (o.ready ? <Difference connection={c} observation={o} /> : <Lost connection={c} observation={o} />)}
		</View>
	);
}

/** The copy is not complete: it is being made, it was lost, or a command was interrupted. */
function Lost({ connection: c, observation: o }: { connection: Connection; observation: Observation }) {
	const lack = useLack("connection.manage");
	const start = useAction("start-observation", () => say("A new copy is made."));
	return (
		<div className="stack">
			<Note tone="warn">
				There is no complete copy of the company, so {typeTitle(c.type)} is answered 503 and tries again later. The copy is being made, or
				it was lost, as after a restore, or a command was interrupted.
			</Note>
			{start.failure && <Refusal failure={start.failure} />}
			<div className="row">
				<Action
					icon="refresh"
					not={lack}
					running={start.running}
					onPress={() => void start.run({ path: { connection: c.slug }, body: { take_over: o.observing.take_over } })}
				>
					Make the copy again
				</Action>
				<Drop connection={c} />
			</div>
		</div>
	);
}

function Difference({ connection: c, observation: o }: { connection: Connection; observation: Observation }) {
	const [left, setLeft] = useState<ObservedLeft[]>();
	const { observing, seats } = o;
	return (
		<div className="stack">
			<div className="columns-2-1">
				<Card
					title="What a promotion changes"
					actions={
						<>
							<Drop connection={c} />
							<Promote connection={c} observation={o} left={setLeft} />
						</>
					}
				>
					{o.changes === 0 ? (
						<p>
							There is no difference yet.{" "}
							{c.google ? "Start a run on the tab Runs, and look again." : `Let ${typeTitle(c.type)} sync, and look again.`}
						</p>
					) : (
						<ul className="consequences">
							{o.counts.map((n) => (
								<li key={n.kind + n.effect}>
									<Tag tone={effects[n.effect].tone}>{effects[n.effect].text}</Tag> {number(n.kind, n.number)}
								</li>
							))}
						</ul>
					)}
				</Card>
				<Card title="Observe mode">
					<Facts>
						<Fact name="Since">
							{exact(observing.since)} by <Name text={observing.by} />
						</Fact>
						{observing.take_over && <Fact name="Takes over from">{observing.take_over}</Fact>}
						<Fact name="Seats">
							{count(seats.before)} → {count(seats.after)}
							{seats.limit > 0 && ` of ${count(seats.limit)}`}
						</Fact>
					</Facts>
				</Card>
			</div>
			{observing.promoting && <Note tone="info">The difference is being promoted. {typeTitle(c.type)} is asked to wait.</Note>}
			{left && <Left left={left} close={() => setLeft(undefined)} />}
			{o.refused.length > 0 && (
				<Card title="Refused by rules" tone="bad">
					<ul className="todo">
						{o.refused.map((r) => (
							<li key={r.rule + r.subject}>
								{many(r.writes, "write", "writes")}, the last of <Name text={r.subject || "no record"} short />: {r.reason}{" "}
								<Rule id={r.rule} />
							</li>
						))}
					</ul>
				</Card>
			)}
			{o.held.length > 0 && (
				<Note tone="warn">
					The brake would hold {many(o.held.length, "removal", "removals")}: {list(o.held.slice(0, 5).map((h) => h.name))}
					{o.held.length > 5 && ` and ${count(o.held.length - 5)} more`}. They are not promoted; {typeTitle(c.type)} asks for them again.
				</Note>
			)}
			<Changes connection={c} />
		</div>
	);
}

const columns: Column<ObservedChange>[] = [
	{
		id: "name",
		title: "Person or group",
		cell: (d) => (
			<span className="two-lines">
				<Name text={d.name} short />
				{d.was && (
					<span className="faint">
						was <Name text={d.was} short />
					</span>
				)}
				{d.same && d.same.length > 0 && (
					<Tag tone="warn">
						perhaps a duplicate of <Name text={d.same.map((s) => s.user_name).join(", ")} short />
					</Tag>
				)}
			</span>
		),
	},
	{ id: "kind", title: "Kind", from: "laptop", cell: (d) => (d.kind === "User" ? "Person" : d.kind) },
	{ id: "effect", title: "Effect", cell: (d) => <Tag tone={effects[d.effect].tone}>{effects[d.effect].text}</Tag> },
	{
		id: "attributes",
		title: "Difference",
		from: "tablet",
		cell: (d) => {
			const parts = [...d.attributes, d.joins && `${count(d.joins)} join`, d.leaves && `${count(d.leaves)} leave`].filter(Boolean);
			return parts.length ? <span className="mono">{parts.join(", ")}</span> : <Nothing />;
		},
	},
	{
		id: "matched",
		title: "Matched by",
		from: "laptop",
		cell: (d) => (d.matched_by ? <span className="mono">{d.matched_by}</span> : <Nothing />),
	},
	{ id: "from", title: "Managed by", from: "laptop", cell: (d) => d.from ?? <Nothing>no connection</Nothing> },
];

function Changes({ connection: c }: { connection: Connection }) {
	const [params, set] = useParams();
	const effect = params.get("effect") ?? "";
	const changes = useList("list-observed-changes", { path: { connection: c.slug } }, { every: 10_000 });
	const rows = changes.rows?.filter((d) => !effect || d.effect === effect);
	return (
		<>
			<TableBar filtered={effect !== ""} clear={() => set({ effect: undefined })}>
				<Filter
					label="Effect"
					value={effect}
					onChange={(next) => set({ effect: next })}
					options={Object.entries(effects).map(([id, e]) => ({ id, text: e.text }))}
				/>
			</TableBar>
			<Table
				name="observed"
				label="Observed changes"
				list={{ ...changes, rows }}
				columns={columns}
				rowKey={(d) => `${d.kind} ${d.id}`}
				filtered={effect !== ""}
				clear={() => set({ effect: undefined })}
				loose
				empty={
					<Empty icon="check" title="No difference">
						The copy equals the company. What the identity provider writes appears here.
					</Empty>
				}
			/>
		</>
	);
}

function Promote({
	connection: c,
	observation: o,
	left,
}: {
	connection: Connection;
	observation: Observation;
	left: (left: ObservedLeft[] | undefined) => void;
}) {
	const lack = useLack("connection.manage");
	const [asked, setAsked] = useState(false);
	const [promoted, setPromoted] = useState(0);
	const promote = useAction("promote-observation");
	const nothing = o.changes > 0 ? undefined : "The copy equals the company, so nothing would be promoted. Drop ends observe mode.";
	// A request works for about ten seconds. It is sent again until everything is promoted, or nothing more can be.
	const run = async () => {
		left(undefined);
		let sum = 0;
		for (;;) {
			const step: Promotion | undefined = await promote.run({ path: { connection: c.slug }, body: { digest: o.digest ?? "" } });
			if (!step) return;
			sum += step.promoted;
			setPromoted(sum);
			if (!step.done && step.promoted > 0 && step.left.length === 0) continue;
			setAsked(false);
			if (step.done) say(`${many(sum, "change is", "changes are")} promoted. ${c.slug} writes to the company again.`);
			else left(step.left);
			return;
		}
	};
	return (
		<>
			<Action
				look="primary"
				icon="check"
				not={lack ?? (c.paused ? "The connection is paused: resume it first." : nothing)}
				onPress={() => setAsked(true)}
			>
				Promote
			</Action>
			<Confirm
				title={`Promote ${many(o.changes, "change", "changes")}?`}
				open={asked}
				close={() => {
					promote.clear();
					setAsked(false);
				}}
				verb="Promote"
				not={promote.running ? undefined : nothing}
				failure={promote.failure}
				running={promote.running}
				run={() => void run()}
			>
				<Consequences
					items={[
						"The changes are made in the company now, in the name of the connection, and every rule applies.",
						`The seats go from ${count(o.seats.before)} to ${count(o.seats.after)}.`,
						`${typeTitle(c.type)} is asked to wait meanwhile, and repeats its requests.`,
						"A change that a rule refuses is listed, and stays in the copy.",
						promoted > 0 && promote.running && `${many(promoted, "change is", "changes are")} promoted so far.`,
					]}
				/>
			</Confirm>
		</>
	);
}

function Left({ left, close }: { left: ObservedLeft[]; close: () => void }) {
	return (
		<Note
			tone="warn"
			action={
				<Action small look="quiet" onPress={close}>
					Close
				</Action>
			}
		>
			<p>
				{left.length > 0
					? "The connection stays in observe mode. A rule refused these changes. Remove the cause and promote again, or drop the rest:"
					: "The connection is still in observe mode. Promote again to continue."}
			</p>
			<ul className="consequences">
				{left.slice(0, 20).map((l) => (
					<li key={l.change.kind + l.change.id}>
						<Name text={l.change.name} short />: {l.reason}
					</li>
				))}
			</ul>
			{left.length > 20 && <p>And {count(left.length - 20)} more.</p>}
		</Note>
	);
}

function Drop({ connection: c }: { connection: Connection }) {
	const [asked, setAsked] = useState(false);
	const drop = useAction("drop-observation", () => {
		setAsked(false);
		say(`${c.slug} writes to the company again.`);
	});
	return (
		<>
			<Action icon="close" right="connection.manage" onPress={() => setAsked(true)}>
				Drop
			</Action>
			<Confirm
				title="Drop the observed changes?"
				open={asked}
				close={() => {
					drop.clear();
					setAsked(false);
				}}
				verb="Drop"
				danger
				failure={drop.failure}
				running={drop.running}
				run={() => void drop.run({ path: { connection: c.slug } })}
			>
				<Consequences
					items={[
						"The company does not change.",
						"The copy and everything that was written to it are deleted.",
						c.google
							? "From now on its runs change the company."
							: `${typeTitle(c.type)} does not know that: let it sync everything again. From now on its writes take effect.`,
					]}
				/>
			</Confirm>
		</>
	);
}
