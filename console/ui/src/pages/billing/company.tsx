// Seats and billing of one company: the daily counts, the ledger, idle seats, plan and number of seats.

import { useEffect, useMemo, useState } from "react";
import { downloadURL } from "../../api/client.ts";
import { useAction, useList, useRead } from "../../api/query.ts";
import type { Idle, LedgerLine, Tenant, Usage } from "../../api/schema.ts";
import {
	Action,
	Card,
	Download,
	Fact,
	Facts,
	Name,
	Note,
	Nothing,
	SeatMeter,
	Tag,
	Time,
	To,
	useLack,
	useRights,
} from "../../parts/basic.tsx";
import { SeatChart } from "../../parts/chart.tsx";
import { Box, Versions } from "../../parts/dialog.tsx";
import { FormBox, Pick, Submit, TextInput } from "../../parts/form.tsx";
import { Empty, View, Withheld } from "../../parts/state.tsx";
import { type Column, Table, TableBar } from "../../parts/table.tsx";
import { say } from "../../parts/toast.tsx";
import { count, decimal, isoDay, many, minute, money, people, plain, sentence } from "../../parts/words.ts";
import { to } from "../../shell/place.ts";
import type { SectionProps } from "../company/company.tsx";
import { Bulk } from "../user/bulk.tsx";
import { PeriodPick, usePeriod } from "./period.tsx";

export default function CompanyBilling({ company, overview }: SectionProps) {
	const rights = useRights();
	const [changing, setChanging] = useState(false);
	const { tenant } = overview;
	return (
		<div className="stack">
			<Card
				title="Plan and seats"
				actions={
					<Action small icon="edit" right="tenant.billing" onPress={() => setChanging(true)}>
						Change
					</Action>
				}
			>
				<div className="figures">
					<div className="figure figure-wide">
						<span className="figure-name">In use</span>
						<SeatMeter occupied={tenant.seats.occupied} limit={tenant.seats.limit} />
					</div>
					<Figure name="Plan" text={tenant.plan} />
					<Figure name="Purchased" text={tenant.seats.purchased ? count(tenant.seats.purchased) : "as the plan allows"} />
					<Figure name="Billable" text={count(tenant.seats.billable)} />
					<Figure name="Guests" text={`${count(tenant.seats.guests)} of ${count(tenant.seats.included_guests)} included`} />
				</div>
			</Card>
			{rights.has("tenant.billing") ? <Costs company={company} /> : <Withheld title="Daily counts and ledger" right="tenant.billing" />}
			<IdleSeats company={company} />
			<Change tenant={tenant} open={changing} close={() => setChanging(false)} />
		</div>
	);
}

function Figure({ name, text }: { name: string; text: string }) {
	return (
		<div className="figure">
			<span className="figure-name">{name}</span>
			<span className="figure-text">{text}</span>
		</div>
	);
}

function Costs({ company }: { company: string }) {
	const period = usePeriod();
	const usage = useRead("get-usage", { query: { ...period, tenant: company } }, { every: 120_000 });
	const first = usage.data?.items[0];
	return (
		<>
			<TableBar
				actions={<Download href={downloadURL("export-snapshots", { path: { tenant: company }, query: period })}>Daily counts</Download>}
			>
				<PeriodPick />
			</TableBar>
			<View reading={usage} rows={2}>
				{() =>
					first ? (
						<UsageFigures usage={first} />
					) : (
						<Empty icon="coins" title="Nothing is counted yet">
							The first count is tonight.
						</Empty>
					)
				}
			</View>
			<Days company={company} />
			<Ledger company={company} />
		</>
	);
}

function UsageFigures({ usage: u }: { usage: Usage }) {
	return (
		<div className="figures figures-cards">
			<Card>
				<div className="figure">
					<span className="figure-name">Usage</span>
					<span className="figure-value">{decimal(u.usage)}</span>
					<span className="faint">
						{count(u.seat_days)} seat days in {many(u.counted, "counted day", "counted days")}
						{u.late > 0 && `, ${count(u.late)} counted late`}
					</span>
				</div>
			</Card>
			<Card>
				<div className="figure">
					<span className="figure-name">Projected usage</span>
					<span className="figure-value">{decimal(u.projected)}</span>
					<span className="faint">if every day until then is like the last</span>
				</div>
			</Card>
			{u.cost && (
				<>
					<Card>
						<div className="figure">
							<span className="figure-name">Cost so far</span>
							<span className="figure-value">{money(u.cost.total, u.cost.currency)}</span>
							<span className="faint">
								{money(u.cost.base, u.cost.currency)} base, {money(u.cost.added, u.cost.currency)} added,{" "}
								{money(u.cost.credited, u.cost.currency)} credited
							</span>
						</div>
					</Card>
					<Card>
						<div className="figure">
							<span className="figure-name">Projected cost</span>
							<span className="figure-value">{money(u.cost.projected, u.cost.currency)}</span>
							<span className="faint">an estimate, not an invoice</span>
						</div>
					</Card>
				</>
			)}
		</div>
	);
}

