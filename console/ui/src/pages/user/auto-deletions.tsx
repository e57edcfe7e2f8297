// Whom auto-delete will delete if nothing changes.

import { useList } from "../../api/query.ts";
import type { Deletion } from "../../api/schema.ts";
import { Name, Time, To } from "../../parts/basic.tsx";
import { Empty } from "../../parts/state.tsx";
import { type Column, Table } from "../../parts/table.tsx";
import { exact } from "../../parts/words.ts";
import { to } from "../../shell/place.ts";
import type { SectionProps } from "../company/company.tsx";

const columns: Column<Deletion>[] = [
	{ id: "person", title: "Person", cell: (d) => <Name text={d.user_name} short /> },
	{ id: "suspended", title: "Suspended", from: "tablet", cell: (d) => <Time at={d.suspended} /> },
	{ id: "due", title: "Deleted", cell: (d) => <Time at={d.due} /> },
	{ id: "exact", title: "Exactly", from: "laptop", cell: (d) => exact(d.due) },
];

export default function AutoDeletions({ company }: SectionProps) {
	const list = useList("list-auto-deletions", { path: { tenant: company } });
	return (
		<>
			<p className="page-sub">
				A suspended person is deleted after the number of days in <To href={to.company(company, "settings")}>the settings</To>. A person is
				not deleted if the identity provider still says “active”, if the suspension is held, or if the person is the last Owner.
			</p>
			<Table
				name="auto-deletions"
				label="Auto-delete"
				list={list}
				columns={columns}
				rowKey={(d) => d.user}
				href={(d) => to.person(company, d.user)}
				empty={
					<Empty icon="clock" title="No person will be deleted automatically">
						Auto-delete is off, or it applies to no suspended person.
					</Empty>
				}
			/>
		</>
	);
}
