// The server: its parts, copies of the store, jobs, mails that wait, and what is kept.

import { useState } from "react";
import { useAction, useList, useRead } from "../../api/query.ts";
import type { CheckReport, Job, JobReport, Mail, Trimmed } from "../../api/schema.ts";
import { Action, Badge, Card, Code, Fact, Facts, Head, More, Name, Note, Nothing, Tag, Time } from "../../parts/basic.tsx";
import { Box, Confirm, Consequences } from "../../parts/dialog.tsx";
import { Refusal } from "../../parts/form.tsx";
import { CompanyName } from "../../parts/names.tsx";
import { Empty, View } from "../../parts/state.tsx";
import { type Column, Table } from "../../parts/table.tsx";
import { say, useQuick } from "../../parts/toast.tsx";
import { bytes, count, exact, lasting, many, plain, sentence, type Tone } from "../../parts/words.ts";
import { useTitle } from "../../shell/place.ts";
import { Archive, Streams } from "../audit/archive.tsx";

export default function Server() {
	useTitle("Server");
	const status = useRead("get-status", {}, { every: 10_000 });
	return (
		<>
			<Head
				title="Server"
				badge={status.data && <Badge word={status.data.ready ? { text: "Ready", tone: "good" } : { text: "Not ready", tone: "bad" }} />}
				sub={`Version ${status.data?.version ?? "…"}`}
			>
				<a className="button button-plain" href="/api/v1/openapi.json">
					API document
				</a>
			</Head>
			{status.data?.warnings.map((w) => (
				<Note key={w} tone="warn">
					{sentence(w)}
				</Note>
			))}
			<div className="columns-2-1">
				<div className="stack">
					<Backups />
					<Jobs />
					<Outbox />
				</div>
				<div className="stack">
					<Card title="Running">
						<View reading={status} rows={3}>
							{(s) => (
								<Facts>
									<Fact name="Since">
										<Time at={s.started} />
									</Fact>
									<Fact name="Address">
										<Code text={s.base_url} what="the address" />
									</Fact>
									<Fact name="Data folder">
										<span className="mono wrap">{s.data}</span>
									</Fact>
									<Fact name="Companies">{count(s.tenants)}</Fact>
									{s.parts.map((p) => (
										<Fact key={p.name} name={plain(p.name)}>
											<Badge word={p.ready ? { text: "ready", tone: "good" } : { text: "not ready", tone: "bad" }} />{" "}
											{p.message && <span className="faint">{p.message}</span>}
										</Fact>
									))}
								</Facts>
							)}
						</View>
					</Card>
					<Archive />
					<Streams />
					<Keeping />
				</div>
			</div>
		</>
	);
}

function Backups() {
	const backups = useRead("list-backups", { query: { limit: 50 } }, { every: 5_000 });
	const create = useAction("create-backup", (b) => say(`A copy of ${bytes(b.bytes)} is written and verified.`));
	const [checked, setChecked] = useState<CheckReport>();
	const check = useAction("check-store", setChecked);
	return (
		<Card
			title="Backups"
			flush
			actions={
				<>
					<Action small running={check.running} onPress={() => check.run({})}>
						Check the store
					</Action>
					<Action small look="primary" running={create.running} onPress={() => create.run({ body: {} })}>
						Back up now
					</Action>
				</>
			}
		>
			<View reading={backups} rows={3}>
				{(b) => (
					<>
						<p className="card-note card-note-top">
							{b.every ? `Every ${b.every}, the last ${count(b.keep)} are kept in ` : "Only when an operator asks. Copies go to "}
							<span className="mono wrap">{b.dir}</span>
						</p>
						{b.running && (
							<p className="card-note">
								<span className="spinner" /> {plain(b.running.what)}: {count(b.running.done)}
								{b.running.total ? ` of ${count(b.running.total)}` : ""}
							</p>
						)}
						{b.last_failure && (
							<p className="card-note">
								<Tag tone="bad">failed</Tag> {b.last_failure}
							</p>
						)}
						{(create.failure || check.failure) && (
							<div className="card-pad">
								<Refusal failure={(create.failure ?? check.failure)!} />
							</div>
						)}
						{b.items.length === 0 ? (
							<Empty icon="box" title="No copy yet">
								A copy is made while the server keeps working. Another process verifies it.
							</Empty>
						) : (
							<ul className="rows">
								{b.items.slice(0, 8).map((x) => (
									<li key={x.path} className="line">
										<div className="line-main">
											<span className="mono wrap">{x.path.split("/").pop()}</span>
											<span className="faint mono wrap">SHA-256 {x.sha256.slice(0, 16)}…</span>
										</div>
										<div className="line-end">
											<span>{bytes(x.bytes)}</span>
											<span className="faint">
												<Time at={x.time} />
											</span>
										</div>
									</li>
								))}
							</ul>
						)}
					</>
				)}
			</View>
			<Checked report={checked} close={() => setChecked(undefined)} />
		</Card>
	);
}