function Days({ company }: { company: string }) {
	const [from, until] = useMemo(() => {
		const today = new Date();
		const start = new Date(today);
		start.setDate(start.getDate() - 90);
		return [isoDay(start), isoDay(today)];
	}, []);
	const period = usePeriod();
	const days = useRead(
		"list-snapshots",
		{ path: { tenant: company }, query: { from: period.from ?? from, to: period.to ?? until, limit: 500 } },
		{ every: 300_000, keep: true },
	);
	const points = (days.data?.items ?? []).map((d) => ({
		day: d.day,
		values: [d.members, d.guests, d.billed],
		limit: d.limit,
		late: d.late,
		plan: d.plan,
	}));
	return (
		<Card title={period.from ? "Daily counts of the period" : "Daily counts of ninety days"}>
			<View reading={days} rows={4}>
				{() =>
					points.length < 2 ? (
						<p className="faint">Two counts are needed for a chart.</p>
					) : (
						<SeatChart points={points} series={["Members", "Guests", "Billed"]} label="Members, guests and billed seats by day" />
					)
				}
			</View>
		</Card>
	);
}

const ledgerColumns: Column<LedgerLine>[] = [
	{ id: "person", title: "Person", cell: (l) => <Name text={l.user_name} short /> },
	{ id: "type", title: "Type", from: "tablet", cell: (l) => (l.type === "guest" ? <Tag tone="info">Guest</Tag> : "Member") },
	{ id: "from", title: "From", from: "tablet", cell: (l) => minute(l.from) },
	{ id: "to", title: "To", cell: (l) => (l.to ? minute(l.to) : <Nothing>open</Nothing>) },
	{ id: "why", title: "Ended by", from: "laptop", cell: (l) => (l.why ? plain(l.why) : "") },
	{ id: "due", title: "Charge due by", from: "desktop", cell: (l) => minute(l.charge_due_by) },
	{ id: "days", title: "Seat days", end: true, cell: (l) => count(l.seat_days) },
];

function Ledger({ company }: { company: string }) {
	const period = usePeriod();
	const list = useList("list-ledger", { path: { tenant: company }, query: period }, { every: 120_000 });
	return (
		<Card
			title="Ledger"
			flush
			actions={<Download href={downloadURL("export-ledger", { path: { tenant: company }, query: period })}>CSV</Download>}
		>
			<Table
				name="ledger"
				label="Ledger"
				list={list}
				columns={ledgerColumns}
				rowKey={(l) => `${l.user}-${l.from}`}
				href={(l) => to.person(company, l.user)}
				empty={
					<Empty icon="coins" title="No billable seats">
						In this period.
					</Empty>
				}
			/>
		</Card>
	);
}

function IdleSeats({ company }: { company: string }) {
	const idle = useRead("get-idle", { path: { tenant: company } }, { every: 300_000 });
	return (
		<Card title="Idle seats">
			<View reading={idle} rows={3}>
				{(i) => <IdleReport company={company} idle={i} />}
			</View>
		</Card>
	);
}

function IdleReport({ company, idle: i }: { company: string; idle: Idle }) {
	return (
		<>
			<p>{sentence(i.summary)}</p>
			{!i.reported && (
				<Note>
					The application has reported no activity yet, so no person counts as idle. It reports with an application key, under{" "}
					<To href={to.company(company, "settings")}>Settings</To>.
				</Note>
			)}
			{i.idle.length > 0 && (
				<IdlePeople company={company} title={`Idle for ${many(i.idle_days, "day", "days")}`} people={i.idle} total={i.idle_count} />
			)}
			{i.unmentioned.length > 0 && (
				<IdlePeople
					company={company}
					title={`Not mentioned by the identity provider for ${many(i.orphan_days, "day", "days")}`}
					people={i.unmentioned}
					total={i.unmentioned_count}
				/>
			)}
			{i.tokens.length > 0 && (
				<Facts>
					<Fact name="Credentials never used">{i.tokens.map((t) => `${t.prefix}… (${t.connection ?? t.name ?? "key"})`).join(", ")}</Fact>
				</Facts>
			)}
		</>
	);
}

