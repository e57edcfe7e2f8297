// The last requests to a webhook, and what was answered.

import { useState } from "react";
import { useList } from "../../api/query.ts";
import type { Webhook, WebhookAttempt } from "../../api/schema.ts";
import { Badge, Code, Fact, Facts, Name, Scroll, Time } from "../../parts/basic.tsx";
import { Box } from "../../parts/dialog.tsx";
import { Filter, Toggle } from "../../parts/form.tsx";
import { useCompanyNames } from "../../parts/names.tsx";
import { Empty } from "../../parts/state.tsx";
import { type Column, Table, TableBar } from "../../parts/table.tsx";
import { count, exact, sentence, tidy, type Word } from "../../parts/words.ts";
import { useParams } from "../../shell/place.ts";
import { Span } from "../connection/journal.tsx";
import { nameOf } from "./progress.tsx";

function answerOf(a: WebhookAttempt): Word {
	return { text: a.status ? String(a.status) : "No answer", tone: a.ok ? "good" : "bad" };
}

const columns: Column<WebhookAttempt>[] = [
	{ id: "event", title: "Event", cell: (a) => <span className="mono">{a.kind}</span> },
	{ id: "tenant", title: "Company", from: "tablet", cell: (a) => <Name text={nameOf(a)} short /> },
	{ id: "seq", title: "Number", from: "laptop", end: true, cell: (a) => count(a.seq) },
	{ id: "result", title: "Answer", cell: (a) => <Badge word={answerOf(a)} title={a.error} /> },
	{ id: "attempt", title: "Attempt", from: "laptop", end: true, cell: (a) => count(a.attempt) },
	{ id: "millis", title: "ms", from: "laptop", end: true, cell: (a) => count(a.millis) },
	{ id: "at", title: "Sent", from: "tablet", cell: (a) => <Time at={a.at} /> },
];

export function Deliveries({ webhook: w }: { webhook: Webhook }) {
	const [params, set] = useParams();
	const company = params.get("company") ?? "";
	const failed = params.get("failed") === "yes";
	const kind = params.get("kind") ?? "";
	const from = params.get("from") ?? "";
	const until = params.get("to") ?? "";
	const filtered = company !== "" || failed || kind !== "" || from !== "" || until !== "";
	const clear = () => set({ company: undefined, failed: undefined, kind: undefined, from: undefined, to: undefined });
	const query = {
		tenant: company || undefined,
		failed: failed || undefined,
		kind: kind || undefined,
		from: from ? new Date(from).toISOString() : undefined,
		to: until ? new Date(until).toISOString() : undefined,
	};
	const list = useList("list-webhook-deliveries", { path: { webhook: w.name }, query }, { every: 5_000 });
	const [open, setOpen] = useState<WebhookAttempt>();
	const names = useCompanyNames(company ? [company] : []);
	const kinds = [...new Set([...(list.rows ?? []).map((a) => a.kind), kind])].filter(Boolean).sort();
	return (
		<div className="stack">
			<TableBar filtered={filtered} clear={clear}>
				<Toggle label="Failed only" on={failed} onChange={(on) => set({ failed: on ? "yes" : undefined })} />
				{(kinds.length > 1 || kind) && (
					<Filter label="Event" value={kind} onChange={(next) => set({ kind: next })} options={kinds.map((id) => ({ id, text: id }))} />
				)}
				<Span from={from} until={until} set={(f, t) => set({ from: f, to: t })} />
				{company && (
					<Filter
						label="Company"
						value={company}
						onChange={(next) => set({ company: next })}
						options={[{ id: company, text: nameOf({ tenant: company, tenant_name: names.get(company) }) }]}
					/>
				)}
			</TableBar>
			<Table
				name="webhook-deliveries"
				label="Deliveries"
				list={list}
				columns={columns}
				rowKey={(a) => `${a.tenant} ${a.seq} ${a.attempt} ${a.at}`}
				open={setOpen}
				filtered={filtered}
				clear={clear}
				empty={
					<Empty icon="clock" title="Nothing was sent yet">
						Each event appears here when it is sent, with the answer. The last 25 attempts of each company are kept.
					</Empty>
				}
			/>
			<Box
				title={open?.kind ?? ""}
				sub={open && `Event ${open.seq} of ${nameOf(open)}`}
				open={open !== undefined}
				close={() => setOpen(undefined)}
				wide
			>
				{open && <Attempt attempt={open} />}
			</Box>
		</div>
	);
}

function Attempt({ attempt: a }: { attempt: WebhookAttempt }) {
	return (
		<div className="stack">
			<Facts>
				<Fact name="Answer">
					<Badge word={answerOf(a)} />
				</Fact>
				{a.error && <Fact name="Why">{sentence(a.error)}</Fact>}
				<Fact name="Sent">{exact(a.at)}</Fact>
				<Fact name="Took">{count(a.millis)} ms</Fact>
				<Fact name="Attempt">{count(a.attempt)}</Fact>
				<Fact name="webhook-id">
					<Code text={a.id} what="the id" />
				</Fact>
			</Facts>
			<section className="message">
				<h3>Beginning of the answer</h3>
				<Scroll label="Answer, body" high>
					<pre>{a.answer ? tidy(a.answer) : "no body"}</pre>
				</Scroll>
			</section>
		</div>
	);
}
