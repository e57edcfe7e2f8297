// Home: what needs an operator today, in all companies.

import { type ReactNode, useEffect, useState } from "react";
import { useRead } from "../../api/query.ts";
import type { Alert, Connection, Inbox, InboxItem, Tenant } from "../../api/schema.ts";
import {
	Action,
	Badge,
	Card,
	Fact,
	Facts,
	Head,
	Name,
	Note,
	Nothing,
	SeatMeter,
	Tag,
	Time,
	To,
	ToButton,
	useRights,
} from "../../parts/basic.tsx";
import { now } from "../../parts/clock.ts";
import { Icon } from "../../parts/icon.tsx";
import { Skeleton, Stale, View, Withheld } from "../../parts/state.tsx";
import { alertKinds, count, isoDay, many, plain, sentence, standing, tidy } from "../../parts/words.ts";
import { to, useTitle } from "../../shell/place.ts";
import { useSession } from "../../shell/session.tsx";

export default function Home() {
	useTitle("Home");
	const { operator: me } = useSession();
	const rights = useRights();
	const alerts = useRead("list-alerts", { query: { limit: 500 } });
	const [most, setMost] = useState(12);
	const inbox = useRead("get-inbox", { query: { limit: most } }, { keep: true });
	const fullest = useRead("list-tenants", { query: { sort: "seats", dir: "desc", limit: 500 } });
	// Those that need an operator come first.
	const connections = useRead("list-connections", { query: { sort: "health", limit: 50 } });
	const status = useRead("get-status", {}, { enabled: rights.has("server.read") });
	const operators = useRead("list-operators", { query: { limit: 1 } }, { enabled: rights.has("operator.read") });
	const warnings = [...(status.data?.warnings ?? []), ...(operators.data?.warnings ?? [])];
	if (fullest.data?.items.length === 0 && rights.has("tenant.create")) return <FirstSteps />;
	return (
		<>
			<Head title={`Good ${greeting()}, ${tidy(me.first_name)}`} sub="What needs your attention, in all your companies." />
			{warnings.map((w) => (
				<Note key={w} tone="warn">
					{sentence(w)}
				</Note>
			))}
			<NeedsYou alerts={alerts.data} inbox={inbox.data} />
			<div className="columns-2-1">
				<div className="stack">
					<Waiting reading={inbox} more={() => setMost(200)} />
					<Unhealthy reading={connections} />
					<OpenAlerts reading={alerts} />
				</div>
				<div className="stack">
					<Seats reading={fullest} />
					{rights.has("tenant.record") ? <Today on={alerts.data !== undefined} /> : <Withheld title="Today" right="tenant.record" />}
				</div>
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
						<strong>Connect its identity provider.</strong> You get a base URL and a secret, and the fields of its console that they go
						into.
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
function NeedsYou({ alerts, inbox }: { alerts: { items: Alert[]; next?: string } | undefined; inbox: Inbox | undefined }) {
	if (!alerts || !inbox) return <Skeleton rows={2} />;
	const open = alerts.items.filter((a) => a.state === "open").length;
	const n = (kind: InboxItem["kind"]) => inbox.counts[kind] ?? 0;
	/** The one thing of a kind, or the place where all of them are. */
	const where = (kind: InboxItem["kind"], all: string) => {
		const items = inbox.items.filter((i) => i.kind === kind);
		return n(kind) === 1 && items[0] ? placeOf(items[0]) : all;
	};
	const tiles: [number, string, string, string][] = [
		[open, "open alert", "open alerts", to.alerts],
		[n("held"), "connection with held removals", "connections with held removals", where("held", to.connections)],
		[n("deletion_request"), "deletion request", "deletion requests", where("deletion_request", "#waiting")],
		[n("confirmation"), "company with people to confirm", "companies with people to confirm", where("confirmation", "#waiting")],
		[n("credential"), "credential that expires soon", "credentials that expire soon", where("credential", to.connections)],
	];
	return (
		<ul className="needs" aria-label="Needs you">
			{tiles.map(([n, one, other, href]) => (
				<li key={one}>
					<To href={href} className={`need${n ? " need-some" : ""}`}>
						<span className="need-number">
							{count(n)}
							{href === to.alerts && alerts.next && "+"}
						</span>
						<span className="need-text">{n === 1 ? one : other}</span>
					</To>
				</li>
			))}
		</ul>
	);
}

/** The page where an operator handles an item. */
function placeOf(item: InboxItem): string {
	const company = item.tenant ?? "";
	switch (item.kind) {
		case "held":
			return to.connection(item.connection ?? "", "held");
		case "credential":
			return to.connection(item.connection ?? "", "credentials");
		case "deletion_request":
			return `${to.company(company, "people/deletion-requests")}?status=pending`;
		case "confirmation":
			return `${to.company(company, "people")}?state=awaiting_confirmation`;
		case "handover":
			return to.company(company, "hand-over");
		case "mail":
			return to.server;
	}
}

/** What is to be done, in a sentence. */
function askOf(item: InboxItem): ReactNode {
	const n = item.count ?? 1;
	switch (item.kind) {
		case "held":
			return `Decide about ${many(n, "held removal", "held removals")} of ${item.connection}`;
		case "credential":
			return `Rotate the credential of ${item.connection}`;
		case "deletion_request":
			return (
				<>
					Decide about the deletion of <Name text={item.name ?? ""} short />
				</>
			);
		case "confirmation":
			return `Confirm ${many(n, "person", "people")}`;
		case "handover":
			return "Finish the hand-over";
		case "mail":
			return `${many(n, "mail", "mails")} could not be sent`;
	}
}

/** What waits for an operator, in all companies. */
function Waiting({ reading, more }: { reading: Parameters<typeof View<Inbox>>[0]["reading"]; more: () => void }) {
	return (
		<Card title="Waiting for a decision" id="waiting" flush>
			<View reading={reading} rows={4}>
				{(inbox) =>
					inbox.items.length === 0 ? (
						<AllWell>Nothing is waiting for you.</AllWell>
					) : (
						<>
							<ul className="rows">
								{inbox.items.map((item) => (
									<li key={item.id} className="line">
										<div className="line-main">
											<To href={placeOf(item)} className="line-title">
												{askOf(item)}
											</To>
											<span className="faint">
												{item.tenant_name ? <Name text={item.tenant_name} short /> : "This installation"}
												{item.reason && (
													<>
														{" · "}
														<Name text={item.reason} short />
													</>
												)}
											</span>
										</div>
										<span className="faint">
											{item.due ? (
												<>
													due <Time at={item.due} />
												</>
											) : (
												item.since && (
													<>
														since <Time at={item.since} />
													</>
												)
											)}
										</span>
									</li>
								))}
							</ul>
							{inbox.total > inbox.items.length && (
								<p className="card-pad faint">
									The first {count(inbox.items.length)} of {count(inbox.total)} are shown.{" "}
									<Action small onPress={more}>
										Show more
									</Action>
								</p>
							)}
						</>
					)
				}
			</View>
		</Card>
	);
}

type ReadOf<T> = Parameters<typeof View<{ items: T[]; next?: string }>>[0]["reading"];

/** How many connections are shown. */
const shown = 8;

function Unhealthy({ reading }: { reading: ReadOf<Connection> }) {
	return (
		<Card title="Sync that needs attention" flush actions={<To href={to.connections}>All connections</To>}>
			<View reading={reading} rows={4}>
				{(page) => {
					const sick = page.items.filter((c) => c.health.state !== "healthy" || c.paused || c.ending);
					const more = sick.length - shown;
					if (!sick.length) return <AllWell>Every connection sends requests as often as usual.</AllWell>;
					return (
						<>
							<ul className="rows">
								{sick.slice(0, shown).map((c) => (
									<li key={c.slug} className="line">
										<div className="line-main">
											<To href={to.connection(c.slug)} className="line-title">
												{c.slug}
											</To>
											<span className="faint">
												<Name text={c.tenant_name ?? c.tenant} short /> {c.health.why && `· ${c.health.why}`}
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
												{c.last_success ? "Last success " : ""}
												<Time at={c.last_success} none="No success yet" />
											</span>
										</div>
									</li>
								))}
							</ul>
							{more > 0 && (
								<p className="card-pad">
									<To href={`${to.connections}?sort=health`}>
										{page.next && sick.length === page.items.length ? `More than ${count(more)} others` : many(more, "other", "others")}
									</To>
								</p>
							)}
						</>
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
											<Tag tone="bad">{alertKinds[a.kind] ?? plain(a.kind)}</Tag> <Name text={sentence(a.text)} />
										</span>
										<span className="faint">
											<To href={to.company(a.tenant, "alerts")}>{a.tenant_name ?? a.tenant}</To>
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

/** What happened since midnight. It is read after the rest. While the server has not counted every company, it is asked again soon. */
function Today({ on }: { on: boolean }) {
	const since = new Date(now());
	since.setHours(0, 0, 0, 0);
	const [soon, setSoon] = useState(false);
	const counts = useRead("count-audit", { query: { from: since.toISOString() } }, { enabled: on, every: soon ? 2_000 : 5 * 60_000 });
	const partial = counts.data !== undefined && counts.data.counted < counts.data.tenants;
	useEffect(() => setSoon(partial), [partial]);
	const here = `${isoDay(since)}T00:00`;
	const rows: [string, number | undefined, string][] = [
		["People added", counts.data?.users_created, "action=user.create&outcome=done"],
		["People suspended", counts.data?.users_suspended, "action=user.suspend&outcome=done"],
		["Refused", counts.data?.refused, "outcome=refused"],
	];
	return (
		<Card title="Today">
			<Facts>
				{rows.map(([name, n, query]) => (
					<Fact key={name} name={name}>
						{n === undefined && counts.isError ? (
							<Nothing>unknown: {counts.error.message}</Nothing>
						) : (
							<To href={`${to.audit}?${query}&from=${here}`}>{n === undefined ? "…" : `${count(n)}${partial ? "+" : ""}`}</To>
						)}
					</Fact>
				))}
			</Facts>
			{partial && (
				<p className="faint">
					{count(counts.data?.counted ?? 0)} of {many(counts.data?.tenants ?? 0, "company is", "companies are")} counted so far.
				</p>
			)}
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
								<span className="figure-name">
									In use, over {page.next && "the fullest "}
									{many(page.items.length, "company", "companies")}
								</span>
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
