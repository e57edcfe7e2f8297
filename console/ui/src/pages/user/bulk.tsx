// The same action for many people: the server makes one preview, and then does exactly that, in one transaction.

import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { call, type Failure } from "../../api/client.ts";
import { useAction } from "../../api/query.ts";
import type { BulkReport, BulkRow, User } from "../../api/schema.ts";
import { Action, Name, Note, Scroll, Tag } from "../../parts/basic.tsx";
import { Box, Consequences } from "../../parts/dialog.tsx";
import { Choose, FormBox, Submit, TextInput } from "../../parts/form.tsx";
import { Rule } from "../../parts/rule.tsx";
import { Failed, Skeleton } from "../../parts/state.tsx";
import { say } from "../../parts/toast.tsx";
import { count, many, people as peopleWord, sentence, type Tone } from "../../parts/words.ts";

export type BulkVerb = "suspend" | "release" | "confirm" | "resend" | "member" | "guest" | "delete";

const words: Record<BulkVerb, { title: string; verb: string; right: string; text: string[] }> = {
	suspend: {
		title: "Suspend",
		verb: "Suspend",
		right: "user.suspend",
		text: ["Their seats are free at once, and applications are told to end their sessions.", "Memberships are kept."],
	},
	release: { title: "Release", verb: "Release", right: "user.suspend", text: ["A suspended person is active again, if there is a seat."] },
	confirm: {
		title: "Confirm",
		verb: "Confirm",
		right: "user.manage",
		text: ["A person who has accepted an invitation may sign in from now on."],
	},
	resend: {
		title: "Send the invitation again to",
		verb: "Send",
		right: "user.manage",
		text: ["A person who is invited gets another link. The earlier one ends."],
	},
	member: { title: "Make members of", verb: "Make members", right: "user.manage", text: ["Each needs a member's seat."] },
	guest: {
		title: "Make guests of",
		verb: "Make guests",
		right: "user.manage",
		text: ["They leave Team Members. A guest may be in few groups only."],
	},
	delete: { title: "Delete", verb: "Delete for good", right: "user.delete", text: ["This cannot be undone."] },
};

const operations = {
	suspend: "bulk-suspend-users",
	release: "bulk-release-users",
	confirm: "bulk-confirm-users",
	resend: "bulk-invite-users",
	member: "bulk-convert-users",
	guest: "bulk-convert-users",
	delete: "bulk-delete-users",
} as const;

/** How many people one request may name. */
const most = 500;

interface Asked {
	verb: BulkVerb;
	tenant: string;
	users: string[];
	mode: string;
	reason?: string;
	expect?: string;
}

/** Asks for a preview, or with expect does exactly what a preview said. Those who are refused are left out. */
function ask({ verb, tenant, users, mode, reason, expect }: Asked) {
	return {
		path: { tenant },
		body: {
			users,
			skip_refused: true,
			reason: reason || undefined,
			expect,
			...(verb === "suspend" ? { mode: mode as "yield" } : {}),
			...(verb === "member" || verb === "guest" ? { type: verb as "member" } : {}),
		} as { users: string[]; type: "member" },
	};
}

export function Bulk({
	company,
	verb,
	people,
	close,
}: {
	company: string;
	verb: BulkVerb | undefined;
	people: Pick<User, "id">[];
	close: (done: boolean) => void;
}) {
	const [done, setDone] = useState<BulkReport>();
	useEffect(() => {
		if (verb) setDone(undefined);
	}, [verb]);
	const w = words[verb ?? "suspend"];
	return (
		<Box
			title={`${w.title} ${peopleWord(done?.rows.length ?? people.length)}`}
			open={verb !== undefined}
			close={() => close(done !== undefined)}
			wide
			firm
		>
			{done ? (
				<Result report={done} close={() => close(true)} />
			) : people.length > most ? (
				<Note tone="warn">At most {count(most)} people at once. Select fewer.</Note>
			) : (
				verb && <Plan company={company} verb={verb} people={people} done={setDone} cancel={() => close(false)} />
			)}
		</Box>
	);
}

