// Requests to delete people for good, which an Owner decides.

import { useState } from "react";
import { useAction, useList } from "../../api/query.ts";
import type { DeletionRequest } from "../../api/schema.ts";
import { Action, Name, Tag, Time } from "../../parts/basic.tsx";
import { Box, Consequences } from "../../parts/dialog.tsx";
import { Chips, FormBox, Search, Submit, TextInput, Tick } from "../../parts/form.tsx";
import { actorName } from "../../parts/sentence.tsx";
import { Empty } from "../../parts/state.tsx";
import { type Column, Table, TableBar } from "../../parts/table.tsx";
import { say } from "../../parts/toast.tsx";
import { type Tone, tidy } from "../../parts/words.ts";
import { to, useParams } from "../../shell/place.ts";
import type { SectionProps } from "../company/company.tsx";

const states: Record<DeletionRequest["status"], { text: string; tone: Tone }> = {
	pending: { text: "Waiting", tone: "warn" },
	approved: { text: "Approved", tone: "good" },
	rejected: { text: "Rejected", tone: "quiet" },
	expired: { text: "Expired", tone: "quiet" },
	obsolete: { text: "Obsolete", tone: "quiet" },
};

export default function Requests({ company }: SectionProps) {
	const [params, set] = useParams();
	const status = params.get("status") ?? "";
	const q = params.get("q") ?? "";
	const list = useList("list-deletion-requests", {
		path: { tenant: company },
		query: { q, status: (status || undefined) as DeletionRequest["status"] | undefined },
	});
	const [deciding, setDeciding] = useState<{ request: DeletionRequest; approve: boolean }>();
	const clear = () => set({ status: undefined, q: undefined });
	const columns: Column<DeletionRequest>[] = [
		{ id: "person", title: "Person", cell: (r) => <Name text={r.user_name} short /> },
		{ id: "status", title: "Status", cell: (r) => <Tag tone={states[r.status].tone}>{states[r.status].text}</Tag> },
		{ id: "reason", title: "Reason", from: "tablet", cell: (r) => <Name text={r.reason} short /> },
		{ id: "by", title: "Asked by", from: "desktop", cell: (r) => <Name text={actorName(r.by)} short /> },
		{ id: "created", title: "Asked", from: "laptop", cell: (r) => <Time at={r.created} /> },
		{ id: "expires", title: "Expires", from: "desktop", cell: (r) => (r.status === "pending" ? <Time at={r.expires} /> : "") },
		{
			id: "decided",
			title: "Decided",
			from: "desktop",
			cell: (r) =>
				r.decided_at ? (
					<>
						<Time at={r.decided_at} /> {r.decided_by && <>by {tidy(r.decided_by)}</>}{" "}
						{r.answer && <span className="faint">{r.answer}</span>}
					</>
				) : (
					""
				),
		},
		{
			id: "decide",
			title: "Decision",
			cell: (r) =>
				r.status === "pending" && (
					<span className="row row-tight">
						<Action
							small
							look="danger"
							right="user.delete"
							onPress={() => setDeciding({ request: r, approve: true })}
							label={`Approve the deletion of ${r.user_name}`}
						>
							Approve
						</Action>
						<Action
							small
							right="user.delete"
							onPress={() => setDeciding({ request: r, approve: false })}
							label={`Reject the deletion of ${r.user_name}`}
						>
							Reject
						</Action>
					</span>
				),
		},
	];
	return (
		<>
			<TableBar filtered={status !== "" || q !== ""} clear={clear}>
				<Search label="Search deletion requests" placeholder="Person" value={q} onChange={(text) => set({ q: text })} />
				<Chips
					label="Status"
					value={status}
					onChange={(next) => set({ status: next })}
					options={[{ id: "", text: "All" }, ...Object.entries(states).map(([id, s]) => ({ id, text: s.text }))]}
				/>
			</TableBar>
			<Table
				name="requests"
				label="Deletion requests"
				list={list}
				columns={columns}
				rowKey={(r) => r.id}
				href={(r) => to.person(company, r.user)}
				filtered={status !== "" || q !== ""}
				clear={clear}
				empty={
					<Empty icon="trash" title="No deletion request">
						Administrators who may not delete ask for it on the page of a person. An Owner decides here.
					</Empty>
				}
			/>
			<Decide company={company} deciding={deciding} close={() => setDeciding(undefined)} />
		</>
	);
}

function Decide({
	company,
	deciding,
	close,
}: {
	company: string;
	deciding: { request: DeletionRequest; approve: boolean } | undefined;
	close: () => void;
}) {
	const [answer, setAnswer] = useState("");
	const [force, setForce] = useState(false);
	const approve = useAction("approve-deletion-request", () => say("The person is deleted."));
	const reject = useAction("reject-deletion-request", () => say("The request is rejected."));
	const yes = deciding?.approve ?? false;
	const current = yes ? approve : reject;
	const away = () => {
		approve.clear();
		reject.clear();
		setAnswer("");
		setForce(false);
		close();
	};
	const run = async () => {
		if (!deciding) return;
		const path = { tenant: company, request: deciding.request.id };
		const done = yes
			? await approve.run({ path, body: { answer: answer.trim() || undefined, force: force || undefined } })
			: await reject.run({ path, body: { answer: answer.trim() || undefined } });
		if (done) away();
	};
	return (
		<Box
			title={
				yes ? (
					<>
						Delete <Name text={deciding?.request.user_name ?? ""} short /> for good?
					</>
				) : (
					"Reject the request?"
				)
			}
			open={deciding !== undefined}
			close={away}
			alert={yes}
		>
			<FormBox failure={current.failure} submit={() => void run()}>
				<p>
					{deciding && actorName(deciding.request.by)} asked for it: “<Name text={deciding?.request.reason ?? ""} />”
				</p>
				{yes && (
					<>
						<Consequences
							items={[
								"The account is gone for good. This cannot be undone.",
								"The person must be suspended, and deprovisioned by the identity provider.",
							]}
						/>
						<Tick label="Delete although the identity provider still says “active”" checked={force} onChange={setForce} />
					</>
				)}
				<TextInput
					label="Answer"
					name="answer"
					value={answer}
					onChange={setAnswer}
					lines={2}
					maxLength={500}
					about="The administrator who asked can read it."
				/>
				<Submit running={current.running} cancel={away} danger={yes} right="user.delete">
					{yes ? "Delete for good" : "Reject"}
				</Submit>
			</FormBox>
		</Box>
	);
}
