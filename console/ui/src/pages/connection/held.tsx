// Removals that the brake keeps for an operator, as a change set to be released or discarded.

import { useState } from "react";
import { useAction, useList, useRead } from "../../api/query.ts";
import type { Connection, Held, SettledHeld } from "../../api/schema.ts";
import { Action, Name, Note, Nothing, Tag, Time, To } from "../../parts/basic.tsx";
import { Confirm, Consequences } from "../../parts/dialog.tsx";
import { Filter } from "../../parts/form.tsx";
import { Empty } from "../../parts/state.tsx";
import { type Column, Table, TableBar } from "../../parts/table.tsx";
import { count, list, many, people, typeTitle } from "../../parts/words.ts";
import { to, useParams } from "../../shell/place.ts";

const actions: Record<Held["action"], string> = {
	suspend: "Suspend",
	delete: "Delete",
	auto_delete: "Delete automatically",
	remove_members: "Take out of the group",
	empty_group: "Empty the group",
	delete_group: "Delete the group",
};

function columns(connection: string): Column<Held>[] {
	return [
		{
			id: "name",
			title: "Person or group",
			cell: (h) => (
				<span className="two-lines">
					<Name text={h.name} short />
					{h.moot && <span className="faint">nothing is left to remove</span>}
				</span>
			),
		},
		{ id: "action", title: "Action", cell: (h) => actions[h.action] },
		{
			id: "change",
			title: "Before → after",
			from: "tablet",
			cell: (h) => (
				<>
					<del className="was">{h.before}</del> → <ins className="becomes">{h.after}</ins>
				</>
			),
		},
		{ id: "count", title: "Removals", end: true, from: "laptop", cell: (h) => count(h.count) },
		{ id: "first", title: "First asked", from: "laptop", cell: (h) => <Time at={h.first} /> },
		{ id: "last", title: "Last asked", from: "tablet", cell: (h) => <Time at={h.last} /> },
		{ id: "times", title: "Times", end: true, from: "desktop", cell: (h) => count(h.times) },
		{
			id: "request",
			title: "Request",
			from: "desktop",
			cell: (h) =>
				h.request ? (
					<To href={`${to.connection(connection, "journal")}?request=${encodeURIComponent(h.request)}`} className="link mono">
						{h.request.slice(0, 14)}
					</To>
				) : (
					<Nothing />
				),
		},
	];
}

