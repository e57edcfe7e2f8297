// Home: what needs somebody today, over all companies.

import type { ReactNode } from "react";
import { useRead } from "../../api/query.ts";
import type { Alert, Connection, Tenant } from "../../api/schema.ts";
import { Badge, Card, Head, Name, Note, SeatMeter, Tag, Time, To, ToButton, useRights } from "../../parts/basic.tsx";
import { now } from "../../parts/clock.ts";
import { Icon } from "../../parts/icon.tsx";
import { Skeleton, Stale, View } from "../../parts/state.tsx";
import { alertKinds, count, many, plain, sentence, tidy } from "../../parts/words.ts";
import { to, useTitle } from "../../shell/place.ts";
import { useSession } from "../../shell/session.tsx";
import { standing } from "../company/marks.tsx";
import { daysLeft } from "../connection/list.tsx";

export default function Home() {
	useTitle("Home");
	const { operator: me } = useSession();
	const rights = useRights();
	const alerts = useRead("list-alerts", { query: { limit: 500 } });
	const fullest = useRead("list-tenants", { query: { sort: "seats", dir: "desc", limit: 500 } });
	const connections = useRead("list-connections", { query: { limit: 500 } });
	const status = useRead("get-status", {}, { enabled: rights.has("server.read") });
	const operators = useRead("list-operators", { query: { limit: 1 } }, { enabled: rights.has("operator.read") });
	const warnings = [...(status.data?.warnings ?? []), ...(operators.data?.warnings ?? [])];
	if (fullest.data?.items.length === 0 && rights.has("tenant.create")) return <FirstSteps />;
	return (
		<>
			<Head title={`Good ${greeting()}, ${tidy(me.first_name)}`} sub="What needs somebody, over all companies that you have." />
			{warnings.map((w) => (
				<Note key={w} tone="warn">
					{sentence(w)}
				</Note>
			))}
			<NeedsYou alerts={alerts.data?.items} tenants={fullest.data?.items} connections={connections.data?.items} />
			<div className="columns-2-1">
				<div className="stack">
					<Unhealthy reading={connections} />
					<OpenAlerts reading={alerts} />
				</div>
				<Seats reading={fullest} />
			</div>
		</>
	);
}

function greeting(): string {
	const hour = new Date(now()).getHours();
	return hour < 12 ? "morning" : hour < 18 ? "afternoon" : "evening";
}

function FirstSteps() {
	return (
		<>
			<Head title="Welcome" sub="Three steps until people arrive." />
			<Card>
				<ol className="checklist">
					<li>
						<strong>Protect your own account.</strong> Set up a second factor, and add a second Owner.
						<div className="row">
							<ToButton href={to.factor} icon="shield">
								Second factor
							</ToButton>
							<ToButton href={`${to.administrators}?open=new`} icon="user">
								Add an Owner
							</ToButton>
						</div>
					</li>
					<li>
						<strong>Add a company.</strong> It needs a name and a plan.
						<div className="row">
							<ToButton href={`${to.companies}?add=new`} look="primary" icon="plus">
								Add a company
							</ToButton>
						</div>
					</li>
					<li>
						<strong>Connect its identity provider.</strong> You get a base URL and a secret, and the words of its console.
					</li>
				</ol>
			</Card>
			<p className="faint">
				To see it with made-up companies first, run <code>drawbridge demo</code>: it prints a link.
			</p>
		</>
	);
}

/** Numbers that lead to lists. */
function NeedsYou({
	alerts,
	tenants,
	connections,
}: {
	alerts: Alert[] | undefined;
	tenants: Tenant[] | undefined;
	connections: Connection[] | undefined;
}) {
	if (!alerts || !tenants || !connections) return <Skeleton rows={2} />;
	const open = alerts.filter((a) => a.state === "open").length;
	const held = connections.filter((c) => c.held > 0);
	const confirm = tenants.filter((t) => (t.users.awaiting_confirmation ?? 0) > 0);
	const waiting = confirm.reduce((n, t) => n + (t.users.awaiting_confirmation ?? 0), 0);
	const ending = connections.filter((c) => (daysLeft(c, now()) ?? 99) <= 14);
	const tiles: [number, string, string, string][] = [
		[open, "open alert", "open alerts", to.alerts],
		[
			held.reduce((n, c) => n + c.held, 0),
			"removal held",
			"removals held",
			held.length === 1 ? to.connection(held[0]!.slug, "held") : to.connections,
		],
		[
			waiting,
			"person to confirm",
			"people to confirm",
			confirm.length === 1 ? `${to.company(confirm[0]!.slug, "people")}?state=awaiting_confirmation` : to.companies,
		],
		[
			ending.length,
			"credential ends within 14 days",
			"credentials end within 14 days",
			ending.length === 1 ? to.connection(ending[0]!.slug, "credentials") : to.connections,
		],
	];
	return (
		<ul className="needs" aria-label="Needs you">
			{tiles.map(([n, one, other, href]) => (
				<li key={one}>
					<To href={href} className={`need${n ? " need-some" : ""}`}>
						<span className="need-number">{count(n)}</span>
						<span className="need-text">{n === 1 ? one : other}</span>
					</To>
				</li>
			))}
		</ul>
	);
}

