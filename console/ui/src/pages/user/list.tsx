// The list of people of a company.

import { useCallback, useState } from "react";
import { downloadURL } from "../../api/client.ts";
import { useList } from "../../api/query.ts";
import type { User } from "../../api/schema.ts";
import { Action, Download, More, Name, Nothing, Tag, Time, ToButton } from "../../parts/basic.tsx";
import { Chips, Filter, Search } from "../../parts/form.tsx";
import { Empty } from "../../parts/state.tsx";
import { type Column, Table, TableBar } from "../../parts/table.tsx";
import { userStates } from "../../parts/words.ts";
import { to, useParams } from "../../shell/place.ts";
import type { SectionProps } from "../company/company.tsx";
import { AddPerson } from "./add.tsx";
import { Bulk, type BulkVerb } from "./bulk.tsx";
import { PersonDialog, type PersonVerb } from "./dialogs.tsx";
import { choicesFor } from "./menu.ts";
import { nameOf, State, statement } from "./words.tsx";

const columns: Column<User>[] = [
	{
		id: "name",
		title: "Person",
		sort: "user_name",
		cell: (u) => (
			<span className="two-lines">
				<Name text={nameOf(u)} short />
				{u.display_name && (
					<span className="faint">
						<Name text={u.user_name} short />
					</span>
				)}
			</span>
		),
	},
	{ id: "state", title: "State", sort: "state", cell: (u) => <State user={u} /> },
	{ id: "type", title: "Type", from: "laptop", cell: (u) => (u.type === "guest" ? <Tag tone="info">Guest</Tag> : "Member") },
	{ id: "connection", title: "Managed by", from: "laptop", cell: (u) => u.connection || <Nothing>no connection</Nothing> },
	{
		id: "statement",
		title: "IdP says",
		from: "desktop",
		cell: (u) => (
			<>
				{statement(u)}{" "}
				{u.stated_at && (
					<span className="faint">
						<Time at={u.stated_at} />
					</span>
				)}
			</>
		),
	},
	{
		id: "groups",
		title: "Groups",
		from: "desktop",
		cell: (u) =>
			u.groups.length ? (
				<>
					{u.groups
						.slice(0, 2)
						.map((g) => g.display_name)
						.join(", ")}
					{u.groups.length > 2 && <span className="faint"> +{u.groups.length - 2}</span>}
				</>
			) : (
				<Nothing />
			),
	},
	{ id: "seat", title: "Seat", from: "desktop", cell: (u) => seatOf(u) ?? <Nothing>none</Nothing> },
	{ id: "changed", title: "Changed", from: "tablet", cell: (u) => <Time at={u.modified} /> },
	{ id: "created", title: "Created", sort: "created", extra: true, from: "desktop", cell: (u) => <Time at={u.created} /> },
	{ id: "external", title: "externalId", extra: true, from: "desktop", cell: (u) => u.external_id || <Nothing /> },
];

/** What seat a person has (rules B1 and B3). */
function seatOf(u: User): string | undefined {
	if (u.gone || u.state === "suspended") return undefined;
	if (u.type === "guest") return "Guest";
	return u.state === "invited" ? "Not billed yet" : "Billed";
}

/** In the address, it means people whom no connection manages: no slug begins with a hyphen. */
const unmanaged = "-";

