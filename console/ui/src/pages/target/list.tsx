// Targets: applications that people and groups are sent to, and how far each is.

import { useState } from "react";
import { useLocation } from "wouter";
import { useAction, useList } from "../../api/query.ts";
import type { Target, TargetProgress } from "../../api/schema.ts";
import { Action, Badge, Head, Name, Time } from "../../parts/basic.tsx";
import { CompanyList, CompanyNames } from "../../parts/companies.tsx";
import { Box } from "../../parts/dialog.tsx";
import { FormBox, Submit, TextInput, Toggle } from "../../parts/form.tsx";
import { Empty } from "../../parts/state.tsx";
import { type Column, Table } from "../../parts/table.tsx";
import { count, type Word } from "../../parts/words.ts";
import { to, useParams, useTitle } from "../../shell/place.ts";
import { blank, bodyOf, Credential, Fields, namesOf, Which } from "./form.tsx";

export const states: Record<TargetProgress["status"], Word> = {
	waiting: { text: "Not run yet", tone: "quiet" },
	active: { text: "In step", tone: "good" },
	failing: { text: "Failing", tone: "warn" },
	quarantined: { text: "Quarantined", tone: "bad" },
	paused: { text: "Paused", tone: "hold" },
};

const columns: Column<Target>[] = [
	{
		id: "name",
		title: "Name",
		cell: (t) => (
			<span className="two-lines">
				<Name text={t.name} short />
				<span className="faint">
					<Name text={t.url} short />
				</span>
			</span>
		),
	},
	{ id: "status", title: "Status", cell: (t) => <Badge word={states[t.status]} title={t.reason} /> },
	{ id: "companies", title: "Companies", from: "tablet", cell: (t) => (t.all ? "All" : <CompanyNames of={t} />) },
	{ id: "people", title: "People", from: "laptop", end: true, cell: (t) => count(t.users) },
	{ id: "pending", title: "Waiting", from: "tablet", end: true, cell: (t) => count(t.pending) },
	{ id: "parked", title: "Refused", from: "laptop", end: true, cell: (t) => count(t.parked) },
	{ id: "synced", title: "Up to date", from: "laptop", cell: (t) => <Time at={t.synced} none="never" /> },
];

export default function Targets() {
	useTitle("Targets");
	const [params, set] = useParams();
	const [, go] = useLocation();
	const list = useList("list-targets", {}, { every: 10_000 });
	const add = (
		<Action look="primary" icon="plus" right="target.manage" onPress={() => set({ add: "new" }, "push")}>
			Add target
		</Action>
	);
	return (
		<>
			<Head title="Targets" sub="Applications that speak SCIM. The people and groups of companies are kept there as they are here.">
				{add}
			</Head>
			<Table
				name="targets"
				label="Targets"
				list={list}
				columns={columns}
				rowKey={(t) => t.name}
				href={(t) => to.target(t.name)}
				empty={
					<Empty icon="upload" title="No target" action={add}>
						Add an application that gets the people and groups of a company.
					</Empty>
				}
			/>
			<Add open={params.get("add") === "new"} close={() => set({ add: undefined })} done={(made) => go(to.target(made.name))} />
		</>
	);
}

function Add({ open, close, done }: { open: boolean; close: () => void; done: (made: Target) => void }) {
	const [name, setName] = useState("");
	const [form, setForm] = useState(blank);
	const [secret, setSecret] = useState("");
	const [tenants, setTenants] = useState<string[]>([]);
	const [groups, setGroups] = useState("");
	const [paused, setPaused] = useState(true);
	const all = form.which === "all";
	const clear = () => {
		setName("");
		setForm(blank);
		setSecret("");
		setTenants([]);
		setGroups("");
		setPaused(true);
	};
	const create = useAction("create-target", (made) => {
		clear();
		done(made);
	});
	const shut = () => {
		create.clear();
		setSecret("");
		close();
	};
	const run = () =>
		void create.run({ body: { name, secret, paused, ...bodyOf(form), ...(all ? {} : { tenants, groups: namesOf(groups) }) } });
	return (
		<Box title="Add a target" open={open} close={shut} firm>
			<FormBox failure={create.failure} submit={run}>
				<TextInput
					label="Name"
					name="name"
					value={name}
					onChange={setName}
					about="a-z, 0-9 and hyphen. It cannot be changed."
					maxLength={40}
					required
					autoFocus
					mono
				/>
				<Fields form={form} set={setForm} />
				<Credential value={secret} set={setSecret} client={form.client} />
				<Which form={form} set={setForm} some="These" />
				{!all && (
					<>
						<CompanyList value={tenants} onChange={setTenants} />
						<TextInput
							label="Only these groups"
							name="groups"
							value={groups}
							onChange={setGroups}
							placeholder="Engineering, Sales"
							about="The names of groups of these companies. Empty means everybody, and all groups."
						/>
					</>
				)}
				<Toggle
					label="Begin paused"
					about="Nothing is sent before you resume it, so that you can look at its plan first."
					on={paused}
					onChange={setPaused}
				/>
				<Submit running={create.running} cancel={shut} right="target.manage">
					Add
				</Submit>
			</FormBox>
		</Box>
	);
}
