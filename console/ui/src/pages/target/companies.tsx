// The companies that a target is attached to: how far each is, its plan, who was refused, share and detach.

import { useEffect, useState } from "react";
import { useAction, useList } from "../../api/query.ts";
import type { Target, TargetFailure, TargetPreview, TargetProgress, TargetStep } from "../../api/schema.ts";
import { Action, Badge, Fact, Facts, More, Name, Note, Nothing, Time } from "../../parts/basic.tsx";
import { CompanyFind } from "../../parts/companies.tsx";
import { Box, Confirm, Consequences } from "../../parts/dialog.tsx";
import { FormBox, Refusal, Submit, TextInput } from "../../parts/form.tsx";
import { Empty, Skeleton } from "../../parts/state.tsx";
import { type Column, Table } from "../../parts/table.tsx";
import { say } from "../../parts/toast.tsx";
import { count, sentence, tidy, type Word } from "../../parts/words.ts";
import { namesOf } from "./form.tsx";
import { states } from "./list.tsx";

const columns: Column<TargetProgress>[] = [
	{
		id: "tenant",
		title: "Company",
		cell: (p) => (
			<span className="two-lines">
				<Name text={p.tenant_name} short />
				{p.reason && <span className="faint wrap">{sentence(p.reason)}</span>}
			</span>
		),
	},
	{ id: "status", title: "Status", cell: (p) => <Badge word={states[p.status]} /> },
	{ id: "people", title: "People", from: "tablet", end: true, cell: (p) => count(p.users) },
	{ id: "groups", title: "Groups", from: "desktop", end: true, cell: (p) => count(p.group_count) },
	{ id: "pending", title: "Waiting", end: true, cell: (p) => count(p.pending) },
	{ id: "parked", title: "Refused", from: "laptop", end: true, cell: (p) => count(p.parked) },
	{ id: "held", title: "Held", from: "laptop", end: true, cell: (p) => (p.held ? count(p.held) : <Nothing />) },
	{ id: "next", title: "Next attempt", from: "laptop", cell: (p) => (p.next ? <Time at={p.next} /> : <Nothing />) },
	{ id: "compared", title: "Compared", from: "desktop", cell: (p) => <Time at={p.compared} none="never" /> },
	{ id: "synced", title: "Up to date", from: "tablet", cell: (p) => <Time at={p.synced} none="never" /> },
];

type Open = "plan" | "refused" | "compare" | "release" | "groups" | "detach";

export function Companies({ target: t }: { target: Target }) {
	const list = useList("list-target-progress", { path: { target: t.name } }, { every: 5_000 });
	const [sharing, setSharing] = useState(false);
	const [open, setOpen] = useState<{ what: Open; tenant: string }>();
	const close = () => setOpen(undefined);
	// What is shown follows the list, so that the number of held removals is the present one.
	const one = list.rows?.find((p) => p.tenant === open?.tenant);
	const company = <Name text={one?.tenant_name ?? ""} />;
	const share = (
		<Action
			icon="plus"
			right="target.manage"
			not={t.all ? "It has all companies already. The menu of a company changes which of its groups are sent." : undefined}
			onPress={() => setSharing(true)}
		>
			Share with a company
		</Action>
	);
	const choice = (p: TargetProgress, what: Open) => () => setOpen({ what, tenant: p.tenant });
	return (
		<div className="stack">
			<div className="row">{share}</div>
			<Table
				name="target-companies"
				label="Companies of the target"
				loose
				list={list}
				columns={columns}
				rowKey={(p) => p.tenant}
				open={(p) => setOpen({ what: "refused", tenant: p.tenant })}
				empty={
					<Empty icon="building" title="No company">
						It is attached to no company that you have access to. Share it with one.
					</Empty>
				}
				menu={(p) => (
					<More
						label={`Actions for ${tidy(p.tenant_name)}`}
						choices={[
							{ id: "plan", text: "Show the plan", icon: "search", right: "target.manage", run: choice(p, "plan") },
							{ id: "refused", text: "Show who was refused", icon: "people", run: choice(p, "refused") },
							{
								id: "compare",
								text: "Compare and send now",
								icon: "refresh",
								right: "target.manage",
								not: t.status === "paused" ? "The target is paused." : undefined,
								run: choice(p, "compare"),
							},
							{
								id: "release",
								text: "Release held removals",
								icon: "check",
								right: "target.manage",
								not: p.held ? undefined : "The brake holds none.",
								run: choice(p, "release"),
							},
							{ id: "groups", text: "Change its groups", icon: "group", right: "target.manage", run: choice(p, "groups") },
							{
								id: "detach",
								text: "Detach",
								icon: "leave",
								danger: true,
								right: "target.manage",
								not: t.all ? "It is attached to all companies, which the settings can end." : undefined,
								apart: true,
								run: choice(p, "detach"),
							},
						]}
					/>
				)}
			/>
			<Box title={`Share ${t.name} with a company`} open={sharing} close={() => setSharing(false)}>
				{sharing && <Share target={t} close={() => setSharing(false)} />}
			</Box>
			<Box title={<>Groups of {company}</>} open={open?.what === "groups" && one !== undefined} close={close}>
				{one && <Share target={t} company={one} close={close} />}
			</Box>
			<Box
				title={<>Plan for {company}</>}
				sub="What a run would send now. Both sides were read, and nothing was written."
				open={open?.what === "plan" && one !== undefined}
				close={close}
				wide
			>
				{one && <Plan target={t} company={one} />}
			</Box>
			<Box title={<>Who was refused in {company}</>} open={open?.what === "refused" && one !== undefined} close={close} wide>
				{one && <Refused target={t} company={one} />}
			</Box>
			<Run target={t} company={open?.what === "compare" ? one : undefined} close={close} />
			<Release target={t} company={open?.what === "release" ? one : undefined} close={close} />
			<Detach target={t} company={open?.what === "detach" ? one : undefined} close={close} />
		</div>
	);
}