export function HeldReview({ connection: c }: { connection: Connection }) {
	const [params, set] = useParams();
	const action = params.get("action") ?? "";
	const held = useList("list-held", { path: { tenant: c.tenant }, query: { connection: c.slug } });
	const [chosen, setChosen] = useState(new Set<string>());
	const [asked, setAsked] = useState<"release" | "discard">();
	const [results, setResults] = useState<SettledHeld[]>();
	const release = useAction("release-held");
	const discard = useAction("discard-held");
	const matching = held.rows?.filter((h) => !action || h.action === action);
	const live = matching?.filter((h) => !h.moot);
	const moot = (matching?.length ?? 0) - (live?.length ?? 0);
	const unfolded = params.get("moot") === "shown" || live?.length === 0;
	const rows = unfolded ? matching : live;
	// With a filter, only what it shows is settled.
	const wanted = chosen.size ? [...chosen] : action ? rows?.map((h) => h.key) : undefined;
	const n = wanted?.length ?? c.held;
	const which = chosen.size ? "the selected" : action ? `the ${count(n)} shown` : "all";
	const settle = async () => {
		const body = { connection: c.slug, keys: wanted };
		const ask = { path: { tenant: c.tenant }, body };
		const answer = asked === "release" ? await release.run(ask) : await discard.run(ask);
		if (!answer) return;
		setResults(answer.items);
		setChosen(new Set());
		setAsked(undefined);
	};
	const current = asked === "discard" ? discard : release;
	return (
		<div className="stack">
			{held.rows && held.rows.length > 0 && <Asked connection={c} again={held.rows.some((h) => h.times > 1)} />}
			{results && <Results results={results} close={() => setResults(undefined)} />}
			<TableBar
				filtered={action !== ""}
				clear={() => set({ action: undefined })}
				actions={
					rows &&
					rows.length > 0 && (
						<>
							<Action icon="close" right="connection.manage" onPress={() => setAsked("discard")}>
								Discard {which}
							</Action>
							<Action icon="check" look="primary" right="connection.manage" onPress={() => setAsked("release")}>
								Release {which}
							</Action>
						</>
					)
				}
			>
				<Filter
					label="Action"
					value={action}
					onChange={(next) => {
						setChosen(new Set()); // what is not shown must not stay selected
						set({ action: next });
					}}
					options={Object.entries(actions).map(([id, text]) => ({ id, text }))}
				/>
			</TableBar>
			<Table
				name="held"
				label="Held removals"
				list={{ ...held, rows }}
				columns={columns(c.slug)}
				rowKey={(h) => h.key}
				filtered={action !== ""}
				clear={() => set({ action: undefined })}
				selection={{ chosen, set: setChosen, actions: null }}
				empty={
					<Empty icon="check" title="Nothing is held">
						When an identity provider removes unusually many people within an hour, and the company's setting is “hold”, the removals wait
						here for you.
					</Empty>
				}
			/>
			{moot > 0 && live && live.length > 0 && (
				<div className="row">
					<Action
						small
						look="quiet"
						onPress={() => {
							setChosen(new Set()); // what is not shown must not stay selected
							set({ moot: unfolded ? undefined : "shown" });
						}}
					>
						{unfolded ? "Hide" : "Show"} {many(moot, "removal", "removals")} of which nothing is left
					</Action>
				</div>
			)}
			<Confirm
				title={
					asked === "discard"
						? `Discard ${many(n, "held removal", "held removals")}?`
						: `Release ${many(n, "held removal", "held removals")}?`
				}
				open={asked !== undefined}
				close={() => {
					release.clear();
					discard.clear();
					setAsked(undefined);
				}}
				verb={asked === "discard" ? "Discard" : "Release"}
				not={n > 0 ? undefined : "Nothing is held any more."}
				danger={asked === "release"}
				failure={current.failure}
				running={current.running}
				run={() => void settle()}
			>
				<Consequences
					items={
						asked === "discard"
							? [
									"The people do not change.",
									`${typeTitle(c.type)} asks for the same again with its next cycle, unless the assignments are corrected there first.`,
									"Removals are done as usual again as soon as nothing is held.",
								]
							: [
									"The removals are done now, as if the identity provider had just sent them.",
									"A removal that a rule forbids stays held, with the reason: the last Owner, for example.",
									"Permanent deletions need an Owner.",
								]
					}
				/>
			</Confirm>
		</div>
	);
}

function Results({ results, close }: { results: SettledHeld[]; close: () => void }) {
	const left = results.filter((r) => !r.done);
	return (
		<Note
			tone={left.length ? "warn" : "good"}
			action={
				<Action small look="quiet" onPress={close}>
					Close
				</Action>
			}
		>
			<p>
				{many(results.length - left.length, "removal is", "removals are")} settled.
				{left.length > 0 && ` ${many(left.length, "stays", "stay")} held:`}
			</p>
			{left.length > 0 && (
				<ul className="consequences">
					{left.slice(0, 20).map((r) => (
						<li key={r.key}>
							<Name text={r.name} />: {r.reason} <Tag>{actions[r.action as Held["action"]] ?? r.action}</Tag>
						</li>
					))}
				</ul>
			)}
		</Note>
	);
}

/** How much was asked for, beside what there is and what is usual. */
function Asked({ connection: c, again }: { connection: Connection; again: boolean }) {
	const totals = useRead("list-held-totals", { path: { tenant: c.tenant }, query: { connection: c.slug } });
	const total = totals.data?.items[0];
	const done = c.google ? "Nothing was done." : `Nothing was done, and ${typeTitle(c.type)} was answered 403.`;
	if (!total) return totals.isError ? <Note tone="warn">{done}</Note> : null;
	const what = [
		total.people > 0 && `${count(total.people)} of ${people(total.active)}`,
		total.groups > 0 && `the members of ${many(total.groups, "group", "groups")}`,
	].filter((text) => text !== false);
	const quick = Date.parse(total.last) - Date.parse(total.first) <= 3_600_000;
	return (
		<Note tone="warn">
			{typeTitle(c.type)} asked to remove <strong>{list(what)}</strong>{" "}
			{quick ? (
				"within an hour"
			) : (
				<>
					since <Time at={total.first} />
				</>
			)}
			; usual is {count(total.usual)} within an hour. {done} {again && "It asks again in each cycle."}
		</Note>
	);
}
