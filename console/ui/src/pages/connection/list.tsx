// Connections: the identity providers of all companies, or of one.

import { useState } from "react";
import { call } from "../../api/client.ts";
import { useAction, useList } from "../../api/query.ts";
import type { Connection } from "../../api/schema.ts";
import { Action, Badge, Head, More, Name, Nothing, Tag, Time } from "../../parts/basic.tsx";
import { useNow } from "../../parts/clock.ts";
import { CompanyFilter, OrNoCompany } from "../../parts/companies.tsx";
import { Confirm, Consequences } from "../../parts/dialog.tsx";
import { choicesOf, Filter, Search } from "../../parts/form.tsx";
import { Empty } from "../../parts/state.tsx";
import { type Column, Table, TableBar } from "../../parts/table.tsx";
import { say } from "../../parts/toast.tsx";
import { connectionTypes, count, many, standing, syncStates, typeTitle } from "../../parts/words.ts";
import { to, useParams, useTitle } from "../../shell/place.ts";
import { Connect } from "./connect.tsx";
import { Spark } from "./spark.tsx";

/** How many days are left until the first live credential ends, or undefined. */
export function daysLeft(c: Pick<Connection, "tokens">, now: number): number | undefined {
	const ends = c.tokens.filter((t) => t.status === "live" && t.expires).map((t) => (Date.parse(t.expires ?? "") - now) / 86_400_000);
	return ends.length ? Math.max(0, Math.floor(Math.min(...ends))) : undefined;
}

function Credentials({ connection: c }: { connection: Connection }) {
	const now = useNow();
	const live = c.tokens.filter((t) => t.status === "live").length;
	const left = daysLeft(c, now);
	return (
		<>
			{live ? count(live) : <Tag tone="bad">none</Tag>}{" "}
			{left !== undefined && left <= 30 && (
				<Tag tone={left <= 7 ? "bad" : "warn"}>{left === 0 ? "ends today" : `ends in ${many(left, "day", "days")}`}</Tag>
			)}
		</>
	);
}

const columns: Column<Connection>[] = [
	{
		id: "slug",
		title: "Connection",
		sort: "slug",
		cell: (c) => (
			<span className="two-lines">
				<Name text={c.slug} short />
				<span className="faint">{typeTitle(c.type)}</span>
			</span>
		),
	},
	{ id: "tenant", title: "Company", sort: "tenant", from: "tablet", cell: (c) => <Name text={c.tenant_name ?? c.tenant} short /> },
	{ id: "health", title: "Health", sort: "health", cell: (c) => <Badge word={standing(c)} title={c.health.why} /> },
	{ id: "request", title: "Last request", from: "laptop", cell: (c) => <Time at={c.last_request} none="never" /> },
	{ id: "success", title: "Last success", sort: "last_success", from: "tablet", cell: (c) => <Time at={c.last_success} none="never" /> },
	{ id: "requests", title: "Last 24 hours", from: "laptop", cell: (c) => <Spark connection={c} /> },
	{ id: "credentials", title: "Credentials", from: "laptop", cell: (c) => <Credentials connection={c} /> },
	{ id: "held", title: "Held", end: true, from: "laptop", cell: (c) => (c.held ? <Tag tone="hold">{count(c.held)}</Tag> : <Nothing />) },
];

export default function Connections() {
	useTitle("Connections");
	const [, set] = useParams();
	return (
		<>
			<Head title="Connections" sub="The identity providers that push people and groups, and the state of their sync.">
				<Action look="primary" icon="plus" right="connection.manage" onPress={() => set({ connect: "new" }, "push")}>
					Connect an identity provider
				</Action>
			</Head>
			<ConnectionTable />
		</>
	);
}

