// Disconnecting: what would happen in numbers, then the disconnection.

import { useState } from "react";
import { useLocation } from "wouter";
import { useAction, useRead } from "../../api/query.ts";
import type { Connection, Disconnection } from "../../api/schema.ts";
import { Action, Card, Name, Note, Scroll, useLack } from "../../parts/basic.tsx";
import { Confirm, Consequences } from "../../parts/dialog.tsx";
import { Choose } from "../../parts/form.tsx";
import { Rule } from "../../parts/rule.tsx";
import { View } from "../../parts/state.tsx";
import { say } from "../../parts/toast.tsx";
import { count, exact, many, people, userStates } from "../../parts/words.ts";
import { to, useParams } from "../../shell/place.ts";

type Mode = Disconnection["mode"];

export function Disconnect({ connection: c }: { connection: Connection }) {
	const [params, set] = useParams();
	const mode = (params.get("mode") as Mode) || c.ending?.mode || "finalise";
	const preview = useRead("preview-disconnect", { path: { connection: c.slug }, query: { mode, limit: 100 } }, { keep: true });
	return (
		<div className="stack">
			<p className="page-sub">Disconnecting ends the integration for good. Choose what happens to the people, and look at the preview.</p>
			<Choose
				label="What happens to the people"
				name="mode"
				value={mode}
				onChange={(next) => set({ mode: next })}
				required
				not={c.ending ? `It was begun as “${c.ending.mode}” by ${c.ending.by}, ${exact(c.ending.since)}.` : undefined}
				options={[
					{
						id: "finalise",
						text: "They become local",
						about: "They keep their state, their seats and their groups. From then on they are managed by hand.",
					},
					{ id: "terminate", text: "They are suspended", about: "Their seats become free. Auto-delete deletes them later, if it is on." },
				]}
			/>
			<View reading={preview} what="The preview">
				{(p) => <Preview connection={c} preview={p} again={() => void preview.refetch()} />}
			</View>
		</div>
	);
}

function Preview({ connection: c, preview: p, again }: { connection: Connection; preview: Disconnection; again: () => void }) {
	const [asked, setAsked] = useState(false);
	const [, go] = useLocation();
	const lack = useLack("connection.manage");
	const disconnect = useAction("disconnect-connection");
	const run = async (reason: string) => {
		const done = await disconnect.run({
			path: { connection: c.slug },
			body: { mode: p.mode, digest: p.digest, reason: reason || undefined },
		});
		if (!done) {
			again();
			return;
		}
		setAsked(false);
		if (done.done) {
			say(`${c.slug} is disconnected.`);
			go(to.company(c.tenant, "connections"));
		} else say("The work continues in the background.");
	};
	const facts = [
		p.mode === "finalise"
			? `${people(p.users)} become local and stay as they are.`
			: `${people(p.suspends)} ${p.suspends === 1 ? "is" : "are"} suspended now, and as many seats become free.`,
		p.suspended > 0 &&
			`${people(p.suspended)} ${p.suspended === 1 ? "is" : "are"} suspended already and ${p.suspended === 1 ? "stays" : "stay"} so.`,
		p.gone > 0 && `${people(p.gone)} were deleted by the identity provider and stay in grace.`,
		p.groups > 0 && `${many(p.groups, "group becomes", "groups become")} local with ${p.groups === 1 ? "its" : "their"} members.`,
		p.grants_kept > 0 && `${many(p.grants_kept, "role by mapping becomes a role", "roles by mapping become roles")} of their own.`,
		p.grants_taken > 0 && `${many(p.grants_taken, "role by mapping ends", "roles by mapping end")}.`,
		p.credentials > 0 && `${many(p.credentials, "credential is", "credentials are")} revoked at once.`,
		p.held > 0 && `${many(p.held, "held removal is", "held removals are")} dropped.`,
		p.mode === "terminate" &&
			(p.auto_delete_days
				? `After ${many(p.auto_delete_days, "day", "days")} the suspended are deleted.`
				: "No person is deleted automatically: auto-delete is off."),
		"The connection and its slug are gone. This cannot be undone.",
	];
	return (
		<>
			{p.begun && (
				<Note tone="warn">
					It was begun {exact(p.begun.since)} by {p.begun.by}. This page shows what is left. It continues automatically as soon as nothing
					prevents it.
				</Note>
			)}
			{p.unusual && (
				<Note tone="warn">
					{count(p.suspends)} suspensions go beyond the {count(p.brake_limit)} that are usual within an hour. They are reported and not
					held, because you decide.
				</Note>
			)}
			<Card title="What happens">
				<Consequences items={facts} />
			</Card>
			{p.refused.length > 0 && (
				<Card title="What prevents it" tone="bad">
					<ul className="todo">
						{p.refused.map((r) => (
							<li key={r.user}>
								<Name text={r.user_name} short />: {r.reason} <Rule id={r.rule} />
							</li>
						))}
					</ul>
				</Card>
			)}
			{p.people.length > 0 && (
				<Card title={p.next ? `The first ${count(p.people.length)} people` : "The people"} flush>
					<Scroll label="The people" high>
						<table className="mini">
							<thead>
								<tr>
									<th scope="col">Person</th>
									<th scope="col">Now</th>
									<th scope="col">Then</th>
								</tr>
							</thead>
							<tbody>
								{p.people.map((u) => (
									<tr key={u.user}>
										<th scope="row">
											<Name text={u.user_name} short />
										</th>
										<td className="cell-word">{userStates[u.state as keyof typeof userStates]?.text ?? u.state}</td>
										<td className="cell-word">{userStates[u.becomes as keyof typeof userStates]?.text ?? u.becomes}</td>
									</tr>
								))}
							</tbody>
						</table>
					</Scroll>
				</Card>
			)}
			<div className="form-foot">
				<Action
					look="danger"
					not={lack ?? (p.refused.length ? "Remove what prevents it first." : undefined)}
					onPress={() => setAsked(true)}
				>
					{p.begun ? "Go on now" : "Disconnect"}
				</Action>
			</div>
			<Confirm
				title={`Disconnect ${c.slug}?`}
				open={asked}
				close={() => {
					disconnect.clear();
					setAsked(false);
				}}
				verb="Disconnect"
				danger
				reason="may"
				typed={c.slug}
				failure={disconnect.failure}
				running={disconnect.running}
				run={(reason) => void run(reason)}
			>
				<Consequences items={[...facts.slice(0, 3), facts.at(-1)]} />
			</Confirm>
		</>
	);
}
