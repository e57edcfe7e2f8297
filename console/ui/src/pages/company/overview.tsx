// The overview of a company: seats, sync, what waits, who has access, what happened.

import { useMemo, useState } from "react";
import { useRead } from "../../api/query.ts";
import type { Alert, Overview, Usage } from "../../api/schema.ts";
import { Action, Badge, Card, Name, SeatMeter, Tag, Time, To, ToButton, useLack, useRights } from "../../parts/basic.tsx";
import { SeatChart } from "../../parts/chart.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Sentence } from "../../parts/sentence.tsx";
import { Empty, Withheld } from "../../parts/state.tsx";
import { SyncStrip } from "../../parts/strip.tsx";
import {
	alertKinds,
	count,
	decimal,
	isoDay,
	localDay,
	many,
	money,
	plain,
	sentence,
	standing,
	typeTitle,
	userStates,
} from "../../parts/words.ts";
import { to } from "../../shell/place.ts";
import { Look } from "../alert/alerts.tsx";
import { Access } from "./access.tsx";
import type { SectionProps } from "./company.tsx";

export default function CompanyOverview({ company, overview }: SectionProps) {
	const { tenant } = overview;
	const fresh = tenant.connections.length === 0 && tenant.seats.occupied === 0;
	return (
		<div className="columns-2-1">
			<div className="stack">
				{fresh ? <FirstSteps company={company} /> : <Seats company={company} overview={overview} />}
				<Sync company={company} overview={overview} />
				<Recent company={company} overview={overview} />
			</div>
			<div className="stack">
				<Waiting company={company} overview={overview} />
				<OpenAlerts company={company} overview={overview} />
				<Access company={company} overview={overview} />
			</div>
		</div>
	);
}

function FirstSteps({ company }: { company: string }) {
	return (
		<Card title="First steps">
			<ol className="checklist">
				<li>
					<strong>Connect an identity provider.</strong> You get a base URL and a secret, and enter them in its console.
					<div className="row">
						<ToButton
							look="primary"
							icon="plug"
							right="connection.manage"
							href={`${to.connections}?connect=${encodeURIComponent(company)}`}
						>
							Connect
						</ToButton>
					</div>
				</li>
				<li>
					<strong>The first person arrives.</strong> The identity provider sends everybody who is assigned.
				</li>
				<li>
					<strong>Make one of the company's people an Owner.</strong> Without one, the company cannot be handed over.
				</li>
				<li>
					<strong>Check the plan and the seats.</strong> The first count is tonight.
				</li>
			</ol>
		</Card>
	);
}

function Seats({ company, overview }: { company: string; overview: Overview }) {
	const { seats } = overview.tenant;
	const rights = useRights();
	const [from, until] = useMemo(() => {
		const today = new Date();
		const start = new Date(today);
		start.setDate(start.getDate() - 90);
		return [isoDay(start), isoDay(today)];
	}, []);
	const days = useRead(
		"list-snapshots",
		{ path: { tenant: company }, query: { from, to: until, limit: 100 } },
		{ enabled: rights.has("tenant.billing"), every: 300_000 },
	);
	const usage = useRead("get-usage", { query: { tenant: company } }, { enabled: rights.has("tenant.billing"), every: 300_000 });
	const points = (days.data?.items ?? []).map((d) => ({
		day: d.day,
		values: [d.members + d.guests, d.billed],
		limit: d.limit,
		late: d.late,
		plan: d.plan,
	}));
	return (
		<Card
			title="Seats"
			actions={
				<To href={to.company(company, "billing")} className="link">
					Plan and billing
				</To>
			}
		>
			<div className="figures">
				<div className="figure figure-wide">
					<span className="figure-name">In use</span>
					<SeatMeter occupied={seats.occupied} limit={seats.limit} />
				</div>
				<Figure name="Billable" value={seats.billable} />
				<Figure name="Members" value={seats.members} />
				<Figure name="Guests" value={seats.guests} about={`${count(seats.included_guests)} included`} />
			</div>
			{points.length > 1 && (
				<SeatChart points={points} series={["Counted", "Billed"]} label="Seats of the last ninety days" until={usage.data?.items[0]?.to} />
			)}
			{points.length > 0 && (
				<Projection usage={usage.data?.items[0]} billed={points[points.length - 1]?.values[1] ?? 0} limit={seats.limit} />
			)}
			<IdleSummary company={company} />
			<ul className="state-row" aria-label="People by state">
				{Object.entries(userStates).map(([state, word]) => (
					<li key={state}>
						<To href={`${to.company(company, "people")}?state=${state}`} className="state-link">
							<Badge word={word} /> <span className="number">{count(overview.tenant.users[state] ?? 0)}</span>
						</To>
					</li>
				))}
			</ul>
		</Card>
	);
}

/** What the period comes to if nothing changes, in numbers. */
function Projection({ usage: u, billed, limit }: { usage: Usage | undefined; billed: number; limit: number }) {
	if (!u?.last || u.last >= u.to) return null;
	return (
		<p>
			If nothing changes until the period ends on {localDay(u.to)},{" "}
			{limit > 0 ? `${count(billed)} of ${many(limit, "seat", "seats")}` : many(billed, "seat", "seats")} {billed === 1 ? "is" : "are"}{" "}
			billed on each day, and the usage of the period is {decimal(u.projected)}
			{u.cost && `, about ${money(u.cost.projected, u.cost.currency)}`}.
		</p>
	);
}

