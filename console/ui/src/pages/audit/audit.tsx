// The installation's own audit trail: operators, settings, the server.

import { useState } from "react";
import { Head } from "../../parts/basic.tsx";
import { useTitle } from "../../shell/place.ts";
import { Trail, Verify } from "./trail.tsx";

export default function AuditPage() {
	useTitle("Audit");
	const [verifying, setVerifying] = useState(false);
	return (
		<>
			<Head
				title="Audit"
				sub="Who did what on the installation itself: administrators, settings, backups. Each company has a trail of its own on its page."
			/>
			<Trail tenant="" verify={() => setVerifying(true)} />
			<Verify tenant="" open={verifying} close={() => setVerifying(false)} />
		</>
	);
}
