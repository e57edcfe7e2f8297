// What the API gives about something, for an operator who writes a program or a ticket.

import { type Ask, downloadURL, type Operation } from "../api/client.ts";
import { Code } from "./basic.tsx";

/** The address and the answer of the call that a page shows, folded. */
export function AsJSON<O extends Operation>({ operation, path, value }: { operation: O; path: Ask<O>["path"]; value: unknown }) {
	return (
		<details className="disclosure">
			<summary>As JSON</summary>
			<div className="stack">
				<Code
					text={`GET ${location.origin}${downloadURL(operation, { path } as Pick<Ask<O>, "path" | "query">)}`}
					what="the address"
					block
				/>
				<Code text={JSON.stringify(value, null, 2)} what="the JSON" block />
			</div>
		</details>
	);
}
