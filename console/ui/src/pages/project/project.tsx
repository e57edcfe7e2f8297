// One Google project: the companies that it is attached to, its key, and its end.

import { useState } from "react";
import { useLocation, useParams as usePath } from "wouter";
import { useAction, useRead } from "../../api/query.ts";
import type { GoogleProject, GoogleProjectShare } from "../../api/schema.ts";
import { Action, Card, Code, Fact, Facts, Head, More, Name, Nothing, Time, To } from "../../parts/basic.tsx";
import { CompanyFind } from "../../parts/companies.tsx";
import { Box, Confirm, Consequences } from "../../parts/dialog.tsx";
import { Foresight } from "../../parts/foresight.tsx";
import { FormBox, Submit } from "../../parts/form.tsx";
import { Empty, View } from "../../parts/state.tsx";
import { type Column, Table } from "../../parts/table.tsx";
import { say } from "../../parts/toast.tsx";
import { tidy } from "../../parts/words.ts";
import { to, useTitle } from "../../shell/place.ts";
import { KeyInput } from "./key.tsx";

export default function ProjectPage() {
	const { project: raw } = usePath<{ project: string }>();
	const name = decodeURIComponent(raw ?? "");
	const project = useRead("get-google-project", { path: { project: name } });
	useTitle(`Google project · ${name}`);
	return (
		<View reading={project} what="The Google project" level={1}>
			{(g) => (
				<>
					<ProjectHead project={g} />
					<div className="columns-2-1">
						<Companies project={g} />
						<Card title="The key">
							<Facts>
								<Fact name="Service account">
									<Name text={g.account} short />
								</Fact>
								<Fact name="Client ID">{g.client_id ? <Code text={g.client_id} what="client ID" /> : <Nothing />}</Fact>
								<Fact name="Key">
									<span className="mono">{g.key_id}</span>
								</Fact>
								<Fact name="Given">
									<Time at={g.key_created} />
								</Fact>
							</Facts>
							<p className="card-pad about">Each company enters the client ID in its Google Admin console, under domain-wide delegation.</p>
						</Card>
					</div>
				</>
			)}
		</View>
	);
}

function ProjectHead({ project: g }: { project: GoogleProject }) {
	const [, go] = useLocation();
	const [dialog, setDialog] = useState<"key" | "delete">();
	const close = () => setDialog(undefined);
	const remove = useAction("delete-google-project", () => {
		say("The Google project is deleted.");
		go(to.projects);
	});
	return (
		<>
			<Head title={<Name text={g.name} />} sub={<To href={to.projects}>Google projects</To>}>
				<Action icon="key" right="project.manage" onPress={() => setDialog("key")}>
					Replace the key
				</Action>
				<More
					label={`Actions for ${g.name}`}
					choices={[{ id: "delete", text: "Delete", icon: "trash", danger: true, right: "project.manage", run: () => setDialog("delete") }]}
				/>
			</Head>
			<Box title="Replace the key" open={dialog === "key"} close={close} firm>
				{dialog === "key" && <Rotate project={g} close={close} />}
			</Box>
			<Confirm
				title={`Delete the Google project ${g.name}?`}
				open={dialog === "delete"}
				close={() => {
					remove.clear();
					close();
				}}
				verb="Delete"
				danger
				failure={remove.failure}
				running={remove.running}
				run={() => void remove.run({ path: { project: g.name } })}
			>
				<Consequences items={["It is detached from all companies, and its key is deleted.", "No person loses access."]} />
				<Foresight operation="delete-google-project" ask={{ path: { project: g.name } }} on={dialog === "delete"} />
			</Confirm>
		</>
	);
}

