// The events of a company, as its applications get them: the newest ones as they happen, and what each kind means.

import { type QueryClient, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call, type Failure, failureOf } from "../../api/client.ts";
import { refresh, useRead } from "../../api/query.ts";
import type { Event } from "../../api/schema.ts";
import { Action, Code, Fact, Facts, Name, Scroll, Time, To } from "../../parts/basic.tsx";
import { Box } from "../../parts/dialog.tsx";
import { Filter, Search, Toggle } from "../../parts/form.tsx";
import { actorName } from "../../parts/sentence.tsx";
import { Empty, View } from "../../parts/state.tsx";
import { type Column, Table, TableBar } from "../../parts/table.tsx";
import { complain } from "../../parts/toast.tsx";
import { count, exact, sentence } from "../../parts/words.ts";
import { to, useParams } from "../../shell/place.ts";
import { kinds } from "./kinds.ts";

/** What was read of a feed, the newest event first. */
interface Tail {
	events: Event[];
	/** The number of the oldest event that the server keeps. */
	oldest: number;
}

/** How many events one request reads, and how many a page has at most. */
const page = 100;
const most = 2_000;

const keyOf = (tenant: string) => ["list-events", { tenant }, "tail"];

/** The events after a number, at most a page of them. */
async function read(tenant: string, after: number, signal?: AbortSignal) {
	return call("list-events", { path: { tenant }, query: { after: after || undefined, limit: page }, signal });
}

async function newest(tenant: string, signal: AbortSignal): Promise<Tail> {
	const { oldest, last } = await call("list-events", { path: { tenant }, query: { limit: 1 }, signal });
	const { items } = await read(tenant, Math.max(oldest - 1, last - page), signal);
	return { events: items.reverse(), oldest };
}

/** Reads what came after what is known. If that is too much, or the feed is another one since a backup was restored, it begins with the newest again. */
async function further(tenant: string, known: Tail | undefined, signal: AbortSignal): Promise<Tail> {
	const last = known?.events[0]?.seq;
	if (!known || !last) return newest(tenant, signal);
	try {
		const more = await read(tenant, last, signal);
		if (more.items.length === page) return newest(tenant, signal);
		return { events: [...more.items.reverse(), ...known.events].slice(0, most), oldest: more.oldest };
	} catch (error) {
		if (failureOf(error).status !== 410) throw error;
		return newest(tenant, signal);
	}
}

async function older(cache: QueryClient, tenant: string, known: Tail): Promise<void> {
	const first = known.events.at(-1)?.seq ?? 0;
	const { items } = await read(tenant, Math.max(known.oldest - 1, first - 1 - page));
	const before = items.filter((e) => e.seq < first).reverse();
	cache.setQueryData<Tail>(keyOf(tenant), (now) => now && { ...now, events: [...now.events, ...before].slice(0, most) });
}

const columns: Column<Event>[] = [
	{ id: "seq", title: "Number", width: "6rem", cell: (e) => <span className="number">{e.seq}</span> },
	{ id: "kind", title: "Kind", cell: (e) => <span className="mono">{e.kind}</span> },
	{ id: "subject", title: "About", cell: (e) => <Name text={e.subject.name || `${e.subject.kind} ${e.subject.id}`} short /> },
	{ id: "actor", title: "By", from: "tablet", cell: (e) => <Name text={actorName(e.actor)} short /> },
	{ id: "verb", title: "Verb", extra: true, from: "laptop", cell: (e) => <span className="mono">{e.verb}</span> },
	{ id: "time", title: "Time", from: "tablet", cell: (e) => <Time at={e.time} /> },
];

