// An audit trail: sentences that can be searched, opened and verified.

import { Fragment, useState } from "react";
import { call, downloadURL, type Failure, failureOf } from "../../api/client.ts";
import { useList, useRead, useTrail } from "../../api/query.ts";
import type { Audit, AuditReport } from "../../api/schema.ts";
import { Action, Code, Download, Fact, Facts, Name, Note, Tag, Time, To } from "../../parts/basic.tsx";
import { Box } from "../../parts/dialog.tsx";
import { Filter, FormBox, Refusal, Search, TextInput } from "../../parts/form.tsx";
import { Icon } from "../../parts/icon.tsx";
import { CompanyName } from "../../parts/names.tsx";
import { Rule } from "../../parts/rule.tsx";
import { actorKind, actorName, Difference, nounOf, Sentence, SubjectName, verbOf } from "../../parts/sentence.tsx";
import { Empty, Failed, NothingMatches, Skeleton, Stale } from "../../parts/state.tsx";
import { type Listing, step, TableBar } from "../../parts/table.tsx";
import { count, exact } from "../../parts/words.ts";
import { to, useParams } from "../../shell/place.ts";
import { Span } from "../connection/journal.tsx";

const kinds = ["idp", "operator", "policy", "system", "user"].map((id) => ({ id, text: actorKind(id) }));
const nouns = Object.entries({
	alert: "Alerts",
	api_key: "API keys",
	appkey: "Application keys",
	audit: "Archive",
	backup: "Backups",
	brake: "Brake",
	bundle: "Bundles",
	tenant: "Companies",
	connection: "Connections",
	token: "Credentials",
	deletion: "Deletion requests",
	events: "Events",
	group: "Groups",
	job: "Jobs",
	mail: "Mails",
	link: "One-time links",
	operator: "Operators",
	user: "People",
	project: "Google projects",
	provider: "Provider",
	request: "Requests without a right",
	seats: "Seats",
	target: "Targets",
	tombstones: "Tombstones",
	webhook: "Webhooks",
}).map(([id, text]) => ({ id: `${id}.*`, text }));

/** The actions to choose from, with the one that the address names. */
function actionsWith(action: string) {
	return !action || nouns.some((n) => n.id === action) ? nouns : [...nouns, { id: action, text: verbOf(action) }];
}

/** Which trail: a company's, the installation's own, or those of all companies together. */
export type Scope = { company: string } | "installation" | "everywhere";

