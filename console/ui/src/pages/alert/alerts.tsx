// Alerts: what an operator should look at, in all companies or in one.

import { useState } from "react";
import { useAction, useList } from "../../api/query.ts";
import type { Alert } from "../../api/schema.ts";
import { Action, Head, Name, Tag, Time, To } from "../../parts/basic.tsx";
import { now } from "../../parts/clock.ts";
import { OrNoCompany } from "../../parts/companies.tsx";
import { Box } from "../../parts/dialog.tsx";
import { Chips, Filter, FormBox, Pick, Search, Submit, TextInput } from "../../parts/form.tsx";
import { actorName } from "../../parts/sentence.tsx";
import { Empty } from "../../parts/state.tsx";
import { type Column, Table, TableBar } from "../../parts/table.tsx";
import { say } from "../../parts/toast.tsx";
import { alertKinds, count, exact, many, plain, sentence, type Tone } from "../../parts/words.ts";
import { to, useParams, useTitle } from "../../shell/place.ts";

const states: Record<Alert["state"], { text: string; tone: Tone }> = {
	open: { text: "Open", tone: "bad" },
	acknowledged: { text: "Acknowledged", tone: "info" },
	snoozed: { text: "Snoozed", tone: "warn" },
	cleared: { text: "Cleared automatically", tone: "good" },
};

/** Whether it can still be acknowledged. */
export function waits(a: Alert): boolean {
	return a.state === "open" || a.state === "snoozed";
}

const hour = 3_600_000;

/** For how long an alert can be put off. */
const snoozes = [
	{ id: "never", text: "Only if it happens again" },
	{ id: "1", text: "In an hour" },
	{ id: "24", text: "In a day" },
	{ id: "168", text: "In a week" },
	{ id: "720", text: "In thirty days" },
];

/** Where the cause of an alert is. */
function cause(a: Alert): string {
	const id = a.subject.id;
	switch (a.kind) {
		case "brake":
			return id ? to.connection(id, "held") : to.company(a.tenant);
		case "sync":
			return id ? to.connection(id) : to.company(a.tenant, "connections");
		case "token":
			return to.company(a.tenant, "connections");
		case "seats":
			return to.company(a.tenant, "billing");
		case "webhook":
			return a.subject.name ? to.webhook(a.subject.name, "companies") : to.webhooks;
		case "target":
			return a.subject.name ? to.target(a.subject.name) : to.targets;
		case "protected_group":
			return to.group(a.tenant, a.key.split("/")[1] ?? "owners");
		default:
			return to.company(a.tenant);
	}
}

export default function Alerts() {
	useTitle("Alerts");
	return (
		<>
			<Head
				title="Alerts"
				sub="Each stays open until it clears automatically or an operator acknowledges it. It is kept for ninety days after that."
			/>
			<AlertTable />
		</>
	);
}

export function AlertTable({ tenant }: { tenant?: string }) {
	const [params, set] = useParams();
	const state = params.get("state") ?? "open";
	const kind = params.get("kind") ?? "";
	const q = params.get("q") ?? "";
	const query = {
		past: state === "all" || undefined,
		state: state === "all" ? undefined : (state as Alert["state"]),
		kind: (kind || undefined) as Alert["kind"] | undefined,
	};
	const all = useList("list-alerts", { query: { ...query, q: q || undefined } }, { enabled: !tenant });
	const own = useList("list-tenant-alerts", { path: { tenant: tenant ?? "" }, query }, { enabled: !!tenant });
	const list = tenant ? own : all;
	const [looking, setLooking] = useState<Alert>();
	const filtered = kind !== "" || q !== "" || state !== "open";
	const clear = () => set({ state: undefined, kind: undefined, q: undefined });
	const columns: Column<Alert>[] = [
		{
			id: "text",
			title: "What happened",
			cell: (a) => (
				<span className="two-lines">
					<Name text={sentence(a.text)} />
					<span className="faint">{alertKinds[a.kind] ?? plain(a.kind)}</span>
				</span>
			),
		},
		...(tenant
			? []
			: [
					{
						id: "tenant",
						title: "Company",
						from: "tablet" as const,
						cell: (a: Alert) => (
							<To href={to.company(a.tenant)}>
								<Name text={a.tenant_name ?? a.tenant} short />
							</To>
						),
					},
				]),
		{ id: "state", title: "State", from: "tablet", cell: (a) => <Tag tone={states[a.state].tone}>{states[a.state].text}</Tag> },
		{ id: "times", title: "Times", end: true, from: "laptop", cell: (a) => count(a.times) },
		{ id: "raised", title: "Raised", from: "desktop", cell: (a) => <Time at={a.raised} /> },
		{ id: "last", title: "Last", cell: (a) => <Time at={a.last} /> },
		{ id: "by", title: "By", from: "desktop", cell: (a) => <Name text={actorName(a.by)} short /> },
		{
			id: "act",
			title: "Action",
			from: "tablet",
			cell: (a) => (
				<span className="row row-tight">
					<To href={cause(a)} className="button button-quiet button-small" label={`The cause of: ${sentence(a.text)}`}>
						Cause
					</To>
					{waits(a) && (
						<Action small right="tenant.alert" onPress={() => setLooking(a)} label={`Acknowledge: ${sentence(a.text)}`}>
							Acknowledge
						</Action>
					)}
				</span>
			),
		},
	];
	return (
		<>
			<TableBar views="alerts" filtered={filtered} clear={clear}>
				<Chips
					label="State"
					value={state}
					onChange={(next) => set({ state: next === "open" ? undefined : next })}
					options={[
						{ id: "open", text: "Open" },
						{ id: "snoozed", text: "Snoozed" },
						{ id: "acknowledged", text: "Acknowledged" },
						{ id: "cleared", text: "Settled" },
						{ id: "all", text: "All of the last ninety days" },
					]}
				/>
				<Filter
					label="Kind"
					value={kind}
					onChange={(next) => set({ kind: next })}
					options={Object.entries(alertKinds).map(([id, text]) => ({ id, text }))}
				/>
				{!tenant && <Search label="Company" placeholder="Name of a company" value={q} onChange={(text) => set({ q: text })} />}
			</TableBar>
			<Table
				name={tenant ? "company-alerts" : "alerts"}
				label="Alerts"
				list={list}
				columns={columns}
				rowKey={(a) => `${a.tenant}-${a.key}-${a.raised}`}
				open={setLooking}
				loose
				filtered={filtered}
				clear={clear}
				summary={(a) => (
					<>
						{!tenant && <Name text={a.tenant_name ?? a.tenant} short />}
						<Tag tone={states[a.state].tone}>{states[a.state].text}</Tag>
					</>
				)}
				empty={
					<OrNoCompany>
						<Empty icon="bell" title="No alert is open">
							Alerts are raised when a protected group changes, removals are unusual, a sync goes quiet or fails, a credential expires soon,
							or all seats are in use.
						</Empty>
					</OrNoCompany>
				}
			/>
			<Look
				alert={looking}
				close={() => setLooking(undefined)}
				fresh={list.rows?.find((a) => looking && a.tenant === looking.tenant && a.key === looking.key)}
			/>
		</>
	);
}

