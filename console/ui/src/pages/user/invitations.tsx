// Who is invited, and who has accepted and waits for a confirmation.

import { useState } from "react";
import { useList } from "../../api/query.ts";
import type { Invitation } from "../../api/schema.ts";
import { More, Name, Nothing, Tag, Time } from "../../parts/basic.tsx";
import { Chips } from "../../parts/form.tsx";
import { actorName } from "../../parts/sentence.tsx";
import { Empty } from "../../parts/state.tsx";
import { type Column, Table, TableBar } from "../../parts/table.tsx";
import { say, useQuick } from "../../parts/toast.tsx";
import type { Tone } from "../../parts/words.ts";
import { to, useParams } from "../../shell/place.ts";
import type { SectionProps } from "../company/company.tsx";
import { Bulk, type BulkVerb } from "./bulk.tsx";
import { nameOf } from "./words.tsx";

const states: Record<Invitation["status"], { text: string; tone: Tone }> = {
	sent: { text: "Sent", tone: "info" },
	expired: { text: "Expired", tone: "warn" },
	ended: { text: "Revoked", tone: "quiet" },
	accepted: { text: "Accepted", tone: "good" },
};

const mails: Record<string, { text: string; tone: Tone }> = {
	waiting: { text: "waiting", tone: "info" },
	parked: { text: "parked", tone: "bad" },
	sent: { text: "sent", tone: "quiet" },
};

const columns: Column<Invitation>[] = [
	{
		id: "person",
		title: "Person",
		cell: (i) => (
			<span className="two-lines">
				<Name text={nameOf(i.user)} short />
				<span className="faint">
					<Name text={i.to} short />
				</span>
			</span>
		),
	},
	{ id: "status", title: "Status", cell: (i) => <Tag tone={states[i.status].tone}>{states[i.status].text}</Tag> },
	{
		id: "mail",
		title: "Mail",
		from: "tablet",
		cell: (i) => (i.mail && mails[i.mail] ? <Tag tone={mails[i.mail]?.tone}>{mails[i.mail]?.text}</Tag> : <Nothing />),
	},
	{ id: "by", title: "Invited by", from: "laptop", cell: (i) => <Name text={actorName(i.by)} short /> },
	{ id: "at", title: "Invited", from: "laptop", cell: (i) => <Time at={i.at} /> },
	{ id: "expires", title: "Link ends", from: "tablet", cell: (i) => <Time at={i.expires} none="never" /> },
	{ id: "accepted", title: "Accepted", from: "desktop", cell: (i) => <Time at={i.accepted_at} none="not yet" /> },
];

function domainOf(address: string): string {
	return address.slice(address.lastIndexOf("@") + 1).toLowerCase();
}

export default function Invitations({ company }: SectionProps) {
	const [params, set] = useParams();
	const status = params.get("status") ?? "";
	const list = useList("list-invitations", {
		path: { tenant: company },
		query: { status: (status || undefined) as Invitation["status"] | undefined },
	});
	const resend = useQuick("resend-invitation", (i) => say(`A mail goes to ${i.to}.`));
	const revoke = useQuick("revoke-invitation", () => say("The invitation is revoked."));
	const confirm = useQuick("confirm-user", (u) => say(`${nameOf(u)} is confirmed.`));
	const [chosen, setChosen] = useState(new Set<string>());
	const [verb, setVerb] = useState<BulkVerb>();
	const clear = () => set({ status: undefined });
	/** Those of a domain who have accepted, of the rows that are loaded. */
	const ofDomain = (domain: string) => (list.rows ?? []).filter((i) => i.status === "accepted" && domainOf(i.to) === domain);
	const path = (i: Invitation) => ({ path: { tenant: company, user: i.user.id } });
	return (
		<>
			<TableBar views="invitations" filtered={status !== ""} clear={clear}>
				<Chips
					label="Status"
					value={status}
					onChange={(next) => set({ status: next })}
					options={[{ id: "", text: "All" }, ...Object.entries(states).map(([id, s]) => ({ id, text: s.text }))]}
				/>
			</TableBar>
			<Table
				name="invitations"
				label="Invitations"
				list={list}
				columns={columns}
				rowKey={(i) => i.user.id}
				href={(i) => to.person(company, i.user.id)}
				filtered={status !== ""}
				clear={clear}
				selection={{
					chosen,
					set: setChosen,
					actions: (
						<More
							label="For the selected"
							look="plain"
							choices={[
								{ id: "confirm", text: "Confirm", icon: "check", right: "user.manage", run: () => setVerb("confirm") },
								{ id: "resend", text: "Send again", icon: "mail", right: "user.manage", run: () => setVerb("resend") },
							]}
						>
							Act
						</More>
					),
				}}
				menu={(i) => (
					<More
						label={`Actions for ${nameOf(i.user)}`}
						choices={[
							{
								id: "confirm",
								text: "Confirm",
								icon: "check",
								right: "user.manage",
								not: i.status === "accepted" ? undefined : "It was not accepted yet.",
								run: () => void confirm.run(path(i)),
							},
							{
								id: "domain",
								text: `Confirm all of ${domainOf(i.to)}`,
								icon: "check",
								right: "user.manage",
								not: ofDomain(domainOf(i.to)).length ? undefined : "No one of this domain has accepted.",
								run: () => {
									setChosen(new Set(ofDomain(domainOf(i.to)).map((one) => one.user.id)));
									setVerb("confirm");
								},
							},
							{ id: "resend", text: "Send again", icon: "mail", right: "user.manage", run: () => void resend.run(path(i)) },
							{
								id: "revoke",
								text: "Revoke",
								icon: "close",
								danger: true,
								right: "user.manage",
								not: i.status === "sent" ? undefined : "There is no valid link.",
								run: () => void revoke.run(path(i)),
								apart: true,
							},
						]}
					/>
				)}
				empty={
					<Empty icon="mail" title="No invitations">
						People of this company are active at once, unless its onboarding setting is “invite” or you invite a person by hand.
					</Empty>
				}
			/>
			<Bulk
				company={company}
				verb={verb}
				people={(list.rows ?? []).filter((i) => chosen.has(i.user.id)).map((i) => i.user)}
				close={(done) => {
					setVerb(undefined);
					if (done) setChosen(new Set());
				}}
			/>
		</>
	);
}
