// Google projects: keys of service accounts that connections of several companies read their directories with.

import { useState } from "react";
import { useLocation } from "wouter";
import { useAction, useList } from "../../api/query.ts";
import type { GoogleProject } from "../../api/schema.ts";
import { Action, Head, Name, Time } from "../../parts/basic.tsx";
import { CompanyList, CompanyNames } from "../../parts/companies.tsx";
import { Box } from "../../parts/dialog.tsx";
import { FormBox, Submit, TextInput } from "../../parts/form.tsx";
import { Empty } from "../../parts/state.tsx";
import { type Column, Table } from "../../parts/table.tsx";
import { count } from "../../parts/words.ts";
import { to, useParams, useTitle } from "../../shell/place.ts";
import { KeyInput } from "./key.tsx";

const columns: Column<GoogleProject>[] = [
	{
		id: "name",
		title: "Name",
		cell: (g) => (
			<span className="two-lines">
				<Name text={g.name} short />
				<span className="faint">
					<Name text={g.account} short />
				</span>
			</span>
		),
	},
	{
		id: "companies",
		title: "Companies",
		cell: (g) => <CompanyNames of={{ tenants: g.tenants.map((t) => t.tenant), tenant_names: g.tenants.map((t) => t.tenant_name) }} />,
	},
	{
		id: "connections",
		title: "Connections",
		from: "tablet",
		end: true,
		cell: (g) => count(g.tenants.reduce((n, t) => n + t.connections.length, 0)),
	},
	{ id: "key", title: "Key given", from: "laptop", cell: (g) => <Time at={g.key_created} /> },
];

export default function Projects() {
	useTitle("Google projects");
	const [params, set] = useParams();
	const [, go] = useLocation();
	const list = useList("list-google-projects");
	const add = (
		<Action look="primary" icon="plus" right="project.manage" onPress={() => set({ add: "new" }, "push")}>
			Add Google project
		</Action>
	);
	return (
		<>
			<Head title="Google projects" sub="Keys of Google that connections of several companies read their directories with.">
				{add}
			</Head>
			<Table
				name="projects"
				label="Google projects"
				list={list}
				columns={columns}
				rowKey={(g) => g.name}
				href={(g) => to.project(g.name)}
				empty={
					<Empty icon="key" title="No Google project" action={add}>
						Add the key of a service account, and share it with the companies whose directories it may read.
					</Empty>
				}
			/>
			<Add open={params.get("add") === "new"} close={() => set({ add: undefined })} done={(made) => go(to.project(made.name))} />
		</>
	);
}

const blank = { name: "", credentials: "", tenants: [] as string[] };

function Add({ open, close, done }: { open: boolean; close: () => void; done: (made: GoogleProject) => void }) {
	const [form, setForm] = useState(blank);
	const put = (change: Partial<typeof form>) => setForm((old) => ({ ...old, ...change }));
	const create = useAction("create-google-project", (made) => {
		setForm(blank);
		done(made);
	});
	const shut = () => {
		create.clear();
		put({ credentials: "" });
		close();
	};
	return (
		<Box title="Add a Google project" open={open} close={shut} firm>
			<FormBox failure={create.failure} submit={() => void create.run({ body: form })}>
				<TextInput
					label="Name"
					name="name"
					value={form.name}
					onChange={(name) => put({ name })}
					about="a-z, 0-9 and hyphen. It cannot be changed."
					maxLength={40}
					required
					autoFocus
					mono
				/>
				<KeyInput value={form.credentials} set={(credentials) => put({ credentials })} />
				<CompanyList value={form.tenants} onChange={(tenants) => put({ tenants })} />
				<Submit running={create.running} cancel={shut} right="project.manage">
					Add
				</Submit>
			</FormBox>
		</Box>
	);
}