export default function Events({ tenant }: { tenant: string }) {
	const [params, set] = useParams();
	const [kind, q] = [params.get("kind") ?? "", params.get("q") ?? ""];
	const [live, setLive] = useState(true);
	const [reading, setReading] = useState(false);
	const cache = useQueryClient();
	const tail = useQuery<Tail, Failure>({
		queryKey: keyOf(tenant),
		queryFn: ({ signal }) => further(tenant, cache.getQueryData<Tail>(keyOf(tenant)), signal),
		enabled: live,
		refetchInterval: refresh,
		refetchIntervalInBackground: false,
	});
	const open = Number(params.get("event") ?? 0);
	const filtered = kind !== "" || q !== "";
	const clear = () => set({ kind: undefined, q: undefined });
	const events = tail.data?.events;
	const wanted = q.toLowerCase();
	const rows = events?.filter(
		(e) =>
			(!kind || e.kind === kind) && [e.subject.id, e.subject.name ?? "", e.txn ?? ""].some((text) => text.toLowerCase().includes(wanted)),
	);
	const first = events?.at(-1)?.seq ?? 0;
	const more = tail.data && first > tail.data.oldest && (events?.length ?? 0) < most;
	const show = (e: Event) => set({ event: String(e.seq) }, "push");
	const readOlder = async () => {
		if (!tail.data) return;
		setReading(true);
		await older(cache, tenant, tail.data).catch((error) => complain(failureOf(error)));
		setReading(false);
	};
	return (
		<div className="stack">
			<p className="page-sub">
				What an application with a key of this company gets. The newest events come first; what happens while the page is open is added.
			</p>
			<TableBar filtered={filtered} clear={clear} actions={<Toggle label="Live" on={live} onChange={setLive} />}>
				<Search label="About what" placeholder="Name, id or txn" value={q} onChange={(text) => set({ q: text })} />
				<Filter
					label="Kind"
					value={kind}
					onChange={(next) => set({ kind: next })}
					options={Object.keys(kinds).map((id) => ({ id, text: id }))}
				/>
			</TableBar>
			<Table
				name="events"
				label="Events"
				list={{ ...tail, rows }}
				columns={columns}
				rowKey={(e) => String(e.seq)}
				open={show}
				current={String(open)}
				filtered={filtered}
				clear={clear}
				empty={
					<Empty icon="pulse" title="No event yet">
						Each change of a person, a group, a connection or the seats becomes an event here, in the order in which it happened.
					</Empty>
				}
			/>
			{more && (
				<div className="row">
					<span className="faint">
						Events {count(first)} to {count(events?.[0]?.seq ?? 0)} are loaded{filtered && ", and searched"}.
					</span>
					<Action small running={reading} onPress={() => void readOlder()}>
						Load older ones
					</Action>
				</div>
			)}
			<Kinds events={events ?? []} show={show} />
			<Box title={`Event ${open}`} open={open > 0} close={() => set({ event: undefined })} wide>
				<Detail tenant={tenant} seq={open} />
			</Box>
		</div>
	);
}

/** One event: its JSON, and the cursor with which an application goes on after it. */
function Detail({ tenant, seq }: { tenant: string; seq: number }) {
	const one = useRead(
		"list-events",
		{ path: { tenant }, query: { after: seq - 1 || undefined, limit: 1 } },
		{ enabled: seq > 0, every: false },
	);
	return (
		<View reading={one} what="The event">
			{({ items: [e], cursor }) =>
				e ? (
					<div className="stack">
						<Facts>
							<Fact name="Kind">
								<span className="mono">{e.kind}</span>
							</Fact>
							<Fact name="When">{exact(e.time)}</Fact>
							<Fact name="Meaning">{sentence(kinds[e.kind]?.when || "as its name says")}</Fact>
							{e.txn && (
								<Fact name="Caused by">
									<Code text={e.txn} what="the id of what caused it" />{" "}
									<To href={`${to.company(tenant, "audit")}?request=${encodeURIComponent(e.txn)}`}>Lines of the trail</To>
								</Fact>
							)}
							{cursor && (
								<Fact name="Cursor after it">
									<Code text={cursor} what="the cursor" />
								</Fact>
							)}
						</Facts>
						<Code text={JSON.stringify(e, null, 2)} what="the JSON" block />
					</div>
				) : (
					<p>There is no such event.</p>
				)
			}
		</View>
	);
}

/** What there is, each with the newest one that is loaded as a sample. */
function Kinds({ events, show }: { events: Event[]; show: (e: Event) => void }) {
	const samples = new Map([...events].reverse().map((e) => [e.kind, e]));
	return (
		<details className="disclosure">
			<summary>Kinds of event</summary>
			<Scroll label="Kinds of event">
				<table className="mini">
					<thead>
						<tr>
							<th scope="col">Kind</th>
							<th scope="col">When</th>
							<th scope="col">In data</th>
							<th scope="col">Sample</th>
						</tr>
					</thead>
					<tbody>
						{Object.entries(kinds).map(([kind, about]) => (
							<tr key={kind}>
								<th scope="row" className="mono">
									{kind}
								</th>
								<td className="loose">{about.when && sentence(about.when)}</td>
								<td className="loose">{about.data}</td>
								<td>
									<Sample event={samples.get(kind)} show={show} />
								</td>
							</tr>
						))}
					</tbody>
				</table>
			</Scroll>
		</details>
	);
}

function Sample({ event: e, show }: { event: Event | undefined; show: (e: Event) => void }) {
	if (!e) return <span className="faint">none is loaded</span>;
	return (
		<Action small look="quiet" label={`Sample of ${e.kind}`} onPress={() => show(e)}>
			Event {count(e.seq)}
		</Action>
	);
}
