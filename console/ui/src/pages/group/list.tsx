// The list of groups: the built-in ones first, then those of the identity providers.

import { useList } from "../../api/query.ts";
import type { Group } from "../../api/schema.ts";
import { Name, Nothing, Tag, Time } from "../../parts/basic.tsx";
import { Search } from "../../parts/form.tsx";
import { Empty } from "../../parts/state.tsx";
import { type Column, Table, TableBar } from "../../parts/table.tsx";
import { builtInGroups, count } from "../../parts/words.ts";
import { to, useParams } from "../../shell/place.ts";
import type { SectionProps } from "../company/company.tsx";

/** The name of a group as the console shows it. */
export function groupName(g: Pick<Group, "built_in" | "display_name">): string {
	return g.built_in ? (builtInGroups[g.built_in] ?? g.display_name) : g.display_name;
}

const columns: Column<Group>[] = [
	{ id: "name", title: "Group", sort: "display_name", cell: (g) => <Name text={groupName(g)} short /> },
	{ id: "kind", title: "Kind", cell: (g) => (g.built_in ? <Tag tone="hold">Built in</Tag> : <Tag>From outside</Tag>) },
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
		cell: (g) => g.connection || <Nothing>{g.built_in ? "the company" : "nobody"}</Nothing>,
	},
	{ id: "external", title: "externalId", extra: true, from: "desktop", cell: (g) => g.external_id || <Nothing /> },
	{ id: "changed", title: "Changed", from: "laptop", cell: (g) => <Time at={g.modified} /> },
];

export default function Groups({ company }: SectionProps) {
	const [params, set] = useParams();
	const q = params.get("q") ?? "";
	const sort = params.get("sort") ?? "display_name";
	const down = params.get("dir") === "desc";
	const list = useList("list-groups", {
		path: { tenant: company },
		query: { q, sort: sort as "display_name", dir: down ? "desc" : "asc" },
	});
	const plain = sort === "display_name" && !down && q === "";
	const rows = list.rows && plain ? [...list.rows].sort((a, b) => rank(a) - rank(b)) : list.rows;
	const clear = () => set({ q: undefined, sort: undefined, dir: undefined });
	return (
		<div className="stack">
			<TableBar filtered={q !== ""} clear={clear}>
				<Search label="Search groups" placeholder="Name" value={q} onChange={(text) => set({ q: text })} />
			</TableBar>
			<Table
				name="groups"
				label="Groups"
				list={{ ...list, rows }}
				columns={columns}
				rowKey={(g) => g.id}
				href={(g) => to.group(company, g.id)}
				sort={{ by: sort, down, set: (by, d) => set({ sort: by, dir: d ? "desc" : undefined }) }}
				filtered={q !== ""}
				clear={clear}
				empty={
					<Empty icon="group" title="No group">
						Groups appear when an identity provider pushes them.
					</Empty>
				}
			/>
		</div>
	);
}

const order = ["owners", "administrators", "team_members", "security", "provision_managers"];

function rank(g: Group): number {
	const at = order.indexOf(g.built_in ?? "");
	return at < 0 ? order.length : at;
}
