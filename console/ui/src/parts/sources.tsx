// Why a person is in a group.

import type { MemberSource } from "../api/schema.ts";
import { Name, Nothing } from "./basic.tsx";

/** Why a person is in a group: by hand, by the identity provider, or by a group that is mapped to it. */
export function Sources({ sources }: { sources: MemberSource[] }) {
	return (
		<>
			{sources.map((s, i) => (
				<span key={`${s.kind}-${s.group ?? ""}-${s.connection ?? ""}`}>
					{i > 0 && ", "}
					{s.kind === "mapping" ? (
						<>
							<Name text={s.display_name || s.group || "a group"} short />
							{s.connection && <span className="faint"> of {s.connection}</span>}
						</>
					) : s.kind === "attribute" ? (
						<>
							a role or an entitlement
							{s.connection && <span className="faint"> of {s.connection}</span>}
						</>
					) : s.connection ? (
						s.connection
					) : (
						"added by hand"
					)}
				</span>
			))}
			{sources.length === 0 && <Nothing />}
		</>
	);
}
