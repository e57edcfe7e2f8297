// One group: its members, where its grants come from, and its history.

import { useState } from "react";
import { useLocation } from "wouter";
import { call } from "../../api/client.ts";
import { useAction, useList, useRead, useTrail } from "../../api/query.ts";
import type { Group, Member, User } from "../../api/schema.ts";
import {
	Action,
	Badge,
	Card,
	Code,
	Fact,
	Facts,
	Head,
	IconAction,
	More,
	Name,
	Note,
	Nothing,
	Tag,
	Time,
	To,
	useRights,
} from "../../parts/basic.tsx";
import { Box, Confirm, Consequences, Versions } from "../../parts/dialog.tsx";
import { useDraft } from "../../parts/draft.ts";
import { Foresight } from "../../parts/foresight.tsx";
import { Find, FormBox, Refusal, Search, Submit, TextInput, Tick } from "../../parts/form.tsx";
import { AsJSON, CopyLink } from "../../parts/json.tsx";
import { useCompanyNames } from "../../parts/names.tsx";
import { Sentence } from "../../parts/sentence.tsx";
import { Sources } from "../../parts/sources.tsx";
import { Empty, View, Withheld } from "../../parts/state.tsx";
import { type Column, Table, TableBar } from "../../parts/table.tsx";
import { say } from "../../parts/toast.tsx";
import { builtInGroups, exact, people, tidy, userStates } from "../../parts/words.ts";
import { to, useParams, useTitle } from "../../shell/place.ts";
import { groupName, NotBuiltIn } from "./list.tsx";

export default function GroupPage({ company, group: id }: { company: string; group: string }) {
	const group = useRead("get-group", { path: { tenant: company, group: id } });
	const name = useCompanyNames([company]).get(company) ?? company;
	useTitle(group.data ? `${groupName(group.data)} · ${name}` : "Group");
	return (
		<View reading={group} what="The group" level={1}>
			{(g) => <GroupView key={g.id} company={company} group={g} />}
		</View>
	);
}

/** What depends on the group. */
function warning(g: Group): string | undefined {
	switch (g.built_in) {
		case "owners":
			return "Owners may do everything in the company. Each change raises an alert, and the last active Owner cannot leave.";
		case "administrators":
			return "Administrators have power over the company. Each change raises an alert.";
		case "team_members":
			return "Every member is in Team Members automatically. Guests never are.";
		case "provision_managers":
			return "Provision Managers may confirm people who were invited.";
		default:
			return undefined;
	}
}

function GroupView({ company, group: g }: { company: string; group: Group }) {
	const [verb, setVerb] = useState<"rename" | "unmanage" | "delete">();
	const warn = warning(g);
	return (
		<>
			<Head
				title={<Name text={groupName(g)} />}
				badge={
					<>
						{g.built_in ? <Tag tone="hold">Built in</Tag> : g.namesake && <NotBuiltIn />}
						<CopyLink to="this group" />
					</>
				}
				sub={
					<>
						<To href={to.company(company, "groups")}>Groups</To> / {people(g.members)}
					</>
				}
			>
				{!g.built_in && (
					<More
						label="More actions"
						look="plain"
						choices={[
							{
								id: "rename",
								text: "Rename",
								icon: "edit",
								right: "group.manage",
								not: g.connection ? `Its name comes from ${g.connection}.` : undefined,
								run: () => setVerb("rename"),
							},
							{
								id: "unmanage",
								text: "Release from its connection",
								icon: "plug",
								right: "group.manage",
								not: g.connection ? undefined : "No connection manages it.",
								run: () => setVerb("unmanage"),
							},
							{
								id: "delete",
								text: "Delete for good",
								icon: "trash",
								danger: true,
								right: "group.delete",
								run: () => setVerb("delete"),
								apart: true,
							},
						]}
					>
						More
					</More>
				)}
			</Head>
			{warn && <Note tone={g.built_in === "owners" || g.built_in === "administrators" ? "warn" : "info"}>{warn}</Note>}
			<div className="columns-2-1">
				<Members company={company} group={g} />
				<div className="stack">
					<Card title="About">
						<Facts>
							<Fact name="Managed by">
								{g.connection ? <To href={to.connection(g.connection)}>{g.connection}</To> : <Nothing>no connection</Nothing>}
							</Fact>
							{g.external_id && (
								<Fact name="externalId">
									<span className="mono wrap">{tidy(g.external_id)}</span>
								</Fact>
							)}
							{!g.built_in && (
								<Fact name="In the list of people">
									<To href={`${to.company(company, "people")}?group=${encodeURIComponent(g.display_name)}`}>Filter by this group</To>
								</Fact>
							)}
							<Fact name="Made">{exact(g.created)}</Fact>
							<Fact name="Changed">
								<Time at={g.modified} />
							</Fact>
							<Fact name="id">
								<Code text={g.id} what="the id" />
							</Fact>
						</Facts>
						<AsJSON operation="get-group" path={{ tenant: company, group: g.id }} value={g} />
					</Card>
					{g.built_in && <Grants company={company} group={g} />}
					<History company={company} group={g} />
				</div>
			</div>
			<Rename company={company} group={g} open={verb === "rename"} close={() => setVerb(undefined)} />
			<Unmanage company={company} group={g} open={verb === "unmanage"} close={() => setVerb(undefined)} />
			<Delete company={company} group={g} open={verb === "delete"} close={() => setVerb(undefined)} />
		</>
	);
}

