// What each write of an identity provider would do to a person now, in the order in which an operator thinks of them.

import type { SyncForecast, User, Why } from "../../api/schema.ts";
import { Nothing } from "../../parts/basic.tsx";
import { Rule } from "../../parts/rule.tsx";
import { sentence, userStates } from "../../parts/words.ts";

type Outcome = SyncForecast["outcomes"][number];

const writes: [write: Outcome["write"], when: string][] = [
	["active", "says that the person is active"],
	["inactive", "says that the person is not active"],
	["create", "creates the person again"],
	["delete", "deletes the person"],
	["other", "writes anything else"],
];

/** The same for a directory that the server reads. */
function found(write: Outcome["write"], who: string, user: User): string {
	switch (write) {
		case "active":
			return user.connection === who && user.statement === "active"
				? "If a run finds the person active after one that found the person inactive"
				: "If a run finds the person active";
		case "inactive":
			return "If a run finds the person inactive";
		case "create":
			return user.gone ? "If a run finds the person again" : "";
		case "delete":
			return "If a run finds the person deleted";
	}
	return "If a run finds other values";
}

export function NextSync({ user, why, idp }: { user: User; why: Why; idp: string }) {
	return (
		<div className="why-next">
			<strong>What the next sync will do</strong>
			{!user.connection && <p>No connection manages this person. The first one that writes the person will (rule L9).</p>}
			{why.syncs.map((f) => (
				<Forecast key={f.connection} user={user} forecast={f} who={f.connection === user.connection ? idp : f.connection} />
			))}
			{!why.syncs.length && !why.next && <Nothing>Nothing.</Nothing>}
			{!why.syncs.length && user.connection && <p>{sentence(why.next)}</p>}
		</div>
	);
}

function Forecast({ user, forecast: f, who }: { user: User; forecast: SyncForecast; who: string }) {
	if (f.blocked) {
		return (
			<p>
				{who} changes nothing now. {sentence(f.blocked)}
			</p>
		);
	}
	const rows = writes.flatMap(([write, when]) => {
		const outcome = f.outcomes.find((o) => o.write === write);
		const text = outcome && effect(outcome, user);
		const condition = f.pulled ? found(write, f.connection, user) : `If ${who} ${when}`;
		return text && condition ? [{ write, condition, text, rule: outcome.rule }] : [];
	});
	if (!rows.length) return <p>No request of {who} changes the state of the person.</p>;
	return (
		<dl className="next">
			{rows.map((r) => (
				<div key={r.write}>
					<dt>{r.condition}</dt>
					<dd>
						{r.text} {r.rule && <Rule id={r.rule} />}
					</dd>
				</div>
			))}
		</dl>
	);
}

/** What a write does, in a sentence; "" for what an operator expects anyway. */
function effect(o: Outcome, user: User): string {
	const suspended = user.state === "suspended";
	switch (o.result) {
		case "refused":
			if (o.write === "create" && !suspended) return "";
			return `It is refused, and nothing changes. ${sentence(o.message ?? "")}`;
		case "created":
			return "Another person is made, with a new id.";
		case "revived":
			return "Another person, who was suspended or deleted, comes back.";
		case "deleted":
			return "The person is deleted for good.";
	}
	if (o.gone && !user.gone) return "The person is suspended at once. The record is kept for a while.";
	if (o.state && o.state !== user.state) {
		if (o.state === "suspended") return "The person is suspended at once.";
		return `The suspension ends. The person is then: ${userStates[o.state].text.toLowerCase()}.`;
	}
	return suspended && o.write === "active" ? "The suspension holds until an operator releases the person." : "";
}