/** Seats that are not used, in a sentence. */
function IdleSummary({ company }: { company: string }) {
	const idle = useRead("get-idle", { path: { tenant: company } }, { every: 300_000 });
	if (!idle.data || idle.data.idle_count + idle.data.unmentioned_count === 0) return null;
	return (
		<p>
			{sentence(idle.data.summary)} <To href={to.company(company, "billing")}>Look</To>
		</p>
	);
}

function Figure({ name, value, about }: { name: string; value: number; about?: string }) {
	return (
		<div className="figure">
			<span className="figure-name">{name}</span>
			<span className="figure-value">{count(value)}</span>
			{about && <span className="faint">{about}</span>}
		</div>
	);
}

function Sync({ company, overview }: { company: string; overview: Overview }) {
	const { connections } = overview.tenant;
	const lack = useLack("connection.manage");
	const full = useRead("list-connections", { query: { tenant: company, limit: 100 } });
	const health = new Map((full.data?.items ?? []).map((c) => [c.slug, c]));
	return (
		<Card
			title="Sync"
			flush
			actions={
				lack ? (
					<Action small not={lack}>
						Connect an identity provider
					</Action>
				) : (
					<To href={`${to.connections}?connect=${encodeURIComponent(company)}`} className="link">
						Connect an identity provider
					</To>
				)
			}
		>
			{connections.length === 0 ? (
				<Empty icon="plug" title="No identity provider is connected">
					Until then, people are added by hand.
				</Empty>
			) : (
				<ul className="rows">
					{connections.map((c) => {
						const more = health.get(c.slug);
						return (
							<li key={c.slug} className="line">
								<div className="line-main">
									<To href={to.connection(c.slug)} className="line-title">
										{c.slug}
									</To>
									<span className="faint">{typeTitle(c.type)}</span>
									{more?.health.last_error && (
										<p className="line-note">
											<Icon name="warning" size={14} /> {sentence(more.health.last_error)}
										</p>
									)}
									{more?.health.why && more.health.state !== "healthy" && <p className="faint">{sentence(more.health.why)}</p>}
								</div>
								<div className="line-end">
									<Badge word={standing(more ?? c)} />
									<span className="faint">
										{c.last_success ? "Last success " : ""}
										<Time at={c.last_success} none="No success yet" />
									</span>
								</div>
								<div className="line-below">
									<SyncStrip connection={c.slug} />
								</div>
							</li>
						);
					})}
				</ul>
			)}
		</Card>
	);
}

function Waiting({ company, overview }: { company: string; overview: Overview }) {
	const confirm = overview.tenant.users.awaiting_confirmation ?? 0;
	const held = new Map<string, number>();
	for (const h of overview.held) held.set(h.connection, (held.get(h.connection) ?? 0) + 1);
	const nothing = !confirm && !held.size && !overview.deletion_requests.length;
	return (
		<Card title="Waiting for a decision">
			{nothing ? (
				<p className="faint">Nothing is waiting.</p>
			) : (
				<ul className="todo">
					{[...held].map(([connection, n]) => (
						<li key={connection}>
							<To href={to.connection(connection, "held")}>{many(n, "held removal", "held removals")}</To>{" "}
							<span className="faint">of {connection}</span>
						</li>
					))}
					{overview.deletion_requests.length > 0 && (
						<li>
							<To href={to.company(company, "people/deletion-requests")}>
								{many(overview.deletion_requests.length, "deletion request", "deletion requests")}
							</To>
						</li>
					)}
					{confirm > 0 && (
						<li>
							<To href={`${to.company(company, "people")}?state=awaiting_confirmation`}>{many(confirm, "person", "people")} to confirm</To>
						</li>
					)}
				</ul>
			)}
		</Card>
	);
}

function OpenAlerts({ company, overview }: { company: string; overview: Overview }) {
	const open = overview.alerts.filter((a) => a.state === "open");
	const [looking, setLooking] = useState<Alert>();
	return (
		<Card
			title="Open alerts"
			actions={
				<To href={to.company(company, "alerts")} className="link">
					All
				</To>
			}
		>
			{open.length === 0 ? (
				<p className="faint">No open alerts.</p>
			) : (
				<ul className="todo">
					{open.slice(0, 5).map((a) => (
						<li key={a.key}>
							<Tag tone="bad">{alertKinds[a.kind] ?? plain(a.kind)}</Tag> <Name text={sentence(a.text)} />
							<div className="faint">
								<Time at={a.last} />
								{a.times > 1 && `, ${count(a.times)} times`}
							</div>
							<Action small right="tenant.alert" onPress={() => setLooking(a)} label={`Acknowledge: ${a.text}`}>
								Acknowledge
							</Action>
						</li>
					))}
				</ul>
			)}
			<Look alert={looking} close={() => setLooking(undefined)} fresh={overview.alerts.find((a) => a.key === looking?.key)} />
		</Card>
	);
}

function Recent({ company, overview }: { company: string; overview: Overview }) {
	if (!overview.audit) return <Withheld title="Recent activity" right="tenant.record" />;
	return (
		<Card
			title="Recent activity"
			actions={
				<To href={to.company(company, "audit")} className="link">
					All
				</To>
			}
		>
			{overview.audit.length === 0 ? (
				<p className="faint">Nothing has happened yet.</p>
			) : (
				<ul className="feed">
					{overview.audit.slice(0, 10).map((line) => (
						<li key={line.seq}>
							<Sentence line={line} />
							<span className="faint">
								<Time at={line.time} />
							</span>
						</li>
					))}
				</ul>
			)}
		</Card>
	);
}
