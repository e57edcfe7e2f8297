// The same verb for many people, one after the other, with a result for each.

import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { call, failureOf } from "../../api/client.ts";
import type { User } from "../../api/schema.ts";
import { Action, Name, Note, Scroll, Tag } from "../../parts/basic.tsx";
import { Box, Consequences } from "../../parts/dialog.tsx";
import { Choose, FormBox, Submit, TextInput } from "../../parts/form.tsx";
import { count, many, people as peopleWord } from "../../parts/words.ts";

export type BulkVerb = "suspend" | "release" | "confirm" | "resend" | "member" | "guest" | "delete";

const words: Record<BulkVerb, { title: string; verb: string; text: string[] }> = {
	suspend: {
		title: "Suspend",
		verb: "Suspend",
		text: ["Their seats are free at once, and applications are told to end their sessions.", "Memberships are kept."],
	},
	release: { title: "Release", verb: "Release", text: ["Whoever is suspended is active again, if there is a seat."] },
	confirm: { title: "Confirm", verb: "Confirm", text: ["Whoever has accepted an invitation may sign in from now on."] },
	resend: { title: "Send the invitation again to", verb: "Send", text: ["Whoever is invited gets another link. The earlier one ends."] },
	member: { title: "Make members of", verb: "Make members", text: ["Each needs a member's seat."] },
	guest: { title: "Make guests of", verb: "Make guests", text: ["They leave Team Members. A guest may be in few groups only."] },
	delete: {
		title: "Delete",
		verb: "Delete for good",
		text: ["Only whoever is suspended, and let go by the identity provider, can be deleted.", "This cannot be undone."],
	},
};

function act(verb: BulkVerb, tenant: string, user: string, mode: string, reason: string): Promise<unknown> {
	const path = { tenant, user };
	switch (verb) {
		case "suspend":
			return call("suspend-user", { path, body: { mode: mode as "yield", reason: reason || undefined } });
		case "release":
			return call("release-user", { path });
		case "confirm":
			return call("confirm-user", { path });
		case "resend":
			return call("resend-invitation", { path });
		case "member":
		case "guest":
			return call("convert-user", { path, body: { type: verb } });
		case "delete":
			return call("delete-user", { path, query: { reason: reason || undefined } });
	}
}

type Result = { user: User; why?: string };

/** How many calls are under way at once. */
const atOnce = 4;

export function Bulk({
	company,
	verb,
	people,
	close,
}: {
	company: string;
	verb: BulkVerb | undefined;
	people: User[];
	close: (done: boolean) => void;
}) {
	const [mode, setMode] = useState("yield");
	const [reason, setReason] = useState("");
	const [results, setResults] = useState<Result[]>();
	const [running, setRunning] = useState(false);
	const cache = useQueryClient();
	useEffect(() => {
		if (verb) {
			setResults(undefined);
			setReason("");
			setMode("yield");
		}
	}, [verb]);
	const w = words[verb ?? "suspend"];
	const run = async () => {
		if (!verb || running) return;
		setRunning(true);
		const out: Result[] = [];
		const queue = [...people];
		const work = async () => {
			for (let user = queue.shift(); user; user = queue.shift()) {
				try {
					await act(verb, company, user.id, mode, reason.trim());
					out.push({ user });
				} catch (error) {
					out.push({ user, why: failureOf(error).message });
				}
				setResults([...out]);
			}
		};
		// The first goes alone: if it wants a proof, that is asked for once.
		const first = queue.shift();
		if (first) {
			try {
				await act(verb, company, first.id, mode, reason.trim());
				out.push({ user: first });
			} catch (error) {
				out.push({ user: first, why: failureOf(error).message });
			}
			setResults([...out]);
		}
		await Promise.all(Array.from({ length: atOnce }, work));
		await cache.invalidateQueries();
		setRunning(false);
	};
	const refused = results?.filter((r) => r.why) ?? [];
	return (
		<Box
			title={`${w.title} ${peopleWord(people.length || (results?.length ?? 0))}`}
			open={verb !== undefined}
			close={() => close(results !== undefined)}
			stuck={running}
			wide={results !== undefined}
		>
			{results ? (
				<>
					<Note tone={running ? "info" : refused.length ? "warn" : "good"}>
						{running
							? `${count(results.length)} of ${count(people.length)} done…`
							: `${many(results.length - refused.length, "person is", "people are")} done${refused.length ? `, ${count(refused.length)} not` : ""}.`}
					</Note>
					{refused.length > 0 && (
						<Scroll label="Who was not done" high>
							<table className="mini">
								<thead>
									<tr>
										<th scope="col">Person</th>
										<th scope="col">Why not</th>
									</tr>
								</thead>
								<tbody>
									{refused.map((r) => (
										<tr key={r.user.id}>
											<th scope="row">
												<Name text={r.user.user_name} short />
											</th>
											<td>{r.why}</td>
										</tr>
									))}
								</tbody>
							</table>
						</Scroll>
					)}
					<div className="form-foot">
						<Action look="primary" running={running} onPress={() => close(true)}>
							Close
						</Action>
					</div>
				</>
			) : (
				<FormBox submit={() => void run()}>
					<Consequences items={w.text} />
					{verb === "suspend" && (
						<Choose
							label="When the identity provider says “active” again"
							name="mode"
							value={mode}
							onChange={setMode}
							required
							options={[
								{ id: "yield", text: "The person comes back", about: "At its next write that states active." },
								{ id: "hold", text: "The person stays suspended", about: "Until an operator releases the suspension." },
							]}
						/>
					)}
					{(verb === "suspend" || verb === "delete") && (
						<TextInput
							label="Reason"
							name="reason"
							value={reason}
							onChange={setReason}
							lines={2}
							maxLength={500}
							about="It stands in the audit trail."
						/>
					)}
					<p className="row">
						{people.slice(0, 12).map((u) => (
							<Tag key={u.id}>
								<Name text={u.user_name} short />
							</Tag>
						))}
						{people.length > 12 && <span className="faint">and {count(people.length - 12)} more</span>}
					</p>
					<Submit cancel={() => close(false)} danger={verb === "delete" || verb === "suspend"}>
						{w.verb}
					</Submit>
				</FormBox>
			)}
		</Box>
	);
}
