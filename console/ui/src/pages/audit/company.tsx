// The audit trail of a company, the report of visits, and the events that applications get.

import { lazy, Suspense, useState } from "react";
import { To } from "../../parts/basic.tsx";
import { Skeleton } from "../../parts/state.tsx";
import { to } from "../../shell/place.ts";
import type { SectionProps } from "../company/company.tsx";
import { Trail, Verify, Visits } from "./trail.tsx";

const Events = lazy(() => import("./events.tsx"));

const views = [
	{ id: "", text: "Trail" },
	{ id: "visits", text: "Visits" },
	{ id: "events", text: "Events" },
];

export default function CompanyAudit({ company, rest }: SectionProps) {
	const [verifying, setVerifying] = useState(false);
	const view = views.find((v) => v.id === rest[0])?.id ?? "";
	return (
		<div className="stack">
			<nav className="subnav" aria-label="Audit">
				{views.map((v) => (
					<span key={v.id} aria-current={v.id === view ? "page" : undefined}>
						<To href={to.company(company, v.id ? `audit/${v.id}` : "audit")} className="subnav-item">
							{v.text}
						</To>
					</span>
				))}
			</nav>
			{view === "" && <Trail scope={{ company }} verify={() => setVerifying(true)} />}
			{view === "visits" && <Visits tenant={company} />}
			{view === "events" && (
				<Suspense fallback={<Skeleton rows={8} />}>
					<Events tenant={company} />
				</Suspense>
			)}
			<Verify tenant={company} open={verifying} close={() => setVerifying(false)} />
		</div>
	);
}
