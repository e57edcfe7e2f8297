// Audit: the trails of all companies together, and the installation's own.

import { useState } from "react";
import { Action, Head, useRights } from "../../parts/basic.tsx";
import { Chips } from "../../parts/form.tsx";
import { useParams, useTitle } from "../../shell/place.ts";
import { Archive, Streams } from "./archive.tsx";
import { Trail, Verify } from "./trail.tsx";

export default function AuditPage() {
	useTitle("Audit");
	const rights = useRights();
	const [params, set] = useParams();
	const [verifying, setVerifying] = useState(false);
	const own = rights.has("provider.record");
	const installation = own && (params.get("trail") === "installation" || !rights.has("tenant.record"));
	return (
		<>
			<Head
				title="Audit"
				sub={
					installation
						? "Who did what on the installation itself: administrators, settings, backups."
						: "Who did what in the companies that you have access to, newest first. Each company has its own chain, which is verified on its page."
				}
			/>
			{own && rights.has("tenant.record") && (
				<Chips
					label="Which trail"
					value={installation ? "installation" : ""}
					onChange={(trail) => set({ trail: trail || undefined })}
					options={[
						{ id: "", text: "All companies" },
						{ id: "installation", text: "This installation" },
					]}
				/>
			)}
			{!own && (
				<div className="row">
					<Action small right="provider.record">
						This installation
					</Action>
				</div>
			)}
			{installation && (
				<details className="disclosure">
					<summary>Archive and SIEM</summary>
					<div className="columns-even">
						<Archive />
						<Streams />
					</div>
				</details>
			)}
			<Trail
				key={String(installation)}
				scope={installation ? "installation" : "everywhere"}
				verify={installation ? () => setVerifying(true) : undefined}
			/>
			<Verify tenant="" open={verifying} close={() => setVerifying(false)} />
		</>
	);
}
