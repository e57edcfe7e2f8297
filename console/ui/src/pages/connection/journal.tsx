// The request journal of a connection: what was asked, and what was answered.

import { useState } from "react";
import { useRead, useTrail } from "../../api/query.ts";
import type { Exchange } from "../../api/schema.ts";
import { Action, Code, Fact, Facts, Name, RequestId, Scroll, Tag, Time, To } from "../../parts/basic.tsx";
import { now } from "../../parts/clock.ts";
import { Box } from "../../parts/dialog.tsx";
import { Filter, Search, TextInput } from "../../parts/form.tsx";
import { Icon } from "../../parts/icon.tsx";
import { CopyLink } from "../../parts/json.tsx";
import { Rule } from "../../parts/rule.tsx";
import { Empty, Failed, NothingMatches, Skeleton, Stale, View } from "../../parts/state.tsx";
import { TableBar } from "../../parts/table.tsx";
import { bytes, count, exact, minute, second, type Tone, tidy } from "../../parts/words.ts";
import { to, useParams } from "../../shell/place.ts";

const effects: Record<string, { text: string; tone: Tone }> = {
	changed: { text: "changed", tone: "good" },
	unchanged: { text: "unchanged", tone: "quiet" },
	read: { text: "read", tone: "quiet" },
	refused: { text: "refused", tone: "bad" },
	failed: { text: "failed", tone: "bad" },
};

const gaps: Record<string, string> = {
	busy: "the journal was busy",
	disk: "the disk could not be written",
	throttled: "the connection exceeded its rate limit",
};

/** The path without the base, readable. */
function short(path: string | undefined): string {
	const text = (path ?? "").replace(/^\/scim\/v2\/[^/?]+/, "") || "/";
	try {
		return tidy(decodeURIComponent(text));
	} catch {
		return tidy(text);
	}
}

/** One exchange in a line. */
export function ExchangeLine({ exchange: e }: { exchange: Exchange }) {
	if (e.gap) {
		return (
			<span className="gap">
				<Icon name="warning" size={14} /> {count(e.missed ?? 0)} missed: {gaps[e.gap] ?? e.gap}
			</span>
		);
	}
	const effect = effects[e.effect ?? ""];
	return (
		<span className="exchange">
			<span className="number faint" title={exact(e.time)}>
				{new Date(e.time).toDateString() === new Date(now()).toDateString() ? second(e.time) : minute(e.time)}
			</span>
			<span className={`status status-${Math.floor((e.status ?? 0) / 100)}`}>{e.status}</span>
			<span className="mono method">{e.method}</span>
			<span className="mono path">{short(e.path)}</span>
			{effect && <Tag tone={effect.tone}>{effect.text}</Tag>}
		</span>
	);
}

/** The journal with its filters. The address has all of them. */
export function Journal({ connection }: { connection: string }) {
	const [params, set] = useParams();
	const [live, setLive] = useState(false);
	const q = params.get("person") ?? "";
	const status = params.get("status") ?? "";
	const effect = params.get("effect") ?? "";
	const from = params.get("from") ?? "";
	const until = params.get("to") ?? "";
	const open = params.get("request") ?? "";
	const filtered = !!(q || status || effect || from || until);
	const clear = () => set({ person: undefined, status: undefined, effect: undefined, from: undefined, to: undefined });
	const journal = useTrail(
		"list-journal",
		{
			path: { connection },
			query: {
				user: q || undefined,
				status: status || undefined,
				effect: (effect || undefined) as "changed" | undefined,
				from: from ? new Date(from).toISOString() : undefined,
				to: until ? new Date(until).toISOString() : undefined,
			},
		},
		{ every: live ? 3_000 : 30_000 },
	);
	return (
		<div className="stack">
			<TableBar
				views="journal"
				filtered={filtered}
				clear={clear}
				actions={
					<Action small icon={live ? "pause" : "play"} onPress={() => setLive(!live)}>
						{live ? "Stop" : "Follow live"}
					</Action>
				}
			>
				<Search label="Person" placeholder="userName, externalId or id" value={q} onChange={(person) => set({ person })} />
				<StatusFilter value={status} set={(next) => set({ status: next })} />
				<EffectFilter value={effect} set={(next) => set({ effect: next })} />
				<Span from={from} until={until} set={(f, t) => set({ from: f, to: t })} />
			</TableBar>
			<JournalRows journal={journal} open={open} choose={(request) => set({ request }, "push")} filtered={filtered} clear={clear} />
			<Detail connection={connection} request={open} close={() => set({ request: undefined })} />
		</div>
	);
}

