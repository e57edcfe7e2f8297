// The list of companies.

import { useState } from "react";
import { useList, useRead } from "../../api/query.ts";
import type { Tenant } from "../../api/schema.ts";
import { Action, Badge, Head, More, Name, Nothing, SeatMeter, Tag, Time } from "../../parts/basic.tsx";
import { OrNoCompany } from "../../parts/companies.tsx";
import { countryName } from "../../parts/country.tsx";
import { choicesOf, Filter, Search } from "../../parts/form.tsx";
import { Empty } from "../../parts/state.tsx";
import { type Column, Table, TableBar } from "../../parts/table.tsx";
import { count, day, many, syncStates, tenantStates } from "../../parts/words.ts";
import { to, useParams, useTitle } from "../../shell/place.ts";
import { AddCompany, LinkCompany } from "./add.tsx";
import { Enter } from "./enter.tsx";
import { ConnectionMarks } from "./marks.tsx";

const columns: Column<Tenant>[] = [
	{
		id: "name",
		title: "Company",
		sort: "name",
		cell: (t) => (
			<span className="two-lines">
				<Name text={t.name} short />
				<span className="faint mono">{t.slug}</span>
			</span>
		),
	},
	{
		id: "status",
		title: "Status",
		sort: "status",
		from: "tablet",
		cell: (t) => (t.plan_missing ? <Badge word={{ text: "Plan missing", tone: "bad" }} /> : <Badge word={tenantStates[t.status]} />),
	},
	{
		id: "seats",
		title: "Filled seats",
		sort: "seats",
		end: true,
		cell: (t) => <SeatMeter occupied={t.seats.occupied} limit={t.seats.limit} />,
	},
	{
		id: "free",
		title: "Remaining",
		end: true,
		from: "desktop",
		cell: (t) => (t.seats.free === undefined ? <Nothing /> : count(t.seats.free)),
	},
	{ id: "plan", title: "Plan", from: "desktop", cell: (t) => t.plan },
	{ id: "connections", title: "Connections", from: "laptop", cell: (t) => <ConnectionMarks connections={t.connections} /> },
	{ id: "sync", title: "Last sync", sort: "last_sync", from: "laptop", cell: (t) => <Time at={t.last_sync} none="never" /> },
	{
		id: "alerts",
		title: "Alerts",
		sort: "alerts",
		end: true,
		from: "tablet",
		cell: (t) => (t.alerts ? <Tag tone="bad">{count(t.alerts)}</Tag> : <Nothing />),
	},
	{ id: "launch", title: "Launch", from: "tablet", cell: (t) => <Launch tenant={t} /> },
	{ id: "tags", title: "Tags", extra: true, from: "desktop", cell: (t) => (t.tags.length ? t.tags.join(", ") : <Nothing />) },
	{ id: "number", title: "Customer number", extra: true, from: "desktop", cell: (t) => t.customer_number || <Nothing /> },
	{ id: "manager", title: "Account manager", extra: true, from: "desktop", cell: (t) => t.account_manager || <Nothing /> },
	{ id: "region", title: "Data region", extra: true, from: "desktop", cell: (t) => t.data_region || <Nothing /> },
	{ id: "country", title: "Country", extra: true, from: "desktop", cell: (t) => countryName(t.address?.country) || <Nothing /> },
	{ id: "created", title: "Added", extra: true, from: "desktop", cell: (t) => day(t.created) },
];

/** Launch, without a way through the menu. */
function Launch({ tenant: t }: { tenant: Tenant }) {
	const [entering, setEntering] = useState(false);
	return (
		<>
			<Action small look="quiet" right="tenant.enter" label={`Launch ${t.name}`} onPress={() => setEntering(true)}>
				Launch
			</Action>
			<Enter tenant={entering ? t.slug : undefined} name={t.name} close={() => setEntering(false)} />
		</>
	);
}

const companyStates = { active: tenantStates.active, unlinked: tenantStates.unlinked } as Record<string, { text: string }>;

