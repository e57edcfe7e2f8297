// Where audit lines go, besides the trails: the archive, and a SIEM. The pages of the server and of the audit show it.

import { useRead } from "../../api/query.ts";
import type { ArchivedPart } from "../../api/schema.ts";
import { Card, Code, Fact, Facts, Note, Time } from "../../parts/basic.tsx";
import { CompanyName } from "../../parts/names.tsx";
import { View } from "../../parts/state.tsx";
import { bytes, count, sentence } from "../../parts/words.ts";

/** What has left the store. It shows the first page of companies; the command line lists all. */
export function Archive() {
	const archive = useRead("get-archive", { query: { limit: 200 } }, { every: 60_000 });
	return (
		<Card title="Archive">
			<View reading={archive} rows={3}>
				{(a) => {
					const parts = a.items.flatMap((trail) => [trail.audit, trail.events]);
					const sum = (of: (part: ArchivedPart) => number) => parts.reduce((n, part) => n + of(part), 0);
					const moved = parts
						.map((part) => part.moved ?? "")
						.sort()
						.at(-1);
					if (!a.place)
						return (
							<p className="faint">
								There is none: audit lines stay in the store, and old events are deleted. The setting archive.folder or archive.s3.bucket
								turns it on.
							</p>
						);
					return (
						<>
							{a.error && <Note tone="bad">{sentence(a.error)} Nothing is lost: the lines stay in the store.</Note>}
							{a.items
								.filter((trail) => trail.error)
								.map((trail) => (
									<Note key={trail.tenant} tone="bad">
										{trail.tenant ? <CompanyName slug={trail.tenant} /> : "This installation"}: {sentence(trail.error!)}
									</Note>
								))}
							<Facts>
								<Fact name="Place">
									<span className="mono wrap">{a.place}</span>
								</Fact>
								<Fact name="Lines and events">
									{count(sum((part) => part.lines))}
									{a.next && " and more"}
								</Fact>
								<Fact name="Size">{bytes(sum((part) => part.bytes))}</Fact>
								<Fact name="Last moved">{moved ? <Time at={moved} /> : "nothing yet"}</Fact>
								<Fact name="Public key">
									<Code text={a.key ?? ""} what="the key" />
								</Fact>
							</Facts>
						</>
					);
				}}
			</View>
		</Card>
	);
}

/** The ways on which audit lines go to a SIEM. */
export function Streams() {
	const streams = useRead("list-audit-streams", { query: { limit: 200 } }, { every: 10_000 });
	return (
		<Card title="SIEM">
			<View reading={streams} rows={2}>
				{(all) => (
					<>
						{all.items.length === 0 && (
							<p className="faint">Audit lines go to none. The settings audit.stdout and audit.syslog.address turn it on.</p>
						)}
						{all.items.map((s) => (
							<div key={s.name} className="stack">
								{s.error && <Note tone="bad">{sentence(s.error)} Nothing is lost: the lines are sent later.</Note>}
								<Facts>
									<Fact name="Audit lines go to">
										<span className="mono wrap">{s.to}</span>
									</Fact>
									<Fact name="Waiting">{count(s.backlog)}</Fact>
									<Fact name="Last taken">
										<Time at={s.success} none="nothing yet" />
									</Fact>
									{s.failing_since && (
										<Fact name="Failing since">
											<Time at={s.failing_since} />
										</Fact>
									)}
								</Facts>
							</div>
						))}
					</>
				)}
			</View>
		</Card>
	);
}
