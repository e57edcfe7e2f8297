// People of a company: the list, invitations, deletion requests, the import of a table, and the page of one person.

import { lazy, Suspense } from "react";
import { To } from "../../parts/basic.tsx";
import { Empty, Skeleton } from "../../parts/state.tsx";
import { count } from "../../parts/words.ts";
import { to } from "../../shell/place.ts";
import type { SectionProps } from "../company/company.tsx";

const People = lazy(() => import("./list.tsx"));
const Person = lazy(() => import("./person.tsx"));
const Invitations = lazy(() => import("./invitations.tsx"));
const Requests = lazy(() => import("./requests.tsx"));
const Import = lazy(() => import("./import.tsx"));
const AutoDeletions = lazy(() => import("./auto-deletions.tsx"));

export default function PeopleSection(props: SectionProps) {
	const [sub = ""] = props.rest;
	const { company, overview } = props;
	switch (sub) {
		case "":
		case "invitations":
		case "deletion-requests":
		case "import":
		case "auto-deletions":
			break;
		default:
			return <Person company={company} user={sub} />;
	}
	const pages: [string, string, number][] = [
		["", "People", 0],
		["invitations", "Invitations", overview.tenant.users.invited ?? 0],
		["deletion-requests", "Deletion requests", overview.deletion_requests.length],
		["auto-deletions", "Auto-delete", 0],
		["import", "Import a table", 0],
	];
	return (
		<div className="stack">
			<nav className="subnav" aria-label="People">
				{pages.map(([id, text, n]) => (
					<span key={id} aria-current={id === sub ? "page" : undefined}>
						<To href={to.company(company, id ? `people/${id}` : "people")} className="subnav-item">
							{text}
							{n > 0 && <span className="chip-count">{count(n)}</span>}
						</To>
					</span>
				))}
			</nav>
			<Suspense fallback={<Skeleton rows={8} />}>
				{sub === "" && <People {...props} />}
				{sub === "invitations" && <Invitations {...props} />}
				{sub === "deletion-requests" && <Requests {...props} />}
				{sub === "auto-deletions" && <AutoDeletions {...props} />}
				{sub === "import" && <Import {...props} />}
			</Suspense>
			{!pages.some(([id]) => id === sub) && (
				<Empty title="There is no such page">The address is wrong, or the page has moved. Choose one of the sections above.</Empty>
			)}
		</div>
	);
}