export default function People({ company, overview }: SectionProps) {
	const [params, set] = useParams();
	const q = params.get("q") ?? "";
	const state = params.get("state") ?? "";
	const sort = params.get("sort") ?? "user_name";
	const down = params.get("dir") === "desc";
	const gone = state === "gone";
	const type = params.get("type") ?? "";
	const connection = params.get("connection") ?? "";
	const said = params.get("said") ?? "";
	const mode = params.get("suspension") ?? "";
	const group = params.get("group") ?? "";
	const filtered = [q, state, type, connection, said, mode, group].some((f) => f !== "");
	const only = {
		q,
		state: (gone ? undefined : state || undefined) as User["state"] | undefined,
		type: (type || undefined) as User["type"] | undefined,
		connection: connection === unmanaged ? undefined : connection,
		managed: connection === unmanaged ? ("false" as const) : undefined,
		group,
		statement: (said || undefined) as "active" | undefined,
		suspension: (mode || undefined) as "hold" | undefined,
	};
	const list = useList("list-users", {
		path: { tenant: company },
		query: { ...only, gone: gone || undefined, sort: sort as "user_name", dir: down ? "desc" : "asc" },
	});
	const [acting, setActing] = useState<{ user: string; verb?: PersonVerb }>();
	const actor = list.rows?.find((u) => u.id === acting?.user);
	const [chosen, setChosen] = useState(new Set<string>());
	const [verb, setVerb] = useState<BulkVerb>();
	const clear = () =>
		set({
			q: undefined,
			state: undefined,
			type: undefined,
			connection: undefined,
			said: undefined,
			suspension: undefined,
			group: undefined,
			sort: undefined,
			dir: undefined,
		});
	const search = useCallback((text: string) => set({ q: text }), [set]);
	const counts = overview.tenant.users;
	const all = Object.values(counts).reduce((sum, n) => sum + n, 0);
	const silent = overview.tenant.connections.find((c) => c.health === "never_connected");
	const people = (list.rows ?? []).filter((u) => chosen.has(u.id));
	return (
		<>
			<Chips
				label="State"
				value={state}
				onChange={(next) => set({ state: next })}
				options={[
					{ id: "", text: "All", count: all },
					...Object.entries(userStates).map(([id, word]) => ({ id, text: word.text, count: counts[id] ?? 0 })),
					{ id: "gone", text: "Gone" },
				]}
			/>
			<TableBar
				views="company-people"
				filtered={filtered}
				clear={clear}
				actions={
					<>
						{gone || said === "deleted" ? (
							<Action icon="download" not="A table has no people whom the identity provider deleted.">
								CSV
							</Action>
						) : (
							<Download href={downloadURL("export-users", { path: { tenant: company }, query: only })}>CSV</Download>
						)}
						<Action look="primary" icon="plus" right="user.manage" onPress={() => set({ add: "person" }, "push")}>
							Add person
						</Action>
					</>
				}
			>
				<Search label="Search people" placeholder="Name, e-mail or userName" value={q} onChange={search} />
				<Filter
					label="Type"
					value={type}
					onChange={(next) => set({ type: next })}
					options={[
						{ id: "member", text: "Members" },
						{ id: "guest", text: "Guests" },
					]}
				/>
				<Filter
					label="Managed by"
					value={connection}
					onChange={(next) => set({ connection: next })}
					options={[
						...overview.tenant.connections.map((c) => ({ id: c.slug, text: c.slug })),
						{ id: unmanaged, text: "No connection: local" },
					]}
				/>
				<Filter
					label="IdP says"
					value={said}
					onChange={(next) => set({ said: next })}
					options={[
						{ id: "active", text: "Active" },
						{ id: "inactive", text: "Inactive" },
						{ id: "deleted", text: "Deleted" },
						{ id: "none", text: "Nothing" },
					]}
				/>
				<Filter
					label="Suspension"
					value={mode}
					onChange={(next) => set({ suspension: next })}
					options={[
						{ id: "hold", text: "Held" },
						{ id: "yield", text: "Yields to the sync" },
					]}
				/>
				{group && (
					<Action small icon="close" onPress={() => set({ group: undefined })}>
						Group: {group}
					</Action>
				)}
			</TableBar>
			<Table
				name="people"
				label="People"
				list={list}
				columns={columns}
				rowKey={(u) => u.id}
				href={(u) => to.person(company, u.id)}
				sort={{ by: sort, down, set: (by, d) => set({ sort: by, dir: d ? "desc" : undefined }) }}
				filtered={filtered}
				clear={clear}
				selection={{
					chosen,
					set: setChosen,
					actions: (
						<>
							<Action small icon="pause" right="user.suspend" onPress={() => setVerb("suspend")}>
								Suspend
							</Action>
							<Action small icon="play" right="user.suspend" onPress={() => setVerb("release")}>
								Release
							</Action>
							<More
								label="More for the selected"
								look="plain"
								choices={[
									{ id: "confirm", text: "Confirm", icon: "check", right: "user.manage", run: () => setVerb("confirm") },
									{ id: "resend", text: "Send the invitation again", icon: "mail", right: "user.manage", run: () => setVerb("resend") },
									{ id: "member", text: "Make members", icon: "user", right: "user.manage", run: () => setVerb("member"), apart: true },
									{ id: "guest", text: "Make guests", icon: "user", right: "user.manage", run: () => setVerb("guest") },
									{
										id: "delete",
										text: "Delete for good",
										icon: "trash",
										danger: true,
										right: "user.delete",
										run: () => setVerb("delete"),
										apart: true,
									},
								]}
							>
								More
							</More>
						</>
					),
				}}
				menu={(u) => (
					<More
						label={`Actions for ${nameOf(u)}`}
						choices={[
							u.state === "suspended"
								? {
										id: "release",
										text: "Release",
										icon: "play",
										right: "user.suspend",
										run: () => setActing({ user: u.id, verb: "release" }),
									}
								: {
										id: "suspend",
										text: "Suspend",
										icon: "pause",
										right: "user.suspend",
										run: () => setActing({ user: u.id, verb: "suspend" }),
									},
							{
								id: "confirm",
								text: "Confirm",
								icon: "check",
								right: "user.manage",
								not: u.state === "awaiting_confirmation" ? undefined : "This person does not wait for it.",
								run: () => setActing({ user: u.id, verb: "confirm" }),
							},
							...choicesFor(u, (verb) => setActing({ user: u.id, verb })),
						]}
					/>
				)}
				empty={
					<Empty
						icon="people"
						title="No people yet"
						action={
							<>
								<Action icon="plus" right="user.manage" onPress={() => set({ add: "person" }, "push")}>
									Add a person by hand
								</Action>
								{silent && (
									<ToButton icon="plug" href={to.connection(silent.slug)}>
										Look at {silent.slug}
									</ToButton>
								)}
							</>
						}
					>
						{silent
							? `${silent.slug} has never connected. People appear when it pushes them.`
							: "People appear when the identity provider pushes them, or when you add a person by hand."}
					</Empty>
				}
			/>
			<AddPerson company={company} overview={overview} open={params.get("add") === "person"} close={() => set({ add: undefined })} />
			{actor && (
				<PersonDialog
					company={company}
					user={actor}
					connection={overview.tenant.connections.find((c) => c.slug === actor.connection)}
					verb={acting?.verb}
					close={() => setActing({ user: actor.id })}
				/>
			)}
			<Bulk
				company={company}
				verb={verb}
				people={people}
				close={(done) => {
					setVerb(undefined);
					if (done) setChosen(new Set());
				}}
			/>
		</>
	);
}