function Share({ target: t, company, close }: { target: Target; company?: TargetProgress; close: () => void }) {
	const [tenant, setTenant] = useState(company?.tenant ?? "");
	const [groups, setGroups] = useState((company?.groups ?? []).join(", "));
	const share = useAction("share-target", (made) => {
		say(company ? "Saved." : `The people of ${tidy(made.tenant_name)} are sent to ${t.name} from now on.`);
		close();
	});
	return (
		<FormBox failure={share.failure} submit={() => void share.run({ path: { target: t.name, tenant }, body: { groups: namesOf(groups) } })}>
			{!company && <CompanyFind value={tenant} onChange={setTenant} />}
			<TextInput
				label="Only these groups"
				name="groups"
				value={groups}
				onChange={setGroups}
				placeholder="Engineering, Sales"
				about="Names or ids. Empty means everybody, and all groups. People who are no longer in the groups leave the application."
			/>
			<p className="about">The credential stays with you. The company does not see it.</p>
			<Submit running={share.running} cancel={close} right="target.manage" not={tenant ? undefined : "Choose a company."}>
				{company ? "Save" : "Share"}
			</Submit>
		</FormBox>
	);
}

const actions: Record<TargetStep["action"], Word> = {
	create: { text: "Create", tone: "good" },
	adopt: { text: "Adopt", tone: "good" },
	update: { text: "Change", tone: "quiet" },
	deactivate: { text: "Deactivate", tone: "warn" },
	delete: { text: "Delete", tone: "bad" },
	forget: { text: "Forget", tone: "quiet" },
};

function whatOf(s: TargetStep): string {
	const members = s.join + s.leave + s.waiting > 0 ? `+${s.join} −${s.leave} members, ${s.waiting} wait` : "";
	const names = s.attributes.map((path) => path.replace(/^urn:.*:/, "")); // the URN of an extension is longer than the rest
	return [members, names.join(", ")].filter(Boolean).join("; ");
}

const steps: Column<TargetStep>[] = [
	{
		id: "name",
		title: "Name",
		cell: (s) => (
			<span className="two-lines">
				<Name text={s.name} />
				{(s.held || s.waits) && <span className="faint wrap">{s.held ? "The brake holds it." : s.waits}</span>}
			</span>
		),
	},
	{ id: "action", title: "Action", cell: (s) => <Badge word={actions[s.action]} /> },
	{ id: "what", title: "What", from: "tablet", cell: (s) => <span className="faint wrap">{whatOf(s)}</span> },
];

function Plan({ target: t, company: p }: { target: Target; company: TargetProgress }) {
	const [plan, setPlan] = useState<TargetPreview>();
	const preview = useAction("preview-target", setPlan);
	const { run } = preview;
	const { name } = t;
	const { tenant } = p;
	useEffect(() => void run({ path: { target: name, tenant } }), [run, name, tenant]);
	if (preview.failure) return <Refusal failure={preview.failure} />;
	if (!plan) return <Skeleton rows={4} />;
	return (
		<div className="stack">
			<Facts>
				<Fact name="Steps">{count(plan.steps.length + plan.more)}</Fact>
				<Fact name="Removals of access">{count(plan.removals)}</Fact>
				<Fact name="Held by the brake">{count(plan.held)}</Fact>
				<Fact name="Changed there by others">{count(plan.differences.length)}</Fact>
			</Facts>
			{plan.differences.length > 0 && (
				<Note tone="warn">
					Others changed{" "}
					{plan.differences
						.slice(0, 5)
						.map((d) => `${d.name} (${d.what})`)
						.join(", ")}
					{plan.differences.length > 5 && ` and ${count(plan.differences.length - 5)} more`}. The plan sets that right.
				</Note>
			)}
			<Table
				name="target-plan"
				label="Plan"
				list={{
					rows: plan.steps,
					data: plan,
					isPending: false,
					isFetching: false,
					isError: false,
					error: null,
					refetch: () => undefined,
					dataUpdatedAt: Date.now(),
				}}
				columns={steps}
				rowKey={(s) => `${s.kind} ${s.id}`}
				loose
				empty={
					<Empty icon="check" title="Both sides are equal">
						Nothing would be sent.
					</Empty>
				}
			/>
			{plan.more > 0 && <p className="about">{count(plan.more)} more steps are not shown.</p>}
		</div>
	);
}

