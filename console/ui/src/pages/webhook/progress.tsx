// How far the events of each company were delivered to a webhook.

import { useState } from "react";
import { useAction, useList } from "../../api/query.ts";
import type { Webhook, WebhookProgress } from "../../api/schema.ts";
import { Badge, More, Name, Nothing, Time } from "../../parts/basic.tsx";
import { Box, Confirm, Consequences } from "../../parts/dialog.tsx";
import { Choose, choicesOf, Filter, FormBox, Submit, TextInput } from "../../parts/form.tsx";
import { Empty } from "../../parts/state.tsx";
import { type Column, Table, TableBar } from "../../parts/table.tsx";
import { say } from "../../parts/toast.tsx";
import { count, sentence, tidy } from "../../parts/words.ts";
import { to, useParams } from "../../shell/place.ts";
import { states } from "./list.tsx";

/** The name of the company. The audit lines of the installation have none. */
export function nameOf(p: { tenant?: string; tenant_name?: string }): string {
	return tidy(p.tenant_name ?? "") || (p.tenant === "_installation" ? "This installation" : (p.tenant ?? ""));
}

const columns: Column<WebhookProgress>[] = [
	{
		id: "tenant",
		title: "Company",
		cell: (p) => (
			<span className="two-lines">
				<Name text={nameOf(p)} short />
				{p.error && <span className="faint wrap">{sentence(p.error)}</span>}
			</span>
		),
	},
	{ id: "status", title: "Status", cell: (p) => <Badge word={states[p.status]} /> },
	{ id: "backlog", title: "Waiting", end: true, cell: (p) => count(p.backlog) },
	{ id: "delivered", title: "Delivered", from: "laptop", end: true, cell: (p) => count(p.delivered) },
	{ id: "attempts", title: "Failed attempts", from: "laptop", end: true, cell: (p) => (p.attempts ? count(p.attempts) : <Nothing />) },
	{ id: "next", title: "Next attempt", from: "tablet", cell: (p) => (p.next_attempt ? <Time at={p.next_attempt} /> : <Nothing />) },
	{ id: "success", title: "Last success", from: "laptop", cell: (p) => <Time at={p.last_success} none="never" /> },
];

export function Progress({ webhook: w }: { webhook: Webhook }) {
	const [params, set] = useParams();
	const status = params.get("status") ?? "";
	const query = { status: (status || undefined) as WebhookProgress["status"] | undefined };
	const list = useList("list-webhook-progress", { path: { webhook: w.name }, query }, { every: 5_000 });
	const [replaying, setReplaying] = useState<WebhookProgress>();
	const [skipping, setSkipping] = useState<WebhookProgress>();
	const clear = () => set({ status: undefined });
	return (
		<div className="stack">
			<TableBar filtered={!!status} clear={clear}>
				<Filter label="Status" value={status} onChange={(next) => set({ status: next })} options={choicesOf(states)} />
			</TableBar>
			<Table
				name="webhook-progress"
				label="Progress of each company"
				loose
				list={list}
				columns={columns}
				rowKey={(p) => p.tenant}
				href={(p) => `${to.webhook(w.name)}?company=${encodeURIComponent(p.tenant)}`}
				filtered={!!status}
				clear={clear}
				empty={
					<Empty icon="building" title="No company">
						No company that you have access to sends it events. Name companies under Settings.
					</Empty>
				}
				menu={(p) => (
					<More
						label={`Actions for ${nameOf(p)}`}
						choices={[
							{ id: "replay", text: "Deliver again", icon: "refresh", right: "webhook.manage", run: () => setReplaying(p) },
							{
								id: "skip",
								text: p.failing_event ? `Skip event ${p.failing_event}` : "Skip the event that fails",
								icon: "right",
								right: "webhook.manage",
								not: p.failing_event ? undefined : "No event of this company fails.",
								run: () => setSkipping(p),
							},
						]}
					/>
				)}
			/>
			<Box
				title={<>Deliver events of {replaying && <Name text={nameOf(replaying)} />} again</>}
				open={replaying !== undefined}
				close={() => setReplaying(undefined)}
			>
				{replaying && <Replay webhook={w} progress={replaying} close={() => setReplaying(undefined)} />}
			</Box>
			<Skip webhook={w} progress={skipping} close={() => setSkipping(undefined)} />
		</div>
	);
}

function Skip({ webhook: w, progress: p, close }: { webhook: Webhook; progress: WebhookProgress | undefined; close: () => void }) {
	const skip = useAction("skip-webhook-event", () => {
		say("The event is skipped.");
		close();
	});
	const seq = p?.failing_event ?? 0;
	return (
		<Confirm
			title={
				<>
					Skip event {seq} of {p && <Name text={nameOf(p)} />}?
				</>
			}
			open={p !== undefined}
			close={close}
			verb="Skip"
			danger
			failure={skip.failure}
			running={skip.running}
			run={() => p && void skip.run({ path: { webhook: w.name }, body: { tenant: p.tenant, seq } })}
		>
			<Consequences
				items={[
					"The receiver never gets this event.",
					"It is named in the audit trail.",
					p?.error && `The last attempt: ${sentence(p.error)}`,
				]}
			/>
		</Confirm>
	);
}

function Replay({ webhook: w, progress: p, close }: { webhook: Webhook; progress: WebhookProgress; close: () => void }) {
	const [by, setBy] = useState("event");
	const [from, setFrom] = useState("");
	const [since, setSince] = useState("");
	const replay = useAction("replay-webhook", (now) => {
		say(`${count(now.backlog)} events are delivered again.`);
		close();
	});
	const run = () => {
		const start = by === "event" ? { from: Number(from) } : { since: new Date(since).toISOString() };
		void replay.run({ path: { webhook: w.name }, body: { tenant: p.tenant, ...start } });
	};
	return (
		<FormBox failure={replay.failure} submit={run}>
			<p className="about">All events from there on are sent again, with the same ids. The last one is {count(p.last)}.</p>
			<Choose
				label="From"
				name="by"
				value={by}
				onChange={setBy}
				required
				options={[
					{ id: "event", text: "An event" },
					{ id: "time", text: "A time" },
				]}
			/>
			{by === "event" ? (
				<TextInput
					label="Number of the first event"
					name="from"
					value={from}
					onChange={setFrom}
					inputMode="numeric"
					pattern="[0-9]+"
					required
					autoFocus
				/>
			) : (
				<TextInput label="Time of the first event" name="since" type="datetime-local" value={since} onChange={setSince} required />
			)}
			<Submit running={replay.running} cancel={close} right="webhook.manage">
				Deliver again
			</Submit>
		</FormBox>
	);
}