function Members({ company, group: g }: { company: string; group: Group }) {
	const [params, set] = useParams();
	const q = params.get("q") ?? "";
	const list = useList("list-members", { path: { tenant: company, group: g.id }, query: { q } });
	const [adding, setAdding] = useState(false);
	const [removing, setRemoving] = useState<Member>();
	const fixed =
		g.built_in === "team_members"
			? "It has all members, and no one else."
			: g.built_in
				? undefined
				: g.connection
					? `Its members come from ${g.connection}.`
					: undefined;
	const remove = useAction("remove-member");
	const takeOut = async (m: Member) => {
		const path = { tenant: company, group: g.id, user: m.id };
		if (!(await remove.run({ path }))) return;
		setRemoving(undefined);
		// To put a person into a group with rights is a decision of its own.
		say(
			`${tidy(m.display || m.id)} is taken out of ${groupName(g)}.`,
			g.built_in ? undefined : { run: () => call("add-member", { path }), said: `${m.display || m.id} is in the group again.` },
		);
	};
	const columns: Column<Member>[] = [
		{
			id: "name",
			title: "Member",
			cell: (m) => (
				<span className="two-lines">
					<Name text={m.display || m.user_name || m.id} short />
					{m.display && m.user_name && m.display !== m.user_name && (
						<span className="faint">
							<Name text={m.user_name} short />
						</span>
					)}
				</span>
			),
		},
		{
			id: "state",
			title: "State",
			from: "tablet",
			cell: (m) => (m.state && m.state in userStates ? <Badge word={userStates[m.state as User["state"]]} /> : <Nothing />),
		},
		{ id: "why", title: "In it because of", from: "laptop", cell: (m) => <Sources sources={m.sources} /> },
		{ id: "type", title: "Type", from: "tablet", cell: (m) => (m.type === "Group" ? <Tag tone="info">Group</Tag> : "Person") },
	];
	return (
		<div className="stack">
			<TableBar
				filtered={q !== ""}
				clear={() => set({ q: undefined })}
				actions={
					<Action icon="plus" right="group.manage" not={fixed} onPress={() => setAdding(true)}>
						Add a member
					</Action>
				}
			>
				<Search label="Search members" placeholder="Name" value={q} onChange={(text) => set({ q: text })} />
			</TableBar>
			<Table
				name="members"
				label="Members"
				list={list}
				columns={columns}
				rowKey={(m) => m.id}
				href={(m) => (m.type === "Group" ? to.group(company, m.id) : to.person(company, m.id))}
				filtered={q !== ""}
				clear={() => set({ q: undefined })}
				menu={(m) =>
					!fixed && <IconAction icon="close" label={`Take ${m.display || m.id} out`} right="group.manage" onPress={() => setRemoving(m)} />
				}
				empty={
					<Empty icon="group" title="No members yet">
						{g.built_in
							? "Add a person by hand, or map a group of the identity provider to it."
							: "The identity provider has added no one."}
					</Empty>
				}
			/>
			<AddMember company={company} group={g} open={adding} close={() => setAdding(false)} />
			<Confirm
				title={
					<>
						Take <Name text={removing?.display || removing?.id || ""} short /> out of {groupName(g)}?
					</>
				}
				open={removing !== undefined}
				close={() => {
					remove.clear();
					setRemoving(undefined);
				}}
				verb="Take out"
				danger
				failure={remove.failure}
				running={remove.running}
				run={() => removing && void takeOut(removing)}
			>
				<Consequences
					items={[
						"It takes effect for applications at once.",
						(g.built_in === "owners" || g.built_in === "administrators") && "It raises an alert.",
						g.built_in && "A membership that a mapping grants comes back with the next sync if it is removed here.",
					]}
				/>
				{removing && <Foresight operation="remove-member" ask={{ path: { tenant: company, group: g.id, user: removing.id } }} on />}
			</Confirm>
		</div>
	);
}