interface FilterProps {
	value: string;
	set: (next: string | undefined) => void;
}

export function StatusFilter({ value, set }: FilterProps) {
	return (
		<Filter
			label="Status"
			value={value}
			onChange={set}
			options={["2xx", "3xx", "4xx", "5xx", "403", "409"].map((id) => ({ id, text: id }))}
		/>
	);
}

export function EffectFilter({ value, set }: FilterProps) {
	return <Filter label="Effect" value={value} onChange={set} options={Object.entries(effects).map(([id, e]) => ({ id, text: e.text }))} />;
}

/** A span of time. */
export function Span({
	from,
	until,
	set,
}: {
	from: string;
	until: string;
	set: (from: string | undefined, until: string | undefined) => void;
}) {
	const [open, setOpen] = useState(false);
	if (!open && !from && !until) {
		return (
			<button type="button" className="chip" onClick={() => setOpen(true)}>
				Time
			</button>
		);
	}
	return (
		<div className="span">
			<TextInput
				label="From"
				name="from"
				type="datetime-local"
				value={from}
				onChange={(f) => set(f || undefined, until || undefined)}
				required
			/>
			<TextInput
				label="To"
				name="to"
				type="datetime-local"
				value={until}
				onChange={(t) => set(from || undefined, t || undefined)}
				required
			/>
		</div>
	);
}

type Trail = ReturnType<typeof useTrail<"list-journal">>;

function JournalRows({
	journal,
	open,
	choose,
	filtered,
	clear,
}: {
	journal: Trail;
	open: string;
	choose: (request: string) => void;
	filtered: boolean;
	clear: () => void;
}) {
	if (journal.rows === undefined)
		return journal.isError ? <Failed error={journal.error} retry={() => journal.refetch()} what="The journal" /> : <Skeleton rows={8} />;
	if (!journal.rows.length) {
		if (filtered) return <NothingMatches clear={clear} />;
		return (
			<Empty icon="scroll" title="No request yet">
				Each request of the identity provider appears here with its answer, masked. Requests with a wrong secret belong to no connection and
				are not here.
			</Empty>
		);
	}
	return (
		<div className="table-wrap">
			<Stale reading={journal} />
			<table className="table" aria-label="Journal">
				<thead>
					<tr>
						<th scope="col">Time</th>
						<th scope="col">Status</th>
						<th scope="col">Request</th>
						<th scope="col" className="from-tablet">
							Effect
						</th>
						<th scope="col" className="from-laptop">
							Rule
						</th>
						<th scope="col" className="from-desktop">
							Quirks
						</th>
						<th scope="col" className="cell-end from-tablet">
							ms
						</th>
					</tr>
				</thead>
				<tbody>
					{journal.rows.map((e) => (
						<JournalRow key={`${e.seq}-${e.request}`} exchange={e} current={open !== "" && e.request === open} choose={choose} />
					))}
				</tbody>
			</table>
			{journal.hasNextPage && (
				<div className="further">
					<Action small running={journal.isFetchingNextPage} onPress={() => void journal.fetchNextPage()}>
						Load older ones
					</Action>
				</div>
			)}
		</div>
	);
}

function JournalRow({ exchange: e, current, choose }: { exchange: Exchange; current: boolean; choose: (request: string) => void }) {
	if (e.gap) {
		return (
			<tr className="gap-row">
				<td colSpan={7}>
					<Icon name="warning" size={14} /> {count(e.missed ?? 0)} missed before {second(e.time)}: {gaps[e.gap] ?? e.gap}
				</td>
			</tr>
		);
	}
	const effect = effects[e.effect ?? ""];
	return (
		<tr className={`row-opens${current ? " is-current" : ""}`} onClick={() => e.request && choose(e.request)}>
			<td title={exact(e.time)}>
				<Time at={e.time} />
			</td>
			<td>
				<span className={`status status-${Math.floor((e.status ?? 0) / 100)}`}>{e.status}</span>
			</td>
			<th scope="row">
				<button
					type="button"
					className="row-link"
					aria-haspopup="dialog"
					onClick={(event) => {
						event.stopPropagation();
						if (e.request) choose(e.request);
					}}
				>
					<span className="mono">
						<strong>{e.method}</strong> {short(e.path)}
					</span>
				</button>
			</th>
			<td className="from-tablet">{effect && <Tag tone={effect.tone}>{effect.text}</Tag>}</td>
			<td className="from-laptop">{e.rule}</td>
			<td className="from-desktop faint">{e.quirks?.join(", ")}</td>
			<td className="cell-end from-tablet number">{e.milliseconds?.toFixed(1)}</td>
		</tr>
	);
}