/** An audit trail. verify is missing where there is no single chain to follow. */
export function Trail({ scope, verify }: { scope: Scope; verify?: () => void }) {
	const tenant = typeof scope === "object" ? scope.company : "";
	const [params, set] = useParams();
	const get = (name: string) => params.get(name) ?? "";
	const archive = get("archive") === "yes" && scope !== "everywhere";
	const [user, actor, kind, action, outcome, address, request, from, until] = [
		"user",
		"actor",
		"kind",
		"action",
		"outcome",
		"address",
		"request",
		"from",
		"to",
	].map(get);
	const query = {
		user: user || undefined,
		actor: actor || undefined,
		kind: (kind || undefined) as "idp" | undefined,
		action: action || undefined,
		outcome: (outcome || undefined) as "done" | undefined,
		address: address || undefined,
		request: request || undefined,
		from: from ? new Date(from).toISOString() : undefined,
		to: until ? new Date(until).toISOString() : undefined,
	};
	const deep = { ...query, archive: archive || undefined };
	const own = useTrail("search-audit", { path: { tenant }, query: deep }, { enabled: tenant !== "" });
	const provider = useTrail("search-provider-audit", { query: deep }, { enabled: scope === "installation" });
	const archived = (scope === "installation" ? provider : own).data?.pages.at(-1)?.archived;
	const all = useList("search-all-audit", { query }, { enabled: scope === "everywhere" });
	const trail: Reading = scope === "everywhere" ? all : scope === "installation" ? provider : own;
	const path = { tenant };
	const files =
		scope === "everywhere"
			? [downloadURL("export-all-audit-csv", { query }), downloadURL("export-all-audit-jsonl", { query })]
			: scope === "installation"
				? [downloadURL("export-provider-audit-csv", { query: deep }), downloadURL("export-provider-audit-jsonl", { query: deep })]
				: [downloadURL("export-audit-csv", { path, query: deep }), downloadURL("export-audit-jsonl", { path, query: deep })];
	const filtered = Object.values(query).some(Boolean);
	const clear = () =>
		set({
			user: undefined,
			actor: undefined,
			kind: undefined,
			action: undefined,
			outcome: undefined,
			address: undefined,
			request: undefined,
			from: undefined,
			to: undefined,
		});
	return (
		<div className="stack">
			<TableBar
				views="audit"
				filtered={filtered}
				clear={clear}
				actions={
					<>
						<Download href={files[0] ?? ""}>CSV</Download>
						<Download href={files[1] ?? ""}>JSON lines</Download>
						{verify && (
							<Action icon="shield" onPress={verify}>
								Verify
							</Action>
						)}
					</>
				}
			>
				<Search label="Whom it is about" placeholder="Person, group, id" value={user ?? ""} onChange={(next) => set({ user: next })} />
				<Search label="Who did it" placeholder="Who did it" value={actor ?? ""} onChange={(next) => set({ actor: next })} />
				<Filter label="Kind" value={kind ?? ""} onChange={(next) => set({ kind: next })} options={kinds} />
				<Filter label="Action" value={action ?? ""} onChange={(next) => set({ action: next })} options={actionsWith(action ?? "")} />
				<Filter
					label="Outcome"
					value={outcome ?? ""}
					onChange={(next) => set({ outcome: next })}
					options={[
						{ id: "done", text: "Done" },
						{ id: "refused", text: "Refused" },
					]}
				/>
				<Search label="Address" placeholder="IP address" value={address ?? ""} onChange={(next) => set({ address: next })} />
				<Span from={from ?? ""} until={until ?? ""} set={(f, t) => set({ from: f, to: t })} />
				{request && (
					<Action small icon="close" onPress={() => set({ request: undefined })}>
						Request: {request}
					</Action>
				)}
			</TableBar>
			{archived && (
				<Note
					action={
						<Action small onPress={() => set({ archive: "yes" })}>
							Search the archive too
						</Action>
					}
				>
					Lines 1 to {count(archived.last)}
					{archived.to && (
						<>
							, until <Time at={archived.to} />,
						</>
					)}{" "}
					are in the archive and were not searched.
				</Note>
			)}
			<Lines trail={trail} everywhere={scope === "everywhere"} filtered={filtered} clear={clear} />
		</div>
	);
}

type Reading = Listing<Audit>;

function Lines({ trail, everywhere, filtered, clear }: { trail: Reading; everywhere: boolean; filtered: boolean; clear: () => void }) {
	const [params, set] = useParams();
	const open = params.get("line") ?? undefined;
	const setOpen = (line: string | undefined) => set({ line });
	const keyOf = (line: Audit) => `${line.tenant}/${line.seq}`;
	if (trail.rows === undefined)
		return trail.isError ? <Failed error={trail.error} retry={() => trail.refetch()} what="The trail" /> : <Skeleton rows={8} />;
	if (!trail.rows.length) {
		return filtered ? (
			<NothingMatches clear={clear} />
		) : (
			<Empty icon="scroll" title="Nothing has happened yet">
				Each write becomes a line here, also one that a rule refused: who did what, when, from where, and what it changed.
			</Empty>
		);
	}
	return (
		<div className="table-wrap">
			<Stale reading={trail} />
			<table className="table table-loose table-trail" aria-label="Audit trail">
				<thead>
					<tr>
						<th scope="col">Time</th>
						<th scope="col">What happened</th>
						{everywhere && (
							<th scope="col" className="from-tablet trail-company">
								Company
							</th>
						)}
						<th scope="col" className="from-laptop">
							By
						</th>
						<th scope="col" className="from-tablet">
							Outcome
						</th>
						<th scope="col" className="from-laptop">
							Rule
						</th>
						<th scope="col" className="from-desktop">
							Address
						</th>
					</tr>
				</thead>
				<tbody onKeyDown={step}>
					{trail.rows.map((line) => (
						<Fragment key={keyOf(line)}>
							<tr
								className={`row-opens${open === keyOf(line) ? " is-current" : ""}`}
								onClick={() => setOpen(open === keyOf(line) ? undefined : keyOf(line))}
							>
								<td>
									<Time at={line.time} />
								</td>
								<th scope="row">
									<button
										type="button"
										className="row-link"
										aria-expanded={open === keyOf(line)}
										onClick={(event) => {
											event.stopPropagation();
											setOpen(open === keyOf(line) ? undefined : keyOf(line));
										}}
									>
										<Sentence line={line} />
									</button>
								</th>
								{everywhere && (
									<td className="from-tablet">
										<To href={to.company(line.tenant, "audit")}>
											<CompanyName slug={line.tenant} />
										</To>
									</td>
								)}
								<td className="from-laptop">{actorKind(line.actor.kind)}</td>
								<td className="from-tablet">{line.outcome === "refused" ? <Tag tone="bad">refused</Tag> : <Tag tone="good">done</Tag>}</td>
								<td className="from-laptop">{line.rule}</td>
								<td className="from-desktop">{line.address}</td>
							</tr>
							{open === keyOf(line) && (
								<tr className="expanded">
									<td colSpan={everywhere ? 7 : 6}>
										<Line line={line} />
									</td>
								</tr>
							)}
						</Fragment>
					))}
				</tbody>
			</table>
			{trail.hasNextPage && (
				<div className="further">
					<span className="faint">{count(trail.rows.length)} shown</span>
					<Action small running={trail.isFetchingNextPage} onPress={() => void trail.fetchNextPage?.()}>
						Load older ones
					</Action>
				</div>
			)}
		</div>
	);
}

