// Seats and what they cost, of all companies.

import { downloadURL } from "../../api/client.ts";
import { useList } from "../../api/query.ts";
import type { Usage } from "../../api/schema.ts";
import { Card, Download, Head, Name, Note, Nothing, Tag } from "../../parts/basic.tsx";
import { OrNoCompany } from "../../parts/companies.tsx";
import { Search } from "../../parts/form.tsx";
import { Empty } from "../../parts/state.tsx";
import { type Column, Table, TableBar } from "../../parts/table.tsx";
import { count, decimal, localDay, money } from "../../parts/words.ts";
import { to, useParams, useTitle } from "../../shell/place.ts";
import { PeriodPick, usePeriod } from "./period.tsx";

const columns: Column<Usage>[] = [
	{
		id: "tenant",
		title: "Company",
		cell: (u) => (
			<span className="two-lines">
				<Name text={u.tenant_name} short />
				<span className="faint mono">{u.tenant}</span>
			</span>
		),
	},
	{ id: "number", title: "Customer number", extra: true, from: "desktop", cell: (u) => u.customer_number || <Nothing /> },
	{ id: "plan", title: "Plan", from: "tablet", cell: (u) => u.plan },
	{
		id: "counted",
		title: "Days counted",
		end: true,
		from: "laptop",
		cell: (u) => (
			<>
				{count(u.counted)} / {count(u.days)} {u.late > 0 && <Tag tone="warn">{count(u.late)} late</Tag>}
			</>
		),
	},
	{ id: "members", title: "Member days", end: true, from: "desktop", cell: (u) => count(u.member_days) },
	{ id: "guests", title: "Guest days", end: true, from: "desktop", cell: (u) => count(u.guest_days) },
	{ id: "seats", title: "Seat days", end: true, from: "laptop", cell: (u) => count(u.seat_days) },
	{ id: "usage", title: "Usage", end: true, cell: (u) => decimal(u.usage) },
	{ id: "projected", title: "Projected", end: true, from: "laptop", cell: (u) => decimal(u.projected) },
	{
		id: "cost",
		title: "Cost so far",
		end: true,
		from: "tablet",
		cell: (u) => (u.cost ? money(u.cost.total, u.cost.currency) : <Nothing>no price</Nothing>),
	},
	{ id: "total", title: "Projected cost", end: true, cell: (u) => (u.cost ? money(u.cost.projected, u.cost.currency) : <Nothing />) },
];

export default function Billing() {
	useTitle("Seats & billing");
	const period = usePeriod();
	const [params, set] = useParams();
	const q = params.get("q") ?? "";
	const clear = () => set({ q: undefined, from: undefined, to: undefined, period: undefined });
	const filtered = q !== "" || period.from !== undefined;
	const list = useList("get-usage", { query: { ...period, q } }, { every: 120_000 });
	const rows = list.rows ?? [];
	const totals = new Map<string, { total: number; projected: number; n: number }>();
	for (const u of rows) {
		if (!u.cost) continue;
		const sum = totals.get(u.cost.currency) ?? { total: 0, projected: 0, n: 0 };
		totals.set(u.cost.currency, {
			total: sum.total + Number(u.cost.total),
			projected: sum.projected + Number(u.cost.projected),
			n: sum.n + 1,
		});
	}
	return (
		<>
			<Head title="Seats & billing" sub="Seats are counted once a day. The cost is an estimate, not an invoice.">
				<Download href={downloadURL("export-usage", { query: { ...period, q } })}>CSV</Download>
			</Head>
			<TableBar views="billing" filtered={filtered} clear={clear}>
				<Search label="Search companies" placeholder="Name or customer number" value={q} onChange={(text) => set({ q: text })} />
				<PeriodPick />
				{rows[0] && (
					<span className="faint">
						{localDay(rows[0].from)} – {localDay(rows[0].to)}
					</span>
				)}
			</TableBar>
			{totals.size > 0 && !list.hasNextPage && (
				<div className="figures figures-cards">
					{[...totals].map(([currency, sum]) => (
						<Card key={currency}>
							<div className="figure">
								<span className="figure-name">
									Projected, {count(sum.n)} companies in {currency}
								</span>
								<span className="figure-value">{money(sum.projected.toFixed(2), currency)}</span>
								<span className="faint">{money(sum.total.toFixed(2), currency)} so far</span>
							</div>
						</Card>
					))}
				</div>
			)}
			{rows.some((u) => u.cost?.mixed) && (
				<Note tone="warn">Some days have a price in another currency. They are left out of the cost.</Note>
			)}
			<Table
				name="usage"
				label="Usage"
				list={list}
				columns={columns}
				rowKey={(u) => u.tenant}
				href={(u) => to.company(u.tenant, "billing")}
				filtered={q !== ""}
				clear={clear}
				empty={
					<OrNoCompany>
						<Empty icon="coins" title="Nothing is counted yet">
							Seats are counted daily at the time that each company's settings say. The first count is tonight.
						</Empty>
					</OrNoCompany>
				}
			/>
		</>
	);
}