/** One alert, and its acknowledgement. If it happened again meanwhile, that is said, and it stays open. */
export function Look({ alert, close, fresh }: { alert: Alert | undefined; close: () => void; fresh: Alert | undefined }) {
	const [note, setNote] = useState("");
	const [again, setAgain] = useState("never");
	const [seen, setSeen] = useState<number>();
	const acknowledge = useAction("acknowledge-alert", (a) => say(a.until ? `Snoozed until ${exact(a.until)}.` : "Acknowledged."));
	const times = seen ?? alert?.times ?? 0;
	const away = () => {
		acknowledge.clear();
		setNote("");
		setAgain("never");
		setSeen(undefined);
		close();
	};
	const run = async () => {
		if (!alert) return;
		const until = again === "never" ? undefined : new Date(now() + Number(again) * hour).toISOString();
		const body = { alert: alert.key, times, note: note.trim() || undefined, until };
		if (await acknowledge.run({ path: { tenant: alert.tenant }, body })) away();
	};
	const repeated = acknowledge.failure?.status === 412 && fresh && fresh.times !== times;
	return (
		<Box
			title={alert ? (alertKinds[alert.kind] ?? plain(alert.kind)) : ""}
			sub={alert?.tenant_name ?? alert?.tenant}
			open={alert !== undefined}
			close={away}
		>
			{alert && (
				<FormBox failure={repeated ? undefined : acknowledge.failure} submit={() => void run()}>
					<p>
						<Name text={sentence(alert.text)} />
					</p>
					<p className="faint">
						Raised <Time at={alert.raised} />, {many(alert.times, "time", "times")}, last <Time at={alert.last} />.
					</p>
					<p>
						<To href={cause(alert)}>Go to the cause</To>
					</p>
					{(alert.state === "acknowledged" || alert.state === "snoozed") && (
						<p>
							{alert.state === "snoozed" ? (
								<>
									Snoozed until {exact(alert.until ?? "")} by {alert.acknowledged_by}
								</>
							) : (
								<>
									Acknowledged by {alert.acknowledged_by} <Time at={alert.acknowledged} />
								</>
							)}
							{alert.note && (
								<>
									: “<Name text={alert.note} />”
								</>
							)}
						</p>
					)}
					{alert.state === "cleared" && (
						<p>
							It was cleared automatically <Time at={alert.cleared} />.
						</p>
					)}
					{waits(alert) && (
						<>
							<Pick
								label="Open it again"
								name="until"
								value={again}
								onChange={setAgain}
								options={snoozes}
								about="It is open again at once if it happens again."
							/>
							<TextInput
								label="Note"
								name="note"
								value={note}
								onChange={setNote}
								lines={2}
								maxLength={500}
								about="Other operators see it with the alert."
							/>
							{repeated && (
								<div className="versions" role="alert">
									<p>
										It happened again after you opened it: {many(fresh.times, "time", "times")} in total. “{fresh.text}”
									</p>
									<div className="row">
										<Action small onPress={() => setSeen(fresh.times)}>
											I have seen this too
										</Action>
									</div>
								</div>
							)}
							<Submit running={acknowledge.running} cancel={away} right="tenant.alert">
								{again === "never" ? "Acknowledge" : "Snooze"}
							</Submit>
						</>
					)}
				</FormBox>
			)}
		</Box>
	);
}