function Checked({ report: r, close }: { report: CheckReport | undefined; close: () => void }) {
	return (
		<Box title="The store was checked" open={r !== undefined} close={close}>
			{r && (
				<>
					<Note tone={r.ok ? "good" : "bad"}>
						{r.ok ? "Every page and record is correct." : `${many(r.findings.length, "finding", "findings")}.`}
					</Note>
					<Facts>
						<Fact name="Companies">{count(r.tenants)}</Fact>
						<Fact name="People">{count(r.users)}</Fact>
						<Fact name="Groups">{count(r.groups)}</Fact>
						<Fact name="Memberships">{count(r.memberships)}</Fact>
						<Fact name="Events">{count(r.events)}</Fact>
						<Fact name="Audit lines">{count(r.audit_lines)}</Fact>
						<Fact name="Size">
							{bytes(r.bytes)}, {count(r.free_pages)} of {count(r.pages)} pages free
						</Fact>
					</Facts>
					{r.findings.length > 0 && (
						<ul className="consequences">
							{r.findings.slice(0, 50).map((f) => (
								<li key={f}>{f}</li>
							))}
						</ul>
					)}
				</>
			)}
		</Box>
	);
}

function Jobs() {
	const list = useList("list-jobs", {}, { every: 10_000 });
	const [report, setReport] = useState<JobReport>();
	const run = useAction("run-job", setReport);
	const columns: Column<Job>[] = [
		{
			id: "name",
			title: "Job",
			cell: (j) => (
				<span className="two-lines">
					<span>{plain(j.name)}</span>
					<span className="faint">{sentence(j.about)}</span>
				</span>
			),
		},
		{ id: "every", title: "Every", from: "laptop", cell: (j) => lasting(j.every_seconds) },
		{ id: "last", title: "Last run", cell: (j) => (j.running ? <Tag tone="info">runs</Tag> : <Time at={j.last_run} none="not yet" />) },
		{
			id: "result",
			title: "Result",
			from: "tablet",
			cell: (j) => (j.error ? <Tag tone="bad">failed</Tag> : j.last_success ? <Tag tone="good">{count(j.done)} done</Tag> : <Nothing />),
		},
		{ id: "next", title: "Next", from: "laptop", cell: (j) => <Time at={j.next} none="" /> },
	];
	return (
		<Card title="Jobs" flush>
			{run.failure && (
				<div className="card-pad">
					<Refusal failure={run.failure} />
				</div>
			)}
			<Table
				name="jobs"
				label="Jobs"
				loose
				list={list}
				columns={columns}
				rowKey={(j) => j.name}
				empty={
					<Empty icon="clock" title="No job">
						This server has no scheduled work.
					</Empty>
				}
				menu={(j) => (
					<More
						label={`Actions for ${j.name}`}
						choices={[
							{
								id: "dry",
								text: "Say what it would do",
								icon: "info",
								run: () => void run.run({ path: { job: j.name }, query: { dry_run: true } }),
							},
							{ id: "run", text: "Run now", icon: "play", run: () => void run.run({ path: { job: j.name } }) },
						]}
					/>
				)}
			/>
			<Box
				title={report ? `${plain(report.job)}: ${report.dry_run ? "what it would do" : "what it did"}` : ""}
				open={report !== undefined}
				close={() => setReport(undefined)}
			>
				{report && (
					<>
						<Note tone={report.error ? "bad" : "info"}>
							{report.error || `${many(report.done, "thing", "things")}${report.dry_run ? " would be done" : " done"}.`}
						</Note>
						{report.lines.length > 0 && (
							<ul className="consequences">
								{report.lines.slice(0, 200).map((l, i) => (
									<li key={i}>
										{l.tenant && (
											<>
												<CompanyName slug={l.tenant} />:{" "}
											</>
										)}
										{l.text}
									</li>
								))}
							</ul>
						)}
					</>
				)}
			</Box>
		</Card>
	);
}