function Plan({
	company,
	verb,
	people,
	done,
	cancel,
}: {
	company: string;
	verb: BulkVerb;
	people: Pick<User, "id">[];
	done: (report: BulkReport) => void;
	cancel: () => void;
}) {
	const [mode, setMode] = useState("yield");
	const [reason, setReason] = useState("");
	const [moved, setMoved] = useState(false);
	const [asked] = useState(() => people.map((u) => u.id));
	const w = words[verb];
	const what = { verb, tenant: company, users: asked, mode };
	const preview = useQuery<BulkReport, Failure>({
		queryKey: ["bulk", what],
		queryFn: () => call(operations[verb], ask(what)),
		retry: false,
		gcTime: 0,
		placeholderData: (previous) => previous,
	});
	const act = useAction(operations[verb]);
	const report = preview.data;
	const run = async () => {
		if (!report) return;
		const applied = await act.run(ask({ ...what, reason: reason.trim(), expect: report.digest }));
		if (applied) {
			const changed = applied.rows.flatMap((r) => (r.effect === "change" && r.user ? [r.user] : []));
			if (verb === "suspend" && changed.length > 0) {
				say(`${many(changed.length, "person is", "people are")} suspended.`, {
					run: () => releaseAgain(company, changed),
					said: `${many(changed.length, "person is", "people are")} active again.`,
				});
			}
			done(applied);
			return;
		}
		// The result may be another one by now: the new preview is shown, and nothing was done.
		const fresh = await preview.refetch();
		setMoved(fresh.data !== undefined && fresh.data.digest !== report.digest);
	};
	if (!report) return preview.isError ? <Failed error={preview.error} retry={() => preview.refetch()} /> : <Skeleton rows={4} />;
	const change = report.counts.change ?? 0;
	return (
		<FormBox failure={moved ? undefined : act.failure} submit={() => void run()}>
			{moved && <Note tone="warn">The company changed meanwhile. Nothing was done; this is what would happen now.</Note>}
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
			<Rows report={report} />
			{(verb === "suspend" || verb === "delete") && (
				<TextInput
					label="Reason"
					name="reason"
					value={reason}
					onChange={setReason}
					lines={2}
					maxLength={500}
					about="It is recorded in the audit trail."
				/>
			)}
			<Submit
				running={act.running}
				cancel={cancel}
				danger={verb === "delete" || verb === "suspend"}
				right={w.right}
				not={change ? undefined : "Nothing would change."}
			>
				{change && change < report.rows.length ? `${w.verb}: ${count(change)} of ${count(report.rows.length)}` : w.verb}
			</Submit>
		</FormBox>
	);
}

/** Releases those whom a suspension of many has suspended: all of them, or none. */
async function releaseAgain(company: string, users: string[]): Promise<void> {
	const path = { tenant: company };
	const seen = await call("bulk-release-users", { path, body: { users } });
	await call("bulk-release-users", { path, body: { users, expect: seen.digest } });
}

const effects: Record<BulkRow["effect"], { text: string; tone: Tone }> = {
	change: { text: "Changes", tone: "info" },
	unchanged: { text: "Stays", tone: "quiet" },
	refuse: { text: "Refused", tone: "bad" },
};

function Rows({ report }: { report: BulkReport }) {
	const { seats } = report;
	return (
		<>
			<p>
				Seats in use: <strong className="number">{count(seats.before)}</strong> → <strong className="number">{count(seats.after)}</strong>
				{seats.limit ? ` of ${count(seats.limit)}` : ""}
			</p>
			<Scroll label="What happens to each" high>
				<table className="mini">
					<thead>
						<tr>
							<th scope="col">Person</th>
							<th scope="col">Effect</th>
							<th scope="col">What happens later, or why not</th>
						</tr>
					</thead>
					<tbody>
						{report.rows.map((r) => (
							<tr key={r.user ?? r.user_name}>
								<th scope="row">
									<Name text={r.user_name} short />
								</th>
								<td>
									<Tag tone={effects[r.effect].tone}>{effects[r.effect].text}</Tag>
								</td>
								<td className="loose">
									{r.detail ? sentence(r.detail) : r.notice ? sentence(r.notice) : ""}
									{r.rule && <Rule id={r.rule} />}
								</td>
							</tr>
						))}
					</tbody>
				</table>
			</Scroll>
		</>
	);
}

function Result({ report, close }: { report: BulkReport; close: () => void }) {
	const refused = report.counts.refuse ?? 0;
	return (
		<>
			<Note tone={refused ? "warn" : "good"}>
				{many(report.counts.change ?? 0, "person is", "people are")} done
				{refused > 0 && `, ${count(refused)} refused`}.
			</Note>
			{refused > 0 && <Rows report={{ ...report, rows: report.rows.filter((r) => r.effect === "refuse") }} />}
			<div className="form-foot">
				<Action look="primary" onPress={close}>
					Close
				</Action>
			</div>
		</>
	);
}
