// The list of groups: the built-in ones first, then the others by name.

import { createContext, useContext, useMemo, useState } from "react";
import { useLocation } from "wouter";
import { useAction, useList, useRead } from "../../api/query.ts";
import type { Group, GroupMapping } from "../../api/schema.ts";
import { Action, Name, Nothing, Tag, Time } from "../../parts/basic.tsx";
import { Box } from "../../parts/dialog.tsx";
import { FormBox, Search, Submit, TextInput } from "../../parts/form.tsx";
import { Empty } from "../../parts/state.tsx";
import { type Column, Table, TableBar } from "../../parts/table.tsx";
import { say } from "../../parts/toast.tsx";
import { builtInGroups, count } from "../../parts/words.ts";
import { to, useParams } from "../../shell/place.ts";
import type { SectionProps } from "../company/company.tsx";

/** The name of a group as the console shows it. */
export function groupName(g: Pick<Group, "built_in" | "display_name">): string {
	return g.built_in ? (builtInGroups[g.built_in] ?? g.display_name) : g.display_name;
}

/** Marks a group that has the name of a built-in group, but not its rights. */
export function NotBuiltIn() {
	return <Tag tone="warn">Not the built-in group</Tag>;
}

const MappingsContext = createContext<ReadonlyMap<string, GroupMapping[]>>(new Map());

/** What a group of an identity provider grants by the mapping of its connection. */
function Grants({ group: g }: { group: Group }) {
	const mappings = useContext(MappingsContext).get(g.connection ?? "") ?? [];
	const mine = mappings.filter((m) => (m.external_id ? m.external_id === g.external_id : m.display_name === g.display_name));
	if (!mine.length) return <Nothing />;
	return mine.map((m) => (m.guest ? "Guest" : (builtInGroups[m.grants ?? ""] ?? m.grants))).join(", ");
}

const columns: Column<Group>[] = [
	{ id: "name", title: "Group", sort: "display_name", cell: (g) => <Name text={groupName(g)} short /> },
	{
		id: "kind",
		title: "Kind",
		cell: (g) =>
			g.built_in ? (
				<Tag tone="hold">Built in</Tag>
			) : g.namesake ? (
				<NotBuiltIn />
			) : g.connection ? (
				<Tag>From outside</Tag>
			) : (
				<Tag tone="info">Own</Tag>
			),
	},
	{
		id: "members",
		title: "Members",
		end: true,
		cell: (g) => (g.built_in === "owners" && g.members <= 1 ? <Tag tone="warn">{count(g.members)}</Tag> : count(g.members)),
	},
	{
		id: "connection",
		title: "Managed by",
		from: "tablet",
		cell: (g) => g.connection || <Nothing>{g.built_in ? "the company" : "no connection"}</Nothing>,
	},
	{ id: "grants", title: "Grants", from: "laptop", cell: (g) => <Grants group={g} /> },
	{ id: "external", title: "externalId", extra: true, from: "desktop", cell: (g) => g.external_id || <Nothing /> },
	{ id: "changed", title: "Changed", from: "laptop", cell: (g) => <Time at={g.modified} /> },
];

export default function Groups({ company }: SectionProps) {
	const [params, set] = useParams();
	const q = params.get("q") ?? "";
	const sort = params.get("sort") ?? "built_in";
	const down = params.get("dir") === "desc";
	const list = useList("list-groups", {
		path: { tenant: company },
		query: { q, sort: sort as "display_name", dir: down ? "desc" : "asc" },
	});
	const connections = useRead("list-connections", { query: { tenant: company, limit: 500 } });
	const mappings = useMemo(() => new Map((connections.data?.items ?? []).map((c) => [c.slug, c.mappings])), [connections.data]);
	const clear = () => set({ q: undefined, sort: undefined, dir: undefined });
	return (
		<div className="stack">
			<TableBar
				filtered={q !== ""}
				clear={clear}
				actions={
					<Action look="primary" icon="plus" right="group.manage" onPress={() => set({ add: "group" }, "push")}>
						Add group
					</Action>
				}
			>
				<Search label="Search groups" placeholder="Name" value={q} onChange={(text) => set({ q: text })} />
			</TableBar>
			<MappingsContext value={mappings}>
				<Table
					name="groups"
					label="Groups"
					list={list}
					columns={columns}
					rowKey={(g) => g.id}
					href={(g) => to.group(company, g.id)}
					sort={{ by: sort, down, set: (by, d) => set({ sort: by, dir: d ? "desc" : undefined }) }}
					filtered={q !== ""}
					clear={clear}
					empty={
						<Empty icon="group" title="No group">
							Groups appear when an identity provider pushes them, or when you make one of the company's own.
						</Empty>
					}
				/>
			</MappingsContext>
			<AddGroup company={company} open={params.get("add") === "group"} close={() => set({ add: undefined })} />
		</div>
	);
}

function AddGroup({ company, open, close }: { company: string; open: boolean; close: () => void }) {
	const [name, setName] = useState("");
	const [external, setExternal] = useState("");
	const [, go] = useLocation();
	const create = useAction("create-group");
	const away = () => {
		create.clear();
		setName("");
		setExternal("");
		close();
	};
	const run = async () => {
		const made = await create.run({
			path: { tenant: company },
			body: { display_name: name.trim(), external_id: external.trim() || undefined },
		});
		if (!made) return;
		say(`The group ${made.display_name} is made.`);
		away();
		go(to.group(company, made.id));
	};
	return (
		<Box title="Add a group" sub="A group of the company's own: its members are added by hand." open={open} close={away} firm>
			<FormBox failure={create.failure} submit={() => void run()}>
				<TextInput label="Name" name="display_name" value={name} onChange={setName} required autoFocus maxLength={200} />
				<TextInput
					label="externalId"
					name="external_id"
					value={external}
					onChange={setExternal}
					mono
					maxLength={200}
					about="The id that an application or an identity provider uses for it."
				/>
				<Submit running={create.running} cancel={away} right="group.manage">
					Add
				</Submit>
			</FormBox>
		</Box>
	);
}
