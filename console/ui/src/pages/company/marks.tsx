// Small marks for the state of a connection.

import type { ConnectionSummary } from "../../api/schema.ts";
import { Nothing, Shape } from "../../parts/basic.tsx";
import { standing, typeTitle } from "../../parts/words.ts";

const short: Record<string, string> = {
	okta: "Okta",
	entra: "Entra",
	google: "Google",
	"google-directory": "Google",
	onelogin: "OneLogin",
	jumpcloud: "JumpCloud",
	rippling: "Rippling",
	ping: "Ping",
	generic: "SCIM",
};

export function ConnectionMarks({ connections }: { connections: ConnectionSummary[] }) {
	if (!connections.length) return <Nothing>none</Nothing>;
	return (
		<span className="marks">
			{connections.slice(0, 3).map((c) => {
				const word = standing(c);
				return (
					<span key={c.slug} className="mark-of" title={`${c.slug}: ${typeTitle(c.type)}, ${word.text}`}>
						<Shape tone={word.tone} />
						{short[c.type] ?? c.type}
						<span className="visually-hidden">, {word.text}</span>
					</span>
				);
			})}
			{connections.length > 3 && <span className="faint">+{connections.length - 3}</span>}
		</span>
	);
}