/** A line in full. */
function Line({ line }: { line: Audit }) {
	const { tenant } = line;
	const connection = line.actor.kind === "idp" ? line.actor.id : "";
	return (
		<div className="stack">
			<Facts>
				<Fact name="Number">
					{line.seq} <span className="faint mono">{line.action}</span>
				</Fact>
				<Fact name="When">{exact(line.time)}</Fact>
				<Fact name="Who">
					{actorKind(line.actor.kind)}: <Name text={actorName(line.actor)} />{" "}
					{line.address && <span className="faint">from {line.address}</span>}
				</Fact>
				<Fact name="About">
					{nounOf(line.subject.kind)}: <SubjectName line={line} />
					{tenant && line.subject.kind === "User" && (
						<>
							{" "}
							<To href={to.person(tenant, line.subject.id)}>Look</To>
						</>
					)}
				</Fact>
				{line.reason && <Fact name="Reason">{line.reason}</Fact>}
				{line.rule && (
					<Fact name="Rule">
						<Rule id={line.rule} />
					</Fact>
				)}
				{line.deviations && line.deviations.length > 0 && <Fact name="Leniencies">{line.deviations.join(", ")}</Fact>}
				{line.request && (
					<Fact name="Request">
						<Code text={line.request} what="the request id" />
						{connection && <To href={`${to.connection(connection, "journal")}?request=${encodeURIComponent(line.request)}`}>Look</To>}
					</Fact>
				)}
			</Facts>
			<Difference before={line.before} after={line.after} />
		</div>
	);
}

