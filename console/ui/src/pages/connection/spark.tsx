// The requests of a connection by the hour, as small bars.

import type { Connection } from "../../api/schema.ts";
import { Nothing } from "../../parts/basic.tsx";
import { now } from "../../parts/clock.ts";
import { clock, count, many } from "../../parts/words.ts";

const hour = 3_600_000;
const step = 3;
const height = 18;

/** The requests of the last 24 hours. A bar is an hour, and the highest one is the busiest hour. */
export function Spark({ connection: c }: { connection: Pick<Connection, "requests" | "type"> }) {
	if (c.type === "google-directory") return <Nothing />;
	const all = c.requests.reduce((sum, n) => sum + n, 0);
	if (!all) return <Nothing>none</Nothing>;
	const most = Math.max(...c.requests);
	const busiest = new Date((Math.floor(now() / hour) - (c.requests.length - 1 - c.requests.indexOf(most))) * hour);
	const bars = c.requests.map((n, i) => (n ? `M${i * step + 1} ${height}v${-Math.max(1, Math.round((n / most) * height))}` : "")).join("");
	const text = `${many(all, "request", "requests")} in the last 24 hours, ${count(most)} of them in the hour from ${clock(busiest)}`;
	return (
		<span className="spark" title={text}>
			<svg viewBox={`0 0 ${c.requests.length * step} ${height}`} height={height} role="img" aria-label={text}>
				<path d={bars} />
			</svg>
			<span aria-hidden="true">{count(all)}</span>
		</span>
	);
}