const mailStates: Record<Mail["status"], { text: string; tone: Tone }> = {
	waiting: { text: "Waiting", tone: "info" },
	parked: { text: "Parked", tone: "bad" },
};

function Outbox() {
	const list = useList("list-mails", {}, { every: 10_000 });
	const retry = useQuick("retry-mail", () => say("It is tried again now."));
	const drop = useAction("drop-mail", () => say("The mail is dropped."));
	const [dropping, setDropping] = useState<Mail>();
	const columns: Column<Mail>[] = [
		{
			id: "to",
			title: "To",
			cell: (m) => (
				<span className="two-lines">
					<Name text={m.to} short />
					<span className="faint">
						{plain(m.kind)}
						{m.tenant && (
							<>
								, <CompanyName slug={m.tenant} />
							</>
						)}
					</span>
				</span>
			),
		},
		{ id: "status", title: "Status", cell: (m) => <Tag tone={mailStates[m.status].tone}>{mailStates[m.status].text}</Tag> },
		{ id: "attempts", title: "Attempts", end: true, from: "tablet", cell: (m) => count(m.attempts) },
		{ id: "due", title: "Next try", from: "laptop", cell: (m) => <Time at={m.due} none="none" /> },
		{ id: "created", title: "Written", from: "laptop", cell: (m) => <Time at={m.created} /> },
	];
	return (
		<Card title="Waiting mails" flush>
			<Table
				name="mails"
				label="Waiting mails"
				list={list}
				columns={columns}
				rowKey={(m) => m.id}
				open={setDropping}
				empty={
					<Empty icon="mail" title="The outbox is empty">
						The mail server accepted every mail.
					</Empty>
				}
				menu={(m) => (
					<More
						label={`Actions for the mail to ${m.to}`}
						choices={[
							{ id: "retry", text: "Try again now", icon: "refresh", run: () => void retry.run({ path: { mail: m.id } }) },
							{ id: "drop", text: "Look, or drop", icon: "trash", run: () => setDropping(m) },
						]}
					/>
				)}
			/>
			<Confirm
				title={
					<>
						Drop the mail to <Name text={dropping?.to ?? ""} short />?
					</>
				}
				open={dropping !== undefined}
				close={() => {
					drop.clear();
					setDropping(undefined);
				}}
				verb="Drop"
				danger
				failure={drop.failure}
				running={drop.running}
				run={async () => dropping && (await drop.run({ path: { mail: dropping.id } })) && setDropping(undefined)}
			>
				<Facts>
					<Fact name="Written">{dropping && exact(dropping.created)}</Fact>
					<Fact name="Attempts">{dropping?.attempts}</Fact>
					{dropping?.error && <Fact name="Last error">{dropping.error}</Fact>}
				</Facts>
				<Consequences items={["It is never sent."]} />
			</Confirm>
		</Card>
	);
}

function Keeping() {
	const [report, setReport] = useState<Trimmed[]>();
	const [asked, setAsked] = useState(false);
	const trim = useAction("trim");
	const preview = async () => {
		const answer = await trim.run({ query: { dry_run: true } });
		if (answer) {
			setReport(answer.items);
			setAsked(true);
		}
	};
	const events = report?.reduce((n, t) => n + t.events, 0) ?? 0;
	const tombstones = report?.reduce((n, t) => n + t.tombstones, 0) ?? 0;
	return (
		<Card title="Retention">
			<p className="faint">
				Once a day, old events are removed and old tombstones are reduced, after the number of days in the settings of each company.
			</p>
			<div>
				<Action small running={trim.running} onPress={() => void preview()}>
					Clean up now
				</Action>
			</div>
			<Confirm
				title="Remove what is past its retention time?"
				open={asked}
				close={() => setAsked(false)}
				verb="Remove"
				not={events + tombstones > 0 ? undefined : "Nothing is past its retention time."}
				failure={trim.failure}
				running={trim.running}
				run={async () => {
					if (await trim.run({})) {
						say(`${many(events, "event", "events")} and ${many(tombstones, "tombstone", "tombstones")} are cleaned up.`);
						setAsked(false);
					}
				}}
			>
				<Consequences
					items={[
						`${many(events, "event", "events")} of ${many(report?.filter((t) => t.events).length ?? 0, "company", "companies")} ${events === 1 ? "is" : "are"} removed.`,
						`${many(tombstones, "tombstone is", "tombstones are")} reduced to the id and the times.`,
					]}
				/>
			</Confirm>
		</Card>
	);
}