/** Follows the hash chain, and compares it with a head that was kept elsewhere. */
export function Verify({ tenant, open, close }: { tenant: string; open: boolean; close: () => void }) {
	const [head, setHead] = useState("");
	const [report, setReport] = useState<AuditReport>();
	const [failure, setFailure] = useState<Failure>();
	const [running, setRunning] = useState(false);
	const run = async (archive?: true) => {
		setRunning(true);
		setFailure(undefined);
		const [seq, hash] = head.trim().split(":");
		const query = head.trim() ? { seq: Number(seq), hash, archive } : { archive };
		try {
			setReport(tenant ? await call("verify-audit", { path: { tenant }, query }) : await call("verify-provider-audit", { query }));
		} catch (error) {
			setFailure(failureOf(error));
		}
		setRunning(false);
	};
	const away = () => {
		setReport(undefined);
		setFailure(undefined);
		close();
	};
	const kept = report ? `${report.head.seq}:${report.head.hash ?? ""}` : "";
	return (
		<Box title="Verify the trail" open={open} close={away}>
			<FormBox submit={() => void run()}>
				<p>
					Each line has a hash of itself and of the line before it. The check follows the chain from its first line and names a line that
					was changed, inserted, removed or moved.
				</p>
				<TextInput
					label="A head that you kept"
					name="head"
					value={head}
					onChange={setHead}
					mono
					pattern="[0-9]+:[0-9a-f]{64}"
					placeholder="number:hash"
					about="With a head, the check proves that nothing up to it was changed since. Without one, it proves only that the chain is consistent."
				/>
				{failure && <Refusal failure={failure} />}
				{report && (
					<>
						<Note tone={report.ok ? "good" : "bad"}>
							{report.ok
								? `The chain holds: ${count(report.checked)} of ${count(report.lines)} lines were checked.`
								: `Line ${report.broken} does not match. ${report.why ?? ""}`}
							{report.archived && !report.archive && ` Lines 1 to ${count(report.archived)} are in the archive and were not read.`}
							{report.archive && ` ${count(report.archive.lines)} of them and ${count(report.archive.events)} events are in the archive.`}
							{report.older > 0 && ` ${count(report.older)} lines are older than the chain and not protected.`}
						</Note>
						<div className="secret">
							<span className="label">The head now. Keep it elsewhere: in a ticket, in a mail.</span>
							<Code text={kept} what="the head" block />
						</div>
					</>
				)}
				<div className="form-foot">
					{report?.archived && (
						<Action running={running} onPress={() => void run(true)}>
							Verify the archive too
						</Action>
					)}
					<Action submit look="primary" running={running} icon="shield">
						{report ? "Verify again" : "Verify"}
					</Action>
				</div>
			</FormBox>
		</Box>
	);
}

/** Who was inside a company, when, from where, and what they changed. */
export function Visits({ tenant }: { tenant: string }) {
	const [params, set] = useParams();
	const from = params.get("from") ?? "";
	const until = params.get("to") ?? "";
	const visits = useRead(
		"list-visits",
		{
			path: { tenant },
			query: { from: from ? new Date(from).toISOString() : undefined, to: until ? new Date(until).toISOString() : undefined },
		},
		{ every: 120_000 },
	);
	if (visits.data === undefined)
		return visits.isError ? <Failed error={visits.error} retry={() => visits.refetch()} what="The report" /> : <Skeleton rows={5} />;
	const report = visits.data;
	return (
		<div className="stack">
			<TableBar filtered={!!(from || until)} clear={() => set({ from: undefined, to: undefined })}>
				<Span from={from} until={until} set={(f, t) => set({ from: f, to: t })} />
			</TableBar>
			{!report.complete && (
				<Note tone="warn">
					The trail does not reach back to the beginning of the time that you asked for.{" "}
					{report.since && `It begins ${exact(report.since)}.`}
				</Note>
			)}
			{report.items.length === 0 ? (
				<Empty icon="door" title="No operator entered">
					In this time, no operator worked inside the company or changed anything in it.
				</Empty>
			) : (
				<ul className="cards">
					{report.items.map((v) => (
						<li key={`${v.first}-${v.actor.id}`} className="card">
							<div className="card-body">
								<div className="row row-split">
									<strong>
										<Name text={actorName(v.actor)} short />
									</strong>
									<span className="faint">
										{exact(v.from)} – {exact(v.to)}
									</span>
								</div>
								<p>
									{v.entered ? (
										<>
											<Icon name="enter" size={14} /> Entered{v.reason && <>: “{<Name text={v.reason} />}”</>}.
										</>
									) : (
										"Worked without entering."
									)}{" "}
									<span className="faint">{v.address && `From ${v.address}. `}</span>
									{count(v.lines)} lines{v.refused > 0 && `, ${count(v.refused)} refused`}.
								</p>
								<p className="row">
									{Object.entries(v.actions).map(([action, n]) => (
										<Tag key={action}>
											{verbOf(action)} {n > 1 && `× ${count(n)}`}
										</Tag>
									))}
								</p>
								{v.subjects.length > 0 && (
									<p className="faint">
										About {v.subjects.slice(0, 8).join(", ")}
										{(v.more_subjects ?? 0) + Math.max(0, v.subjects.length - 8) > 0 &&
											` and ${count((v.more_subjects ?? 0) + Math.max(0, v.subjects.length - 8))} more`}
									</p>
								)}
							</div>
						</li>
					))}
				</ul>
			)}
		</div>
	);
}