export default function Companies() {
	useTitle("Companies");
	const [params, set] = useParams();
	const q = params.get("q") ?? "";
	const sort = params.get("sort") ?? "name";
	const down = params.get("dir") === "desc";
	const status = params.get("status") ?? "";
	const plan = params.get("plan") ?? "";
	const health = params.get("health") ?? "";
	const alerts = params.get("alerts") ?? "";
	const tag = params.get("tag") ?? "";
	const list = useList("list-tenants", {
		query: {
			q,
			status: (status || undefined) as "active" | undefined,
			plan,
			health: (health || undefined) as "healthy" | undefined,
			alerts: (alerts || undefined) as "open" | undefined,
			tag,
			sort: sort as "name",
			dir: down ? "desc" : "asc",
		},
	});
	const plans = useRead("list-plans", {}, { every: false });
	const [entering, setEntering] = useState<Tenant>();
	const clear = () =>
		set({
			q: undefined,
			status: undefined,
			plan: undefined,
			health: undefined,
			alerts: undefined,
			tag: undefined,
			sort: undefined,
			dir: undefined,
		});
	const filtered = [q, status, plan, health, alerts, tag].some((f) => f !== "");
	return (
		<>
			<Head title="Companies" sub="The companies that you provision for, with their seats and the state of their sync.">
				<More
					look="primary"
					label="Add a company"
					choices={[
						{
							id: "new",
							text: "New company",
							about: "It starts with no people.",
							icon: "plus",
							right: "tenant.create",
							run: () => set({ add: "new" }, "push"),
						},
						{
							id: "link",
							text: "Link from a bundle",
							about: "It comes from another installation with its people.",
							icon: "box",
							right: "tenant.hand_over",
							run: () => set({ add: "link" }, "push"),
						},
					]}
				>
					Add company
				</More>
			</Head>
			<TableBar views="companies" filtered={filtered} clear={clear}>
				<Search label="Search companies" placeholder="Name or slug" value={q} onChange={(text) => set({ q: text })} />
				<Filter label="Status" value={status} onChange={(next) => set({ status: next })} options={choicesOf(companyStates)} />
				<Filter
					label="Plan"
					value={plan}
					onChange={(next) => set({ plan: next })}
					options={(plans.data?.items ?? []).map((p) => ({ id: p.name, text: p.title || p.name }))}
				/>
				<Filter label="Health" value={health} onChange={(next) => set({ health: next })} options={choicesOf(syncStates)} />
				<Filter
					label="Alerts"
					value={alerts}
					onChange={(next) => set({ alerts: next })}
					options={[{ id: "open", text: "With open alerts" }]}
				/>
				{tag && (
					<Action small icon="close" onPress={() => set({ tag: undefined })}>
						Tag: {tag}
					</Action>
				)}
			</TableBar>
			{list.first && (
				<p className="faint" role="status">
					{many(list.first.total, "company", "companies")}
					{filtered ? " match" : ""}
				</p>
			)}
			<Table
				name="companies"
				label="Companies"
				list={list}
				columns={columns}
				rowKey={(t) => t.slug}
				href={(t) => to.company(t.slug)}
				sort={{ by: sort, down, set: (by, d) => set({ sort: by, dir: d ? "desc" : undefined }) }}
				filtered={filtered}
				clear={clear}
				summary={(t) => (
					<>
						<ConnectionMarks connections={t.connections} />
						{t.alerts > 0 && <Tag tone="bad">{many(t.alerts, "alert", "alerts")}</Tag>}
					</>
				)}
				menu={(t) => (
					<More
						label={`Actions for ${t.name}`}
						choices={[
							{
								id: "enter",
								text: "Launch",
								about: "Work inside it. The audit trail shows it.",
								icon: "enter",
								right: "tenant.enter",
								run: () => setEntering(t),
							},
							{ id: "people", text: "People", icon: "people", href: to.company(t.slug, "people"), apart: true },
							{ id: "connections", text: "Connections", icon: "plug", href: to.company(t.slug, "connections") },
							{ id: "seats", text: "Plan and seats", icon: "coins", href: to.company(t.slug, "billing") },
							{ id: "settings", text: "Name and settings", icon: "gear", href: to.company(t.slug, "settings") },
							{ id: "audit", text: "Audit", icon: "scroll", right: "tenant.record", href: to.company(t.slug, "audit") },
							{
								id: "hand-over",
								text: "Hand over",
								icon: "box",
								right: "tenant.hand_over",
								href: to.company(t.slug, "hand-over"),
								apart: true,
							},
						]}
					/>
				)}
				empty={
					<OrNoCompany>
						<Empty
							icon="building"
							title="No company yet"
							action={
								<>
									<Action look="primary" icon="plus" right="tenant.create" onPress={() => set({ add: "new" }, "push")}>
										Add the first company
									</Action>
									<Action icon="box" right="tenant.hand_over" onPress={() => set({ add: "link" }, "push")}>
										Link from a bundle
									</Action>
								</>
							}
						>
							A company is a customer whose people you provision. Add one, or link one that another installation handed over.
						</Empty>
					</OrNoCompany>
				}
			/>
			<AddCompany open={params.get("add") === "new"} close={() => set({ add: undefined })} />
			<LinkCompany open={params.get("add") === "link"} close={() => set({ add: undefined })} />
			<Enter tenant={entering?.slug} name={entering?.name ?? ""} close={() => setEntering(undefined)} />
		</>
	);
}
