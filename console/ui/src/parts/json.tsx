// What an operator takes along to a program or a ticket: what the API gives, and the link to the page.

import { type Ask, downloadURL, type Operation } from "../api/client.ts";
import { Code, IconAction, useCopy } from "./basic.tsx";

/** Copies the address of what is shown. */
export function CopyLink({ to }: { to: string }) {
	const copy = useCopy();
	return <IconAction icon="link" label={`Copy the link to ${to}`} onPress={() => copy(location.href, `The link to ${to}`)} />;
}

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
