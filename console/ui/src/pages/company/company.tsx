// One company: its head, its sections, and the page of the section.

import { type ComponentType, lazy, Suspense, useState } from "react";
import { useParams } from "wouter";
import { useRead } from "../../api/query.ts";
import type { Overview } from "../../api/schema.ts";
import { Action, Badge, Code, Head, lackOf, Name, Tabs, To, useRights } from "../../parts/basic.tsx";
import { CopyLink } from "../../parts/json.tsx";
import { Empty, Needs, Skeleton, View } from "../../parts/state.tsx";
import { useQuick } from "../../parts/toast.tsx";
import { count, tenantStates, tidy } from "../../parts/words.ts";
import { to, useTitle } from "../../shell/place.ts";
import { useSession } from "../../shell/session.tsx";
import { Enter } from "./enter.tsx";

/** What the page of a section is given. rest is the address after the section. */
export interface SectionProps {
	company: string;
	overview: Overview;
	rest: string[];
}

interface Section {
	id: string;
	text: string;
	page: ComponentType<SectionProps>;
	right?: string;
	/** The right without which nothing of it can be read. */
	reads?: string;
}

const sections: Section[] = [
	{ id: "", text: "Overview", page: lazy(() => import("./overview.tsx")) },
	{ id: "people", text: "People", page: lazy(() => import("../user/section.tsx")) },
	{ id: "groups", text: "Groups", page: lazy(() => import("../group/section.tsx")) },
	{ id: "connections", text: "Connections", page: lazy(() => import("./connections.tsx")) },
	{ id: "billing", text: "Seats & billing", page: lazy(() => import("../billing/company.tsx")) },
	{ id: "alerts", text: "Alerts", page: lazy(() => import("../alert/company.tsx")) },
	{ id: "audit", text: "Audit", page: lazy(() => import("../audit/company.tsx")), right: "tenant.record", reads: "tenant.record" },
	{ id: "settings", text: "Settings", page: lazy(() => import("./settings.tsx")) },
	{ id: "hand-over", text: "Hand-over", page: lazy(() => import("../handover/handover.tsx")), right: "tenant.hand_over" },
];

export default function Company() {
	const { company: raw, "*": path } = useParams<{ company: string; "*"?: string }>();
	const company = decodeURIComponent(raw ?? "");
	const overview = useRead("get-tenant-overview", { path: { tenant: company } });
	const [id = "", ...rest] = (path ?? "").split("/").map(decodeURIComponent);
	const section = sections.find((s) => s.id === id);
	useTitle(`${section?.text ?? "Company"} · ${tidy(overview.data?.tenant.name ?? company)}`);
	return (
		<View reading={overview} what="The company" level={1}>
			{(data) => (
				<>
					{rest.length > 0 && id !== "audit" && !named.includes(rest[0] ?? "") ? (
						<CompanyLine company={company} overview={data} />
					) : (
						<CompanyHead overview={data} />
					)}
					<Sections company={company} current={id} overview={data} />
					{section ? (
						<Needs any={[section.reads ?? "tenant.read"]}>
							<Suspense fallback={<Skeleton rows={8} />}>
								<section.page company={company} overview={data} rest={rest} />
							</Suspense>
						</Needs>
					) : (
						<Empty title="There is no such page" />
					)}
				</>
			)}
		</View>
	);
}

/** Pages below a section that are not one person's or one group's. */
const named = ["", "invitations", "deletion-requests", "import", "auto-deletions"];

/** Above the page of a person or a group, which has a title of its own. */
function CompanyLine({ company, overview }: { company: string; overview: Overview }) {
	return (
		<p className="company-line">
			<To href={to.company(company)} className="line-title">
				<Name text={overview.tenant.name} short />
			</To>
		</p>
	);
}

function CompanyHead({ overview }: { overview: Overview }) {
	const { tenant, inside } = overview;
	const { operator } = useSession();
	const [entering, setEntering] = useState(false);
	const leave = useQuick("leave-tenant");
	const mine = inside.some((e) => e.operator === operator.id);
	const others = inside.filter((e) => e.operator !== operator.id);
	return (
		<Head
			title={<Name text={tenant.name} />}
			badge={
				<>
					<Badge word={tenant.plan_missing ? { text: "Plan missing", tone: "bad" } : tenantStates[tenant.status]} />
					<CopyLink to="this company" />
				</>
			}
			sub={
				<>
					<Code text={tenant.slug} what="the id of the company" /> · {tenant.plan}
					{tenant.data_region && ` · data in ${tenant.data_region}`}
					{tenant.customer_number && ` · no. ${tidy(tenant.customer_number)}`}
					{tenant.tags.map((tag) => (
						<To key={tag} href={`${to.companies}?tag=${encodeURIComponent(tag)}`} className="tag tag-quiet tag-link">
							{tag}
						</To>
					))}
					{others.length > 0 && (
						<>
							{" · "}
							{others.length === 1 ? <Name text={others[0]?.name || "Another operator"} short /> : `${count(others.length)} operators`}{" "}
							inside now
						</>
					)}
				</>
			}
		>
			{mine ? (
				<Action icon="leave" running={leave.running} onPress={() => leave.run({ path: { tenant: tenant.slug } })}>
					Leave
				</Action>
			) : (
				<Action icon="enter" look="primary" right="tenant.enter" onPress={() => setEntering(true)}>
					Launch
				</Action>
			)}
			<Enter tenant={entering ? tenant.slug : undefined} name={tenant.name} close={() => setEntering(false)} />
		</Head>
	);
}

function Sections({ company, current, overview }: { company: string; current: string; overview: Overview }) {
	const rights = useRights();
	const counts: Record<string, number> = {
		alerts: overview.alerts.filter((a) => a.state === "open").length,
	};
	return (
		<Tabs
			label="Sections of the company"
			current={current}
			sections={sections.map((s) => ({
				id: s.id,
				text: s.text,
				href: to.company(company, s.id),
				count: counts[s.id],
				lacks: lackOf(rights, s.right),
			}))}
		/>
	);
}
