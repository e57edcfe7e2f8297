// People of all companies: where is a person?

import { useCallback } from "react";
import { useList } from "../../api/query.ts";
import type { FoundUser, User } from "../../api/schema.ts";
import { Head, Name, Nothing, Tag, Time, To } from "../../parts/basic.tsx";
import { OrNoCompany } from "../../parts/companies.tsx";
import { choicesOf, Filter, Search } from "../../parts/form.tsx";
import { Empty } from "../../parts/state.tsx";
import { type Column, Table, TableBar } from "../../parts/table.tsx";
import { userStates } from "../../parts/words.ts";
import { to, useParams, useTitle } from "../../shell/place.ts";
import { nameOf, State, statement } from "./words.tsx";

const columns: Column<FoundUser>[] = [
	{
		id: "name",
		title: "Person",
		cell: (f) => (
			<span className="two-lines">
				<Name text={nameOf(f.user)} short />
				{f.user.display_name && (
					<span className="faint">
						<Name text={f.user.user_name} short />
					</span>
				)}
			</span>
		),
	},
	{
		id: "company",
		title: "Company",
		from: "tablet",
		cell: (f) => (
			<To href={to.company(f.tenant)}>
				<Name text={f.tenant_name} short />
			</To>
		),
	},
	{ id: "state", title: "State", cell: (f) => <State user={f.user} /> },
	{ id: "type", title: "Type", from: "laptop", cell: (f) => (f.user.type === "guest" ? <Tag tone="info">Guest</Tag> : "Member") },
	{ id: "connection", title: "Managed by", from: "laptop", cell: (f) => f.user.connection || <Nothing>no connection</Nothing> },
	{ id: "statement", title: "IdP says", from: "desktop", cell: (f) => statement(f.user) },
	{ id: "changed", title: "Changed", from: "desktop", cell: (f) => <Time at={f.user.modified} /> },
];

export default function Everywhere() {
	useTitle("People");
	const [params, set] = useParams();
	const q = params.get("q") ?? "";
	const state = params.get("state") ?? "";
	const type = params.get("type") ?? "";
	const list = useList(
		"search-users",
		{ query: { q, state: (state || undefined) as User["state"] | undefined, type: (type || undefined) as User["type"] | undefined } },
		{ every: false },
	);
	const clear = () => set({ q: undefined, state: undefined, type: undefined });
	const search = useCallback((text: string) => set({ q: text }), [set]);
	const filtered = [q, state, type].some((f) => f !== "");
	return (
		<>
			<Head title="People" sub="All people in your companies. Search by a part of a name, an e-mail address or a userName." />
			<TableBar views="people" filtered={filtered} clear={clear}>
				<Search label="Search people" placeholder="Name, e-mail or userName" value={q} onChange={search} />
				<Filter label="State" value={state} onChange={(next) => set({ state: next })} options={choicesOf(userStates)} />
				<Filter
					label="Type"
					value={type}
					onChange={(next) => set({ type: next })}
					options={[
						{ id: "member", text: "Members" },
						{ id: "guest", text: "Guests" },
					]}
				/>
			</TableBar>
			<Table
				name="everywhere"
				label="People of all companies"
				list={list}
				columns={columns}
				rowKey={(f) => `${f.tenant}/${f.user.id}`}
				href={(f) => to.person(f.tenant, f.user.id)}
				filtered={filtered}
				clear={clear}
				summary={(f) => <Name text={f.tenant_name} short />}
				empty={
					<OrNoCompany>
						<Empty icon="people" title="No people yet">
							People appear when an identity provider pushes them into a company, or when you add a person there by hand.
						</Empty>
					</OrNoCompany>
				}
			/>
		</>
	);
}