function IdlePeople({ company, title, people: list, total }: { company: string; title: string; people: Idle["idle"]; total: number }) {
	const [asked, setAsked] = useState(false);
	const here = list.filter((u) => u.state !== "suspended");
	return (
		<div>
			<div className="row row-split">
				<h3>{title}</h3>
				<Action small icon="pause" right="user.suspend" not={here.length ? undefined : "All are suspended."} onPress={() => setAsked(true)}>
					{here.length < total ? `Suspend the ${count(here.length)} listed` : "Suspend these"}
				</Action>
			</div>
			<Bulk company={company} verb={asked ? "suspend" : undefined} people={here} close={() => setAsked(false)} />
			<ul className="todo">
				{list.slice(0, 20).map((u) => (
					<li key={u.id}>
						<To href={to.person(company, u.id)}>
							<Name text={u.user_name} short />
						</To>{" "}
						<span className="faint">
							{many(u.days, "day", "days")}, {u.last ? `last active ${u.last}` : "never active"}, since <Time at={u.since} />
						</span>
					</li>
				))}
			</ul>
			{total > 20 && <p className="faint">and {people(total - 20)} more</p>}
		</div>
	);
}

function Change({ tenant: t, open, close }: { tenant: Tenant; open: boolean; close: () => void }) {
	const plans = useRead("list-plans", { query: { limit: 100 } }, { enabled: open, every: false });
	const [base, setBase] = useState(t);
	const [form, setForm] = useState({ plan: t.plan, seats: String(t.seats.purchased || "") });
	const lack = useLack("tenant.billing");
	const update = useAction("update-tenant", () => say("Saved."));
	useEffect(() => {
		if (!open) return;
		setBase(t);
		setForm({ plan: t.plan, seats: String(t.seats.purchased || "") });
		update.clear();
	}, [open]);
	const save = async (version: number) => {
		const seats = Number(form.seats || 0);
		const done = await update.run({
			path: { tenant: t.slug },
			version,
			body: { ...(form.plan !== base.plan ? { plan: form.plan } : {}), ...(seats !== base.seats.purchased ? { seats } : {}) },
		});
		if (done) close();
	};
	const stale = update.failure?.status === 412 && t.version !== base.version;
	return (
		<Box title="Plan and seats" sub={`${count(t.seats.occupied)} seats are in use.`} open={open} close={close}>
			<FormBox failure={stale ? undefined : update.failure} submit={() => void save(base.version)}>
				<Pick
					label="Plan"
					name="plan"
					value={form.plan}
					onChange={(plan) => setForm({ ...form, plan })}
					required
					not={lack}
					options={(plans.data?.items ?? []).map((p) => ({
						id: p.name,
						text: p.title || p.name,
						about: [
							p.max_members ? `up to ${count(p.max_members)} members` : "",
							p.scim ? "" : "without SCIM",
							p.custom_groups ? "" : "without custom groups",
						]
							.filter(Boolean)
							.join(", "),
					}))}
				/>
				<TextInput
					label="Purchased seats"
					name="seats"
					value={form.seats}
					onChange={(seats) => setForm({ ...form, seats: seats.replace(/\D/g, "") })}
					inputMode="numeric"
					not={lack}
					about={`Empty: as many as the plan allows. Not below the ${count(t.seats.occupied)} that are in use.`}
				/>
				{stale && (
					<Versions
						rows={[
							{ label: "Plan", mine: form.plan, theirs: t.plan },
							{ label: "Purchased seats", mine: form.seats, theirs: String(t.seats.purchased || "") },
						]}
						keep={() => void save(t.version)}
						take={() => {
							update.clear();
							setBase(t);
							setForm({ plan: t.plan, seats: String(t.seats.purchased || "") });
						}}
					/>
				)}
				<Submit running={update.running} cancel={close} not={lack}>
					Save
				</Submit>
			</FormBox>
		</Box>
	);
}