type ReadOf<T> = Parameters<typeof View<{ items: T[] }>>[0]["reading"];

function Unhealthy({ reading }: { reading: ReadOf<Connection> }) {
	return (
		<Card title="Sync that needs a look" flush actions={<To href={to.connections}>All connections</To>}>
			<View reading={reading} rows={4}>
				{(page) => {
					const sick = page.items.filter((c) => c.health.state !== "healthy" || c.paused || c.ending);
					if (!sick.length) return <AllWell>Every connection is heard of as often as usual.</AllWell>;
					return (
						<ul className="rows">
							{sick.slice(0, 8).map((c) => (
								<li key={c.slug} className="line">
									<div className="line-main">
										<To href={to.connection(c.slug)} className="line-title">
											{c.slug}
										</To>
										<span className="faint">
											<Name text={c.tenant} short /> {c.health.why && `· ${c.health.why}`}
										</span>
										{c.health.state === "failing" && c.health.last_error && (
											<p className="line-note">
												<Icon name="warning" size={14} /> {c.health.last_error}
											</p>
										)}
									</div>
									<div className="line-end">
										<Badge word={standing(c)} />
										<span className="faint">
											Last success <Time at={c.last_success} none="never" />
										</span>
									</div>
								</li>
							))}
						</ul>
					);
				}}
			</View>
		</Card>
	);
}

function OpenAlerts({ reading }: { reading: ReadOf<Alert> }) {
	return (
		<Card title="Open alerts" flush actions={<To href={to.alerts}>All alerts</To>}>
			<View reading={reading} rows={4}>
				{(page) => {
					const open = page.items.filter((a) => a.state === "open");
					if (!open.length) return <AllWell>No alert is open.</AllWell>;
					return (
						<ul className="rows">
							{open.slice(0, 8).map((a) => (
								<li key={`${a.tenant}-${a.key}`} className="line">
									<div className="line-main">
										<span>
											<Tag tone="bad">{alertKinds[a.kind] ?? plain(a.kind)}</Tag> <Name text={a.text} />
										</span>
										<span className="faint">
											<To href={to.company(a.tenant, "alerts")}>{a.tenant}</To>
											{a.times > 1 && `, ${many(a.times, "time", "times")}`}
										</span>
									</div>
									<span className="faint">
										<Time at={a.last} />
									</span>
								</li>
							))}
						</ul>
					);
				}}
			</View>
		</Card>
	);
}

function AllWell({ children }: { children: ReactNode }) {
	return (
		<p className="card-pad all-well">
			<Icon name="check" /> {children}
		</p>
	);
}

function Seats({ reading }: { reading: ReadOf<Tenant> }) {
	return (
		<Card title="Seats" actions={<To href={`${to.companies}?sort=seats&dir=desc`}>All companies</To>}>
			<Stale reading={reading} />
			<View reading={reading} rows={5}>
				{(page) => {
					const limited = page.items.filter((t) => t.seats.limit > 0);
					const occupied = page.items.reduce((n, t) => n + t.seats.occupied, 0);
					const limit = limited.reduce((n, t) => n + t.seats.limit, 0);
					const fullest = [...limited].sort((a, b) => b.seats.occupied / b.seats.limit - a.seats.occupied / a.seats.limit).slice(0, 6);
					return (
						<>
							<div className="figure">
								<span className="figure-name">In use, over {many(page.items.length, "company", "companies")}</span>
								<span className="figure-value">
									{count(occupied)} <span className="faint">/ {count(limit)}</span>
								</span>
							</div>
							<h3>Fullest</h3>
							<ul className="fullest">
								{fullest.map((t) => (
									<li key={t.slug}>
										<To href={to.company(t.slug, "billing")} className="line-title">
											<Name text={t.name} short />
										</To>
										<SeatMeter occupied={t.seats.occupied} limit={t.seats.limit} />
									</li>
								))}
							</ul>
						</>
					);
				}}
			</View>
		</Card>
	);
}