function Rotate({ project: g, close }: { project: GoogleProject; close: () => void }) {
	const [credentials, setCredentials] = useState("");
	const rotate = useAction("rotate-google-project", () => {
		say("The key is replaced, for all companies from their next run on.");
		close();
	});
	return (
		<FormBox failure={rotate.failure} submit={() => void rotate.run({ path: { project: g.name }, body: { credentials } })}>
			<KeyInput value={credentials} set={setCredentials} autoFocus />
			<Submit running={rotate.running} cancel={close} right="project.manage">
				Replace
			</Submit>
		</FormBox>
	);
}

const columns: Column<GoogleProjectShare>[] = [
	{ id: "tenant", title: "Company", cell: (s) => <Name text={s.tenant_name} short /> },
	{
		id: "connections",
		title: "Connections",
		cell: (s) =>
			s.connections.length ? (
				s.connections.map((c, i) => (
					<span key={c}>
						{i > 0 && ", "}
						<To href={to.connection(c)}>{c}</To>
					</span>
				))
			) : (
				<Nothing />
			),
	},
	{ id: "attached", title: "Since", from: "tablet", cell: (s) => <Time at={s.attached} /> },
];

function Companies({ project: g }: { project: GoogleProject }) {
	const [sharing, setSharing] = useState(false);
	const [leaving, setLeaving] = useState<GoogleProjectShare>();
	return (
		<div className="stack">
			<div className="row">
				<Action icon="plus" right="project.manage" onPress={() => setSharing(true)}>
					Share with a company
				</Action>
			</div>
			<Table
				name="project-companies"
				label="Companies of the Google project"
				loose
				list={{
					rows: g.tenants,
					data: g,
					isPending: false,
					isFetching: false,
					isError: false,
					error: null,
					refetch: () => undefined,
					dataUpdatedAt: Date.now(),
				}}
				columns={columns}
				rowKey={(s) => s.tenant}
				empty={
					<Empty icon="building" title="No company">
						It is attached to no company that you have access to. Share it with one.
					</Empty>
				}
				menu={(s) => (
					<More
						label={`Actions for ${tidy(s.tenant_name)}`}
						choices={[{ id: "detach", text: "Detach", icon: "leave", danger: true, right: "project.manage", run: () => setLeaving(s) }]}
					/>
				)}
			/>
			<Box title={`Share ${g.name} with a company`} open={sharing} close={() => setSharing(false)}>
				{sharing && <Share project={g} close={() => setSharing(false)} />}
			</Box>
			<Detach project={g} share={leaving} close={() => setLeaving(undefined)} />
		</div>
	);
}

function Share({ project: g, close }: { project: GoogleProject; close: () => void }) {
	const [tenant, setTenant] = useState("");
	const share = useAction("share-google-project", () => {
		say("It is attached. A connection of the company may use it from now on.");
		close();
	});
	return (
		<FormBox failure={share.failure} submit={() => void share.run({ path: { project: g.name, tenant } })}>
			<CompanyFind value={tenant} onChange={setTenant} />
			<p className="about">The key stays with you. The company does not see it.</p>
			<Submit running={share.running} cancel={close} right="project.manage" not={tenant ? undefined : "Choose a company."}>
				Share
			</Submit>
		</FormBox>
	);
}

function Detach({ project: g, share, close }: { project: GoogleProject; share: GoogleProjectShare | undefined; close: () => void }) {
	const detach = useAction("detach-google-project", () => {
		say(`${tidy(share?.tenant_name ?? "") || "The company"} is detached from ${g.name}.`);
		close();
	});
	const path = { project: g.name, tenant: share?.tenant ?? "" };
	return (
		<Confirm
			title={
				<>
					Detach <Name text={share?.tenant_name ?? ""} /> from {g.name}?
				</>
			}
			open={share !== undefined}
			close={() => {
				detach.clear();
				close();
			}}
			verb="Detach"
			danger
			failure={detach.failure}
			running={detach.running}
			run={() => share && void detach.run({ path })}
		>
			<Consequences items={["What was kept of the project for this company is deleted.", "No person loses access."]} />
			<Foresight operation="detach-google-project" ask={{ path }} on={share !== undefined} />
		</Confirm>
	);
}