const failures: Column<TargetFailure>[] = [
	{
		id: "name",
		title: "Name",
		cell: (f) => (
			<span className="two-lines">
				<Name text={f.name} />
				<span className="faint wrap">{sentence(f.error)}</span>
			</span>
		),
	},
	{
		id: "status",
		title: "Status",
		cell: (f) => <Badge word={f.status === "parked" ? { text: "Parked", tone: "bad" } : { text: "Tried again", tone: "warn" }} />,
	},
	{ id: "tries", title: "Attempts", from: "tablet", end: true, cell: (f) => count(f.tries) },
	{ id: "next", title: "Next attempt", from: "tablet", cell: (f) => (f.next ? <Time at={f.next} /> : <Nothing />) },
];

function Refused({ target: t, company: p }: { target: Target; company: TargetProgress }) {
	const list = useList("list-target-failures", { path: { target: t.name, tenant: p.tenant } }, { every: 5_000 });
	return (
		<div className="stack">
			<p className="about">Parked people and groups are tried again when they change here, or after you resume the target.</p>
			<Table
				name="target-failures"
				label="People and groups that were refused"
				list={list}
				columns={failures}
				rowKey={(f) => `${f.kind} ${f.id}`}
				loose
				empty={
					<Empty icon="check" title="No refusal">
						The application took everybody whom it was sent.
					</Empty>
				}
			/>
		</div>
	);
}

interface Ask {
	target: Target;
	company: TargetProgress | undefined;
	close: () => void;
}

function Run({ target: t, company: p, close }: Ask) {
	const sync = useAction("sync-target", () => {
		say(`A run of ${t.name} for ${tidy(p?.tenant_name ?? "") || "the company"} begins.`);
		close();
	});
	return (
		<Confirm
			title={
				<>
					Compare {t.name} with <Name text={p?.tenant_name ?? ""} />?
				</>
			}
			open={p !== undefined}
			close={close}
			verb="Compare and send"
			failure={sync.failure}
			running={sync.running}
			run={() => p && void sync.run({ path: { target: t.name, tenant: p.tenant }, body: { compare: true } })}
		>
			<Consequences
				items={["The application is read completely.", "What others changed there is set right.", "What failed before is tried again."]}
			/>
		</Confirm>
	);
}

function Release({ target: t, company: p, close }: Ask) {
	const sync = useAction("sync-target", () => {
		say("The removals are sent.");
		close();
	});
	const held = p?.held ?? 0;
	return (
		<Confirm
			title={
				<>
					Release {count(held)} removals of <Name text={p?.tenant_name ?? ""} />?
				</>
			}
			open={p !== undefined}
			close={close}
			verb="Release"
			not={held > 0 ? undefined : "The brake holds none any more."}
			danger
			failure={sync.failure}
			running={sync.running}
			run={() => p && void sync.run({ path: { target: t.name, tenant: p.tenant }, body: { release: held } })}
		>
			<Consequences items={["These people and groups lose access to the application.", "The plan shows who they are."]} />
		</Confirm>
	);
}

function Detach({ target: t, company: p, close }: Ask) {
	const detach = useAction("detach-target", () => {
		say(`${tidy(p?.tenant_name ?? "") || "The company"} is detached from ${t.name}.`);
		close();
	});
	return (
		<Confirm
			title={
				<>
					Detach <Name text={p?.tenant_name ?? ""} /> from {t.name}?
				</>
			}
			open={p !== undefined}
			close={close}
			verb="Detach"
			danger
			failure={detach.failure}
			running={detach.running}
			run={() => p && void detach.run({ path: { target: t.name, tenant: p.tenant } })}
		>
			<Consequences
				items={[
					"Nothing more of this company is sent.",
					"What was kept about the target for this company is deleted.",
					p !== undefined && p.users > 0 && `The ${count(p.users)} people that the application has stay there.`,
				]}
			/>
		</Confirm>
	);
}