/** The table, of one company if tenant says which. */
export function ConnectionTable({ tenant }: { tenant?: string }) {
	const [params, set] = useParams();
	const q = params.get("q") ?? "";
	const sort = params.get("sort") ?? "slug";
	const down = params.get("dir") === "desc";
	const type = params.get("idp") ?? "";
	const health = params.get("health") ?? "";
	const company = params.get("company") ?? "";
	const list = useList("list-connections", {
		query: {
			tenant: tenant ?? (company || undefined),
			q,
			type: (type || undefined) as "okta" | undefined,
			health: (health || undefined) as "healthy" | undefined,
			sort: sort as "slug",
			dir: down ? "desc" : "asc",
		},
	});
	const [pausing, setPausing] = useState<Connection>();
	const filtered = [q, company, type, health].some((f) => f !== "");
	const clear = () => set({ q: undefined, company: undefined, idp: undefined, health: undefined, sort: undefined, dir: undefined });
	return (
		<>
			<TableBar views="connections" filtered={filtered} clear={clear}>
				<Search label="Search connections" placeholder="Connection or company" value={q} onChange={(text) => set({ q: text })} />
				{!tenant && <CompanyFilter value={company} onChange={(next) => set({ company: next })} />}
				<Filter label="Identity provider" value={type} onChange={(next) => set({ idp: next })} options={choicesOf(connectionTypes)} />
				<Filter label="Health" value={health} onChange={(next) => set({ health: next })} options={choicesOf(syncStates)} />
			</TableBar>
			<Table
				name={tenant ? "company-connections" : "connections"}
				label="Connections"
				list={list}
				columns={tenant ? columns.filter((c) => c.id !== "tenant") : columns}
				rowKey={(c) => c.slug}
				href={(c) => to.connection(c.slug)}
				sort={{ by: sort, down, set: (by, d) => set({ sort: by, dir: d ? "desc" : undefined }) }}
				filtered={filtered}
				clear={clear}
				summary={(c) => (
					<>
						{!tenant && <Name text={c.tenant_name ?? c.tenant} short />}
						{c.held > 0 && <Tag tone="hold">{count(c.held)} held</Tag>}
					</>
				)}
				menu={(c) => (
					<More
						label={`Actions for ${c.slug}`}
						choices={[
							{ id: "journal", text: "Journal", icon: "scroll", right: "tenant.record", href: to.connection(c.slug, "journal") },
							{ id: "credentials", text: "Credentials", icon: "key", href: to.connection(c.slug, "credentials") },
							{
								id: "pause",
								text: c.paused ? "Resume" : "Pause",
								icon: c.paused ? "play" : "pause",
								right: "connection.manage",
								not: c.ending ? "It is being disconnected." : undefined,
								run: () => setPausing(c),
								apart: true,
							},
						]}
					/>
				)}
				empty={
					<OrNoCompany>
						<Tiles start={(type) => set({ connect: tenant ?? "new", type }, "push")} />
					</OrNoCompany>
				}
			/>
			<Pause connection={pausing} close={() => setPausing(undefined)} />
			<Connect
				tenant={params.get("connect") ?? ""}
				type={params.get("type") ?? ""}
				close={() => set({ connect: undefined, type: undefined })}
			/>
		</>
	);
}

const about: Record<string, string> = {
	okta: "Users and groups, both kinds of app.",
	entra: "Users and groups, every forty minutes.",
	google: "Users alone, unofficial.",
	"google-directory": "Users and groups, read every ten minutes.",
	onelogin: "Users and groups.",
	jumpcloud: "Users and groups.",
	rippling: "Users and groups.",
	ping: "Users and groups.",
	generic: "Anything that speaks SCIM 2.0.",
};

function Tiles({ start }: { start: (type: string) => void }) {
	return (
		<Empty icon="plug" title="No identity provider is connected">
			<span>Choose the one that the company uses. You get a base URL and a secret, and read where its console wants them.</span>
			<span className="tiles">
				{Object.entries(connectionTypes).map(([type, title]) => (
					<button key={type} type="button" className="tile" onClick={() => start(type)}>
						<strong>{title}</strong>
						<span className="faint">{about[type]}</span>
					</button>
				))}
			</span>
		</Empty>
	);
}

/** Pausing or resuming a connection. */
export function Pause({ connection: c, close }: { connection: Connection | undefined; close: () => void }) {
	const update = useAction("update-connection", (now) =>
		say(now.paused ? `${now.slug} is paused.` : `${now.slug} is resumed.`, {
			run: () => call("update-connection", { path: { connection: now.slug }, version: now.version, body: { paused: !now.paused } }),
			said: now.paused ? `${now.slug} is resumed.` : `${now.slug} is paused again.`,
		}),
	);
	const run = async () => {
		if (c && (await update.run({ path: { connection: c.slug }, version: c.version, body: { paused: !c.paused } }))) close();
	};
	return (
		<Confirm
			title={c?.paused ? `Resume ${c.slug}?` : `Pause ${c?.slug ?? ""}?`}
			open={c !== undefined}
			close={() => {
				update.clear();
				close();
			}}
			verb={c?.paused ? "Resume" : "Pause"}
			failure={update.failure}
			running={update.running}
			run={() => void run()}
		>
			<Consequences
				items={
					c?.paused
						? ["The identity provider gets answers again, starting with its next request.", "It repeats by itself what it could not send."]
						: [
								"Every request of the identity provider gets 503 with Retry-After, so that it waits and tries again.",
								"No person is created, changed or suspended until you resume.",
								"People can still sign in.",
							]
				}
			/>
		</Confirm>
	);
}