function AddMember({ company, group: g, open, close }: { company: string; group: Group; open: boolean; close: () => void }) {
	const [text, setText] = useState("");
	const [user, setUser] = useState("");
	const found = useRead(
		"list-users",
		{ path: { tenant: company }, query: { q: text, limit: 20 } },
		{ enabled: open, keep: true, every: false },
	);
	const add = useAction("add-member", () => say(`The person is in ${groupName(g)} from now on.`));
	const away = () => {
		add.clear();
		setText("");
		setUser("");
		close();
	};
	const powerful = g.built_in === "owners" || g.built_in === "administrators";
	return (
		<Box title={`Add a member to ${groupName(g)}`} open={open} close={away}>
			<FormBox
				failure={add.failure}
				submit={async () => user && (await add.run({ path: { tenant: company, group: g.id, user } })) && away()}
			>
				<Find
					label="Person"
					name="user"
					text={text}
					onText={setText}
					loading={found.isFetching}
					options={(found.data?.items ?? []).map((u) => ({ id: u.id, text: tidy(u.display_name || u.user_name), about: u.user_name }))}
					onChange={(id) => {
						setUser(id);
						const chosen = found.data?.items.find((u) => u.id === id);
						if (chosen) setText(tidy(chosen.display_name || chosen.user_name));
					}}
					required
					placeholder="Name or e-mail"
				/>
				{powerful && <Note tone="warn">This gives power over the company, and raises an alert.</Note>}
				<Foresight operation="add-member" ask={{ path: { tenant: company, group: g.id, user } }} on={user !== ""} />
				<Submit running={add.running} cancel={away} right="group.manage" not={user ? undefined : "Choose a person first."}>
					Add
				</Submit>
			</FormBox>
		</Box>
	);
}

/** Which groups of the identity providers grant this one. */
function Grants({ company, group: g }: { company: string; group: Group }) {
	const connections = useList("list-connections", { query: { tenant: company } });
	const rows = (connections.rows ?? []).flatMap((c) =>
		c.mappings.filter((m) => m.grants === g.built_in).map((m) => ({ connection: c.slug, by: m.display_name || m.external_id || "" })),
	);
	return (
		<Card title="Granted by">
			{rows.length === 0 ? (
				<p className="faint">No mapping grants {builtInGroups[g.built_in ?? ""]}. Its members are added by hand.</p>
			) : (
				<ul className="todo">
					{rows.map((r) => (
						<li key={`${r.connection}-${r.by}`}>
							<Name text={r.by} short /> <span className="faint">of</span>{" "}
							<To href={to.connection(r.connection, "mapping")}>{r.connection}</To>
						</li>
					))}
				</ul>
			)}
		</Card>
	);
}

function History({ company, group: g }: { company: string; group: Group }) {
	const rights = useRights();
	const audit = useTrail(
		"search-audit",
		{ path: { tenant: company }, query: { user: g.built_in ?? g.id, action: "group.*", limit: 10 } },
		{ enabled: rights.has("tenant.record") },
	);
	if (!rights.has("tenant.record")) return <Withheld title="History" right="tenant.record" />;
	return (
		<Card title="History">
			<View reading={audit} rows={3}>
				{() =>
					(audit.rows ?? []).length === 0 ? (
						<p className="faint">No audit line is kept.</p>
					) : (
						<ul className="feed">
							{(audit.rows ?? []).map((line) => (
								<li key={line.seq}>
									<Sentence line={line} />
									<span className="faint">
										<Time at={line.time} />
									</span>
								</li>
							))}
						</ul>
					)
				}
			</View>
		</Card>
	);
}

function namesOf(g: Group) {
	return { name: g.display_name, external: g.external_id ?? "" };
}

