// The audit trail of a company, and the report of visits.

import { useState } from "react";
import { To } from "../../parts/basic.tsx";
import { to } from "../../shell/place.ts";
import type { SectionProps } from "../company/company.tsx";
import { Trail, Verify, Visits } from "./trail.tsx";

export default function CompanyAudit({ company, rest }: SectionProps) {
	const [verifying, setVerifying] = useState(false);
	const visits = rest[0] === "visits";
	return (
		<div className="stack">
			<nav className="subnav" aria-label="Audit">
				<span aria-current={visits ? undefined : "page"}>
					<To href={to.company(company, "audit")} className="subnav-item">
						Trail
					</To>
				</span>
				<span aria-current={visits ? "page" : undefined}>
					<To href={to.company(company, "audit/visits")} className="subnav-item">
						Visits
					</To>
				</span>
			</nav>
			{visits ? <Visits tenant={company} /> : <Trail scope={{ company }} verify={() => setVerifying(true)} />}
			<Verify tenant={company} open={verifying} close={() => setVerifying(false)} />
		</div>
	);
}