/** One exchange in full: request and answer side by side. */
export function Detail({ connection, request, close }: { connection: string; request: string; close: () => void }) {
	const exchange = useRead("get-exchange", { path: { connection, request } }, { enabled: request !== "", every: false });
	return (
		<Box
			title={exchange.data ? `${exchange.data.method ?? ""} ${short(exchange.data.path)}` : "Request"}
			sub={
				request && (
					<>
						<RequestId id={request} /> <CopyLink to="this request" />
					</>
				)
			}
			open={request !== ""}
			close={close}
			wide
		>
			<View reading={exchange} what="The request">
				{(e) => <ExchangeView exchange={e} />}
			</View>
		</Box>
	);
}

function ExchangeView({ exchange: e }: { exchange: Exchange }) {
	return (
		<div className="stack">
			<Facts>
				<Fact name="When">{exact(e.time)}</Fact>
				<Fact name="Answer">
					<span className={`status status-${Math.floor((e.status ?? 0) / 100)}`}>{e.status}</span> {e.effect}
					{e.milliseconds !== undefined && `, ${e.milliseconds.toFixed(1)} ms`}
				</Fact>
				{e.why && (
					<Fact name="Why">
						{e.why} {e.rule && <Rule id={e.rule} />}
					</Fact>
				)}
				{e.quirks && e.quirks.length > 0 && <Fact name="Leniencies">{e.quirks.join(", ")}</Fact>}
				{e.done && e.done.length > 0 && (
					<Fact name="Done">
						{e.done.join(", ")}
						{e.more ? ` and ${count(e.more)} more` : ""}
					</Fact>
				)}
				{e.request && (
					<Fact name="Audit">
						<To href={`${to.audit}?request=${encodeURIComponent(e.request)}`}>Lines of this request</To>
					</Fact>
				)}
				<Fact name="From">
					{e.address || "address unknown"}
					{e.user_agent && (
						<>
							, <Name text={e.user_agent} />
						</>
					)}
				</Fact>
			</Facts>
			<div className="columns-even">
				<Message title="Request" body={e.body} cut={e.body_cut} size={e.body_bytes} note={e.body_note} headers={e.headers} />
				<Message title="Answer" body={e.answer} cut={e.answer_cut} size={e.answer_bytes} headers={e.answer_headers} />
			</div>
			{e.curl && (
				<details className="disclosure">
					<summary>As a command</summary>
					<Code text={e.curl} what="the command" block />
				</details>
			)}
			{e.request && e.connection && <WithoutNames connection={e.connection} request={e.request} />}
		</div>
	);
}

/** The exchange as a text to show to others. The server replaces what may name a person, and only when it is asked to. */
function WithoutNames({ connection, request }: { connection: string; request: string }) {
	const [open, setOpen] = useState(false);
	const copy = useRead("get-transcript", { path: { connection, request } }, { enabled: open, every: false });
	return (
		<details className="disclosure" onToggle={(event) => setOpen(event.currentTarget.open)}>
			<summary>Without names, to show to others</summary>
			{open && (
				<View reading={copy} what="The copy">
					{(c) => <Code text={c.text} what="the request without names" block />}
				</View>
			)}
		</details>
	);
}

function Message({
	title,
	body,
	cut,
	size,
	note,
	headers,
}: {
	title: string;
	body?: string;
	cut?: boolean;
	size?: number;
	note?: string;
	headers?: { name: string; value: string }[] | null;
}) {
	return (
		<section className="message">
			<h3>
				{title} {size ? <span className="faint">{bytes(size)}</span> : null}
			</h3>
			<Scroll label={`${title}, body`} high>
				{headers && headers.length > 0 && (
					<dl className="head-lines">
						{headers.map((h) => (
							<div key={h.name}>
								<dt>{h.name}</dt>
								<dd>{h.value}</dd>
							</div>
						))}
					</dl>
				)}
				<pre>{body ? pretty(body) : (note ?? "no body")}</pre>
				{cut && <p className="faint">The rest was cut off.</p>}
			</Scroll>
		</section>
	);
}

function pretty(text: string): string {
	try {
		return JSON.stringify(JSON.parse(text), null, 2);
	} catch {
		return text;
	}
}
