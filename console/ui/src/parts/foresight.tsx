// What an action would do, asked of the server before it is done: the answer comes from the decision that would be made.

import type { Ask, Foreseeable } from "../api/client.ts";
import { useForesight } from "../api/query.ts";
import type { Preview, PreviewChange } from "../api/schema.ts";
import { Name, Note } from "./basic.tsx";
import { usePointless } from "./form.tsx";
import { Rule } from "./rule.tsx";
import { Difference, verbOf } from "./sentence.tsx";
import { count, sentence } from "./words.ts";

interface ForesightProps<O extends Foreseeable> {
	operation: O;
	ask: Ask<O>;
	on: boolean;
	/** Why it would be refused, where the page knows that: the server is not asked. */
	refused?: string;
	/** The lines of the audit trail are shown, too: for what has no seats and no next sync to tell of. */
	lines?: boolean;
}

/**
 * Says what an action would do, while on. A refusal is said in the words of the rule, before anybody presses the button. While nothing would
 * change, the form around it cannot be sent.
 */
export function Foresight<O extends Foreseeable>({ operation, ask, on, refused, lines }: ForesightProps<O>) {
	const seen = useForesight(operation, ask, on && !refused);
	const empty = on && seen.data?.changes.length === 0 && !seen.isPlaceholderData && !seen.error;
	usePointless(empty ? unchanged : undefined);
	if (!on) return null;
	const why = refused ?? seen.error?.message;
	if (why) {
		return (
			<Note tone="warn">
				<strong>This would be refused.</strong> {sentence(why)}
				{seen.error?.rule && <Rule id={seen.error.rule} />}
			</Note>
		);
	}
	if (!seen.data) {
		return (
			<p className="foresight foresight-waits" role="status">
				The server is asked what this would do…
			</p>
		);
	}
	return <Outcome preview={seen.data} changes={lines ? seen.data.changes : []} />;
}

const unchanged = "Nothing would change.";

function Outcome({ preview: p, changes }: { preview: Preview; changes: PreviewChange[] }) {
	const lines = [seats(p), p.notice && sentence(p.notice), !p.changes.length && unchanged].filter(Boolean);
	if (!lines.length && !changes.length) return null;
	return (
		<div className="foresight" role="status">
			<strong>What will happen</strong>
			{lines.map((line) => (
				<p key={String(line)}>{line}</p>
			))}
			{changes.map((c, i) => (
				<section key={i} className="stack">
					<p>
						In the audit trail: {verbOf(c.action)} <Name text={c.subject.name || c.subject.id} short />
						{c.reason && <span className="faint">. {sentence(c.reason)}</span>}
					</p>
					<Difference before={others(c.before, c.after)} after={others(c.after, c.before)} />
				</section>
			))}
		</div>
	);
}

/** The values of one document that another has otherwise. */
function others(of: Record<string, unknown> | undefined, than: Record<string, unknown> | undefined): Record<string, unknown> {
	return Object.fromEntries(Object.entries(of ?? {}).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(than?.[name])));
}

/** The seats before and after, or nothing where they stay as they are. */
function seats(p: Preview): string {
	if (!p.seats) return "";
	const { before, after, limit } = p.seats;
	const of = limit ? ` of ${count(limit)}` : "";
	if (before === after) return `Seats in use stay ${count(after)}${of}.`;
	return `Seats in use: ${count(before)} → ${count(after)}${of}.`;
}
