// The sync of a connection, day by day: its state, and what was refused.

import { useState } from "react";
import { useRead } from "../api/query.ts";
import type { Timeline, TimelineBucket } from "../api/schema.ts";
import { to } from "../shell/place.ts";
import { To, useRights } from "./basic.tsx";
import { now } from "./clock.ts";
import { View } from "./state.tsx";
import { clock, count, day, healthStates, isoDay, many, sentence } from "./words.ts";

const days = 30;
const length = 86_400;

/** The last thirty days, until the next midnight of UTC, so that the address stays the same for a day. */
function span(): { from: string; to: string } {
	const end = (Math.floor(now() / 1000 / length) + 1) * length;
	return { from: new Date((end - days * length) * 1000).toISOString(), to: new Date(end * 1000).toISOString() };
}

/** A cell for each of the last thirty days. A day shows the worst state that it had. */
export function SyncStrip({ connection }: { connection: string }) {
	const timeline = useRead("get-timeline", { path: { connection }, query: { ...span(), step: length } }, { every: 5 * 60_000 });
	return (
		<View reading={timeline} rows={1} what="The timeline">
			{(t) => <Cells connection={connection} timeline={t} />}
		</View>
	);
}

/** The filters of the journal for a day, in the reader's zone. */
function dayOf(b: TimelineBucket, t: Timeline): string {
	const local = (at: number) => `${isoDay(new Date(at))}T${clock(new Date(at))}`;
	const from = Date.parse(b.from);
	return new URLSearchParams({ from: local(from), to: local(from + t.step * 1000) }).toString();
}

function Cells({ connection, timeline: t }: { connection: string; timeline: Timeline }) {
	const rights = useRights();
	const [at, setAt] = useState<number>();
	const cells = t.buckets.filter((b) => Date.parse(b.from) <= now());
	const current = cells[at ?? cells.length - 1];
	return (
		<div className="strip-days">
			<ul className="strip-cells" aria-label="The last thirty days">
				{cells.map((b, i) => (
					<li key={b.from}>
						<button
							type="button"
							className={`strip-cell strip-cell-${toneOf(b, t)}`}
							aria-label={`${day(b.from)}: ${saidOf(b, t)}`}
							aria-pressed={at === i}
							onClick={() => setAt(at === i ? undefined : i)}
							onMouseEnter={() => setAt(i)}
							onFocus={() => setAt(i)}
						/>
					</li>
				))}
			</ul>
			{current && (
				<p className="strip-said" aria-live="polite">
					<strong>{day(current.from)}</strong> {saidOf(current, t)}{" "}
					{current.requests > 0 && rights.has("tenant.record") && (
						<To href={`${to.connection(connection, "journal")}?${dayOf(current, t)}`}>Requests of that day</To>
					)}
				</p>
			)}
		</div>
	);
}

/** The worst state of health on a day. */
function stateOf(b: TimelineBucket, t: Timeline): string {
	const from = Date.parse(b.from);
	const to = from + t.step * 1000;
	const order = ["healthy", "never_connected", "quiet", "failing"];
	let worst = "";
	t.health.forEach((h, i) => {
		const begins = h.from ? Date.parse(h.from) : 0;
		const next = t.health[i + 1]?.from;
		const ends = next ? Date.parse(next) : Number.POSITIVE_INFINITY;
		if (begins < to && ends > from && order.indexOf(h.state) > order.indexOf(worst)) worst = h.state;
	});
	return worst;
}

function toneOf(b: TimelineBucket, t: Timeline): string {
	const state = stateOf(b, t);
	if (b.failed > 0 || state === "failing") return "bad";
	if (b.refused > 0 || b.rejected > 0 || state === "quiet") return "warn";
	if (b.requests === 0) return "none";
	return "good";
}

/** What happened on a day, in a sentence. */
function saidOf(b: TimelineBucket, t: Timeline): string {
	const state = stateOf(b, t);
	const parts = [
		b.requests ? many(b.requests, "request", "requests") : "no request",
		b.changed > 0 && `${count(b.changed)} changed something`,
		b.refused > 0 && `${count(b.refused)} refused`,
		b.failed > 0 && `${count(b.failed)} failed`,
		b.rejected > 0 && `${count(b.rejected)} with a wrong credential`,
		b.throttled > 0 && `${count(b.throttled)} too fast`,
		b.missed > 0 && `${count(b.missed)} not kept`,
		b.requests > 0 && `95 % within ${count(Math.round(b.p95_milliseconds))} ms`,
		(state === "quiet" || state === "failing") && healthStates[state]?.text.toLowerCase(),
	].filter(Boolean);
	const text = sentence(parts.join(", "));
	return Date.parse(b.from) < Date.parse(t.since) ? `${text} Not all of that day is kept.` : text;
}
