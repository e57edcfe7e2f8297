// Why somebody is in a group.

import type { MemberSource } from "../api/schema.ts";
import { Name, Nothing } from "./basic.tsx";

/** Why somebody is in a group: by hand, by the identity provider, or by a group that is mapped to it. */
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
					) : s.connection ? (
						s.connection
					) : (
						"put in by hand"
					)}
				</span>
			))}
			{sources.length === 0 && <Nothing />}
		</>
	);
}
