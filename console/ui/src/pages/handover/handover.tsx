// Handing a company over: what prevents it, the hand-over, the bundle, and the way back.

import { useState } from "react";
import { downloadURL } from "../../api/client.ts";
import { useAction, useList, useRead } from "../../api/query.ts";
import type { HandoverState, Overview } from "../../api/schema.ts";
import { Action, Badge, Card, Code, Download, Fact, Facts, Name, Note, To, useLack } from "../../parts/basic.tsx";
import { Confirm, Consequences } from "../../parts/dialog.tsx";
import { FormBox, Submit, TextInput } from "../../parts/form.tsx";
import { Icon } from "../../parts/icon.tsx";
import { CompanyName } from "../../parts/names.tsx";
import { View } from "../../parts/state.tsx";
import { say } from "../../parts/toast.tsx";
import { exact, many, people, tenantStates } from "../../parts/words.ts";
import { to } from "../../shell/place.ts";
import type { SectionProps } from "../company/company.tsx";
import { DeleteCompany } from "./deletion.tsx";

export default function HandOver({ company, overview }: SectionProps) {
	const state = useRead("get-handover", { path: { tenant: company } }, { every: 10_000 });
	return (
		<div className="narrow">
			<View reading={state}>
				{(s) =>
					s.status === "active" ? (
						<>
							<Before company={company} overview={overview} />
							<DeleteCompany company={company} />
						</>
					) : (
						<After company={company} state={s} />
					)
				}
			</View>
		</div>
	);
}

function Before({ company, overview }: { company: string; overview: Overview }) {
	const owners = useList("list-members", { path: { tenant: company, group: "owners" } });
	const [asked, setAsked] = useState(false);
	const lack = useLack("tenant.hand_over");
	const unlink = useAction("unlink-tenant", () => say("The company is being handed over."));
	const n = owners.rows?.length ?? 0;
	const { tenant } = overview;
	const active = tenant.users.active ?? 0;
	return (
		<>
			<p className="page-sub">
				A signed bundle takes the people, groups and history of the company to another installation, which imports it with{" "}
				<strong>Link from a bundle</strong>.
			</p>
			<Card title="What it needs">
				<ul className="todo">
					<li>
						<Icon name={n > 0 ? "check" : "warning"} size={14} />{" "}
						{n > 0 ? (
							`It has ${many(n, "Owner", "Owners")} of its own.`
						) : (
							<>
								It needs an active Owner of its own. <To href={to.group(company, "owners")}>Name one</To>
							</>
						)}
					</li>
					<li>
						<Icon name="info" size={14} />{" "}
						{tenant.data_region
							? `Its data is kept in ${tenant.data_region}. An installation of another region refuses it.`
							: "Its data region is not stated."}
					</li>
				</ul>
			</Card>
			<div className="form-foot">
				<Action look="danger" not={lack} onPress={() => setAsked(true)}>
					Hand over
				</Action>
			</div>
			<Confirm
				title={
					<>
						Hand <Name text={tenant.name} short /> over?
					</>
				}
				open={asked}
				close={() => {
					unlink.clear();
					setAsked(false);
				}}
				verb="Hand over"
				danger
				reason="may"
				typed={company}
				failure={unlink.failure}
				running={unlink.running}
				run={async (reason) => (await unlink.run({ path: { tenant: company }, body: { reason: reason || undefined } })) && setAsked(false)}
			>
				<Consequences
					items={[
						`${many(tenant.connections.length, "connection is", "connections are")} closed and all credentials are revoked.`,
						"All operators lose their access.",
						`Applications get nothing more about its ${people(active)}, and learn that the company left.`,
						"The bundle can be downloaded. The data stays for a grace time, and the company can be taken back until then.",
					]}
				/>
			</Confirm>
		</>
	);
}

function After({ company, state: s }: { company: string; state: HandoverState }) {
	const [manifest, setManifest] = useState("");
	const [asked, setAsked] = useState(false);
	const lack = useLack("tenant.hand_over");
	const confirm = useAction("confirm-bundle", () => say("It is confirmed that the bundle arrived."));
	const back = useAction("take-back-tenant", () => say("The company is served again."));
	return (
		<>
			<Card title="Hand-over" actions={<Badge word={tenantStates[s.status] ?? { text: s.status, tone: "quiet" }} />}>
				<Facts>
					{s.since && (
						<Fact name="Begun">
							{exact(s.since)} {s.by && `by ${s.by}`}
						</Fact>
					)}
					{s.reason && <Fact name="Reason">{s.reason}</Fact>}
					{s.until && <Fact name="Kept until">{exact(s.until)}</Fact>}
					{s.confirmed && <Fact name="Receipt confirmed">{exact(s.confirmed)}</Fact>}
					{s.gone && <Fact name="Erased">{exact(s.gone)}</Fact>}
					{s.manifest && (
						<Fact name="Manifest">
							<Code text={s.manifest} what="the manifest" block />
						</Fact>
					)}
				</Facts>
				{s.status !== "gone" && (
					<div className="row">
						{lack ? (
							<Note>{lack}</Note>
						) : (
							<Download href={downloadURL("get-bundle", { path: { tenant: company } })}>Download the bundle</Download>
						)}
						<Action right="tenant.hand_over" onPress={() => setAsked(true)}>
							Take it back
						</Action>
					</div>
				)}
			</Card>
			{s.status === "unlinked" && !s.confirmed && (
				<Card title="Confirm that the other installation has it">
					<FormBox
						failure={confirm.failure}
						submit={() => void confirm.run({ path: { tenant: company }, body: { manifest: manifest.trim() } })}
					>
						<p>
							The other installation shows the manifest of the bundle after it has imported the company. The same manifest here proves that
							the bundle arrived complete.
						</p>
						<TextInput label="Manifest" name="manifest" value={manifest} onChange={setManifest} required mono not={lack} />
						<Submit running={confirm.running} right="tenant.hand_over">
							Confirm
						</Submit>
					</FormBox>
				</Card>
			)}
			<Confirm
				title={
					<>
						Take <CompanyName slug={company} /> back?
					</>
				}
				open={asked}
				close={() => {
					back.clear();
					setAsked(false);
				}}
				verb="Take it back"
				reason="may"
				failure={back.failure}
				running={back.running}
				run={async (reason) => (await back.run({ path: { tenant: company }, body: { reason: reason || undefined } })) && setAsked(false)}
			>
				<Consequences
					items={[
						"The company is served here again, as it was.",
						"Its connections need new credentials.",
						"If another installation serves it already, there are two copies: agree on one first.",
					]}
				/>
			</Confirm>
		</>
	);
}
