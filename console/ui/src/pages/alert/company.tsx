// The alerts of a company.

import type { SectionProps } from "../company/company.tsx";
import { AlertTable } from "./alerts.tsx";

export default function CompanyAlerts({ company }: SectionProps) {
	return (
		<div className="stack">
			<AlertTable tenant={company} />
		</div>
	);
}