function Rename({ company, group: g, open, close }: { company: string; group: Group; open: boolean; close: () => void }) {
	const { base, form, set, dirty, begin } = useDraft(g, namesOf);
	const update = useAction("update-group", () => say("Saved."));
	const away = () => {
		update.clear();
		begin(g);
		close();
	};
	const run = async (version: number) => {
		const was = namesOf(base);
		const body = {
			...(form.name !== was.name ? { display_name: form.name.trim() } : {}),
			...(form.external !== was.external ? { external_id: form.external.trim() } : {}),
		};
		const made = await update.run({ path: { tenant: company, group: g.id }, version, body });
		if (!made) return;
		begin(made);
		close();
	};
	const stale = update.failure?.status === 412 && g.version !== base.version;
	return (
		<Box title={`Rename ${groupName(g)}`} open={open} close={away} firm>
			<FormBox failure={stale ? undefined : update.failure} submit={() => void run(base.version)}>
				<TextInput
					label="Name"
					name="display_name"
					value={form.name}
					onChange={(name) => set({ ...form, name })}
					required
					autoFocus
					maxLength={200}
				/>
				<TextInput
					label="externalId"
					name="external_id"
					value={form.external}
					onChange={(external) => set({ ...form, external })}
					mono
					maxLength={200}
				/>
				{stale ? (
					<Versions
						rows={[
							{ label: "Name", mine: form.name, theirs: g.display_name },
							{ label: "externalId", mine: form.external, theirs: g.external_id ?? "" },
						]}
						keep={() => void run(g.version)}
						take={() => {
							update.clear();
							begin(g);
						}}
					/>
				) : (
					<Submit running={update.running} cancel={away} right="group.manage" not={dirty ? undefined : "Nothing was changed."}>
						Save
					</Submit>
				)}
			</FormBox>
		</Box>
	);
}

function Unmanage({ company, group: g, open, close }: { company: string; group: Group; open: boolean; close: () => void }) {
	const release = useAction("release-group-management", () => say("The group is local from now on."));
	return (
		<Confirm
			title={`Release ${groupName(g)} from ${g.connection ?? "its connection"}?`}
			open={open}
			close={() => {
				release.clear();
				close();
			}}
			verb="Release"
			failure={release.failure}
			running={release.running}
			run={async () => (await release.run({ path: { tenant: company, group: g.id } })) && close()}
		>
			<Consequences items={["The group becomes local and keeps its members.", "A connection can adopt it with its next write."]} />
			<Foresight operation="release-group-management" ask={{ path: { tenant: company, group: g.id } }} on={open} />
		</Confirm>
	);
}

function Delete({ company, group: g, open, close }: { company: string; group: Group; open: boolean; close: () => void }) {
	const [force, setForce] = useState(false);
	const [reason, setReason] = useState("");
	const [typed, setTyped] = useState("");
	const [, go] = useLocation();
	const remove = useAction("delete-group");
	const missing = typed.trim() !== g.display_name.trim();
	const away = () => {
		remove.clear();
		close();
	};
	const run = async () => {
		if (missing) return;
		if (
			await remove.run({ path: { tenant: company, group: g.id }, query: { force: force || undefined, reason: reason.trim() || undefined } })
		) {
			say("The group is deleted.");
			go(to.company(company, "groups"));
		}
	};
	return (
		<Box title={`Delete ${groupName(g)} for good?`} open={open} close={away} alert>
			<FormBox failure={remove.failure} submit={() => void run()}>
				<Consequences items={[`${people(g.members)} lose the membership. The people stay.`, "This cannot be undone."]} />
				<Foresight
					operation="delete-group"
					ask={{ path: { tenant: company, group: g.id }, query: { force: force || undefined, reason: force ? "preview" : undefined } }}
					on={open}
					refused={
						g.connection && !force
							? `${g.connection} manages the group. Delete it there first, or force the deletion with a reason.`
							: undefined
					}
				/>
				{g.connection && (
					<Tick
						label={`Delete although ${g.connection} manages it`}
						about="It comes back if the identity provider pushes it again."
						checked={force}
						onChange={setForce}
					/>
				)}
				<TextInput label="Reason" name="reason" value={reason} onChange={setReason} lines={2} required={force} maxLength={500} />
				<TextInput label={`Type ${tidy(g.display_name)} to confirm`} name="typed" value={typed} onChange={setTyped} required mono />
				{remove.failure?.field && <Refusal failure={remove.failure} />}
				<Submit running={remove.running} cancel={away} danger right="group.delete" not={missing ? "Type the name first." : undefined}>
					Delete for good
				</Submit>
			</FormBox>
		</Box>
	);
}
