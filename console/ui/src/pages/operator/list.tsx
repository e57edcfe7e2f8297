// Administrators: who works for the provider, with what role, and how they sign in.

import { downloadURL } from "../../api/client.ts";
import { useList } from "../../api/query.ts";
import type { Operator } from "../../api/schema.ts";
import { Action, Badge, Download, Head, Name, Note, Nothing, Tag, Time, Tip } from "../../parts/basic.tsx";
import { CompanyFilter } from "../../parts/companies.tsx";
import { choicesOf, Filter, Search } from "../../parts/form.tsx";
import { useCompanyNames } from "../../parts/names.tsx";
import { Empty } from "../../parts/state.tsx";
import { type Column, Table, TableBar } from "../../parts/table.tsx";
import { count, list, many, operatorStates, roleTitle, roleTitles, sentence } from "../../parts/words.ts";
import { useParams, useTitle } from "../../shell/place.ts";
import { OperatorPanel } from "./panel.tsx";

/** How many companies an administrator has; which ones is shown when it is pointed at or focused. */
function Scope({ operator: o }: { operator: Operator }) {
	const shown = o.all_tenants ? [] : o.tenants.slice(0, 20);
	const names = useCompanyNames(shown);
	if (o.all_tenants) return "All";
	if (!o.tenants.length) return <Nothing>none</Nothing>;
	const more = o.tenants.length - shown.length;
	const text = list([...shown.map((slug) => names.get(slug) ?? slug), ...(more ? [`${count(more)} more`] : [])]);
	return <Tip text={text}>{count(o.tenants.length)}</Tip>;
}

const columns: Column<Operator>[] = [
	{
		id: "name",
		title: "Name",
		sort: "name",
		cell: (o) => (
			<span className="two-lines">
				<Name text={`${o.first_name} ${o.last_name}`} short />
			</span>
		),
	},
	{ id: "email", title: "E-mail", sort: "email", from: "tablet", cell: (o) => <Name text={o.email} short /> },
	{ id: "role", title: "Role", sort: "role", cell: (o) => roleTitle(o.role) },
	{ id: "companies", title: "Companies", from: "laptop", end: true, cell: (o) => <Scope operator={o} /> },
	{ id: "status", title: "Status", sort: "status", from: "tablet", cell: (o) => <Badge word={operatorStates[o.status]} /> },
	{
		id: "keys",
		title: "API key access",
		from: "laptop",
		cell: (o) =>
			o.api_access ? (
				<Tip
					text={o.api_keys ? `${many(o.api_keys, "live key", "live keys")}. Open the row to see each.` : "No key yet."}
				>{`On, ${count(o.api_keys)}`}</Tip>
			) : (
				<Nothing>off</Nothing>
			),
	},
	{ id: "required", title: "MFA: requirement", from: "desktop", cell: (o) => (o.mfa_required ? "Required" : <Nothing>optional</Nothing>) },
	{
		id: "enrolled",
		title: "MFA: enrolment",
		from: "laptop",
		cell: (o) =>
			o.mfa_enrolled ? <Tag tone="good">Enrolled</Tag> : o.mfa_required ? <Tag tone="warn">Missing</Tag> : <Nothing>not enrolled</Nothing>,
	},
	{ id: "last", title: "Last sign-in", from: "laptop", cell: (o) => <Time at={o.last_sign_in} none="never" /> },
	{ id: "sessions", title: "Sessions", extra: true, from: "desktop", end: true, cell: (o) => count(o.sessions) },
];

export default function Operators() {
	useTitle("Administrators");
	const [params, set] = useParams();
	const q = params.get("q") ?? "";
	const sort = params.get("sort") ?? "name";
	const down = params.get("dir") === "desc";
	const role = params.get("role") ?? "";
	const status = params.get("status") ?? "";
	const mfa = params.get("mfa") ?? "";
	const tenant = params.get("company") ?? "";
	const only = {
		tenant: tenant || undefined,
		q,
		role: (role || undefined) as "owner" | undefined,
		status: (status || undefined) as "active" | undefined,
		mfa: (mfa || undefined) as "missing" | undefined,
	};
	const found = useList("list-operators", { query: { ...only, sort: sort as "name", dir: down ? "desc" : "asc" } });
	const open = params.get("open") ?? "";
	const filtered = [q, tenant, role, status, mfa].some((f) => f !== "");
	const clear = () =>
		set({ q: undefined, company: undefined, role: undefined, status: undefined, mfa: undefined, sort: undefined, dir: undefined });
	const warnings = found.first?.warnings ?? [];
	return (
		<>
			<Head title="Administrators" sub="The people of the provider, and what each of them may do.">
				<Download href={downloadURL("export-operators", { query: only })}>CSV</Download>
				<Action look="primary" icon="plus" right="operator.manage" onPress={() => set({ open: "new" }, "push")}>
					Add administrator
				</Action>
			</Head>
			{warnings.map((w) => (
				<Note key={w} tone="warn">
					{sentence(w)}
				</Note>
			))}
			<TableBar views="administrators" filtered={filtered} clear={clear}>
				<Search label="Search administrators" placeholder="Name or e-mail" value={q} onChange={(text) => set({ q: text })} />
				<CompanyFilter value={tenant} onChange={(next) => set({ company: next })} />
				<Filter label="Role" value={role} onChange={(next) => set({ role: next })} options={choicesOf(roleTitles)} />
				<Filter label="Status" value={status} onChange={(next) => set({ status: next })} options={choicesOf(operatorStates)} />
				<Filter
					label="Second factor"
					value={mfa}
					onChange={(next) => set({ mfa: next })}
					options={[
						{ id: "enrolled", text: "Enrolled" },
						{ id: "not_enrolled", text: "Not enrolled" },
						{ id: "missing", text: "Required and missing" },
					]}
				/>
			</TableBar>
			<Table
				name="operators"
				label="Administrators"
				list={found}
				columns={columns}
				rowKey={(o) => o.id}
				open={(o) => set({ open: o.id }, "push")}
				current={open}
				sort={{ by: sort, down, set: (by, d) => set({ sort: by, dir: d ? "desc" : undefined }) }}
				filtered={filtered}
				clear={clear}
				summary={(o) => (
					<>
						<Badge word={operatorStates[o.status]} />
						{!o.mfa_enrolled && o.mfa_required && <Tag tone="warn">MFA missing</Tag>}
					</>
				)}
				empty={
					<Empty icon="shield" title="No administrator">
						Add the people who help your companies, each with a role and the companies that they may see.
					</Empty>
				}
			/>
			{found.rows?.length === 1 && !filtered && (
				<Note>
					You are the only administrator. Add a second Owner: only another Owner can reset the second factor of an Owner who lost it.
				</Note>
			)}
			<OperatorPanel id={open} close={() => set({ open: undefined, panel: undefined })} requireMFA={found.first?.require_mfa ?? false} />
		</>
	);
}
