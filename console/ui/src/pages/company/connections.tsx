// The connections of a company.

import { Action } from "../../parts/basic.tsx";
import { useParams } from "../../shell/place.ts";
import { ConnectionTable } from "../connection/list.tsx";
import type { SectionProps } from "./company.tsx";

export default function CompanyConnections({ company }: SectionProps) {
	const [, set] = useParams();
	return (
		<div className="stack">
			<div className="row row-split">
				<p className="page-sub">The identity providers of this company.</p>
				<Action look="primary" icon="plus" right="connection.manage" onPress={() => set({ connect: company }, "push")}>
					Connect an identity provider
				</Action>
			</div>
			<ConnectionTable tenant={company} />
		</div>
	);
}
