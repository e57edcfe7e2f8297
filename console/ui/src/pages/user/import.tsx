// The import of a table: a preview first, then exactly that.

import { useState } from "react";
import { type Failure, failureOf } from "../../api/client.ts";
import { useAction } from "../../api/query.ts";
import type { ImportLine, ImportReport } from "../../api/schema.ts";
import { Action, Card, Name, Note, Scroll, Tag } from "../../parts/basic.tsx";
import { FileDrop } from "../../parts/file.tsx";
import { Chips, FormBox, Refusal, TextInput, Tick } from "../../parts/form.tsx";
import { Rule } from "../../parts/rule.tsx";
import { say } from "../../parts/toast.tsx";
import { count, many, type Tone } from "../../parts/words.ts";
import type { SectionProps } from "../company/company.tsx";

const effects: Record<ImportLine["effect"], { text: string; tone: Tone }> = {
	create: { text: "Create", tone: "good" },
	invite: { text: "Invite", tone: "info" },
	update: { text: "Change", tone: "info" },
	reactivate: { text: "Reactivate", tone: "good" },
	unchanged: { text: "Unchanged", tone: "quiet" },
	refuse: { text: "Refused", tone: "bad" },
};

const template =
	"user_name,email,given_name,family_name,display_name,external_id,type,state\nada@example.com,ada@example.com,Ada,Lovelace,Ada Lovelace,,member,active\n";
const largest = 2 << 20;

/** A cell of a table. An apostrophe comes before what a spreadsheet would take for a formula, as in the tables of the server. */
function cell(value: string | number): string {
	const text = String(value);
	return `"${(/^'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
}

function save(name: string, text: string) {
	const link = document.createElement("a");
	link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
	link.download = name;
	link.click();
	setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

export default function Import({ company }: SectionProps) {
	const [csv, setCSV] = useState("");
	const [file, setFile] = useState<File>();
	const [invite, setInvite] = useState(false);
	const [skip, setSkip] = useState(false);
	const [report, setReport] = useState<ImportReport>();
	const [moved, setMoved] = useState(false);
	const [local, setLocal] = useState<Failure>();
	const preview = useAction("import-users");
	const apply = useAction("import-users");
	const body = { csv, invite: invite || undefined, skip_refused: skip || undefined };

	const take = async (next: File) => {
		setLocal(undefined);
		preview.clear(); // what was refused before was not this file
		setReport(undefined);
		setFile(undefined);
		if (next.size > largest) {
			setLocal(failureOf(new Error("The file is larger than 2 MiB. Split it into several tables.")));
			return;
		}
		try {
			const text = new TextDecoder("utf-8", { fatal: true }).decode(await next.arrayBuffer());
			const not =
				text.trim() === "" ? "The file is empty." : text.includes("\0") ? "The file is no table: it has bytes that no text has." : "";
			if (not) {
				setLocal(failureOf(new Error(not)));
				return;
			}
			setCSV(text);
			setFile(next);
		} catch {
			setLocal(failureOf(new Error("The file is not UTF-8, so that letters would get lost. Save it as “CSV UTF-8” and choose it again.")));
		}
	};
	const look = async () => {
		setMoved(false);
		setLocal(undefined);
		const seen = await preview.run({ path: { tenant: company }, body });
		if (seen) setReport(seen);
	};
	const run = async () => {
		if (!report) return;
		const done = await apply.run({ path: { tenant: company }, body: { ...body, expect: report.digest } });
		if (done) {
			setReport(done);
			if (done.applied) say("The table is imported.");
			return;
		}
		// The result may be another one by now: the new preview is shown, and nothing was done.
		const fresh = await preview.run({ path: { tenant: company }, body });
		if (fresh && fresh.digest !== report.digest) {
			setReport(fresh);
			setMoved(true);
			apply.clear();
		}
	};
	const again = () => {
		if (report?.applied) {
			setCSV("");
			setFile(undefined);
		}
		setReport(undefined);
		preview.clear();
		apply.clear();
	};

	if (report) {
		const idle = Object.entries(report.counts).every(([effect, n]) => n === 0 || effect === "unchanged" || effect === "refuse");
		return (
			<div className="stack">
				{report.applied ? (
					<Note tone="good">The table is imported. What was done with each row is listed below.</Note>
				) : moved ? (
					<Note tone="warn">
						The company changed meanwhile, so that the table would do something else now. Nothing was done. This is the new preview.
					</Note>
				) : (
					<Note>This is a preview. Nothing is done yet.</Note>
				)}
				<Preview report={report} />
				{apply.failure && <Refusal failure={apply.failure} />}
				<div className="form-foot">
					<Action look="quiet" onPress={again}>
						{report.applied ? "Import another table" : "Back"}
					</Action>
					{!report.applied && (
						<Action
							look="primary"
							right="user.manage"
							running={apply.running}
							onPress={() => void run()}
							not={
								report.lines.length === 0
									? "The table has no row below its first line."
									: (report.counts.refuse ?? 0) > 0 && !skip
										? "Some rows are refused. Go back and choose to leave them out, or change the table."
										: idle
											? "Nothing would change."
											: undefined
							}
						>
							Import
						</Action>
					)}
				</div>
			</div>
		);
	}
	return (
		<div className="narrow">
			<p className="page-sub">
				A table of people in CSV, at most 2 MiB and 5000 rows. Its first line names the columns: <code>user_name</code>, <code>email</code>,{" "}
				<code>given_name</code>, <code>family_name</code>, <code>display_name</code>, <code>external_id</code>, <code>type</code>,{" "}
				<code>state</code>.
			</p>
			<div>
				<Action small icon="download" onPress={() => save("people-template.csv", template)}>
					Template
				</Action>
			</div>
			<FormBox failure={local ?? preview.failure} submit={() => void look()}>
				<FileDrop
					label="A table"
					about="A file that ends in .csv"
					accept=".csv,.txt,text/csv,text/plain"
					file={file}
					take={(next) => void take(next)}
				/>
				<TextInput
					label="Or paste it"
					name="csv"
					value={csv}
					onChange={setCSV}
					lines={8}
					required
					mono
					placeholder={template.split("\n")[0]}
				/>
				<Tick
					label="Invite new people"
					about="Each gets a mail with a link, whatever the company's setting says."
					checked={invite}
					onChange={setInvite}
				/>
				<Tick
					label="Leave refused rows out"
					about="Otherwise nothing is done while one row is refused."
					checked={skip}
					onChange={setSkip}
				/>
				<div className="form-foot">
					<Action submit look="primary" right="user.manage" running={preview.running}>
						Preview
					</Action>
				</div>
			</FormBox>
		</div>
	);
}

function Preview({ report }: { report: ImportReport }) {
	const [effect, setEffect] = useState("");
	const { seats } = report;
	const shown = report.lines.filter((l) => !effect || l.effect === effect);
	const refused = report.lines.filter((l) => l.effect === "refuse");
	const rows = shown.slice(0, 500);
	return (
		<>
			<div className="row row-split">
				<Chips
					label="Effect"
					value={effect}
					onChange={setEffect}
					options={[
						{ id: "", text: "All", count: report.lines.length },
						...Object.entries(effects)
							.filter(([id]) => report.counts[id])
							.map(([id, e]) => ({ id, text: e.text, count: report.counts[id] })),
					]}
				/>
				{refused.length > 0 && (
					<Action
						small
						icon="download"
						onPress={() =>
							save(
								"refused.csv",
								`line,user_name,rule,message\n${refused.map((l) => [l.line, l.user_name, l.rule ?? "", l.message ?? ""].map(cell).join(",")).join("\n")}\n`,
							)
						}
					>
						Refused rows
					</Action>
				)}
			</div>
			<p>
				Seats: <strong className="number">{count(seats.before)}</strong> → <strong className="number">{count(seats.after)}</strong> of{" "}
				{seats.limit ? count(seats.limit) : "no limit"}
				{seats.bought ? `, ${many(seats.bought, "seat is", "seats are")} bought` : ""}
			</p>
			<Card flush>
				<Scroll label="Rows">
					<table className="mini mini-wide">
						<thead>
							<tr>
								<th scope="col" className="cell-end">
									Line
								</th>
								<th scope="col">Person</th>
								<th scope="col">Effect</th>
								<th scope="col">What changes, or why not</th>
							</tr>
						</thead>
						<tbody>
							{rows.map((l) => (
								<tr key={l.line}>
									<td className="cell-end number">{l.line}</td>
									<th scope="row">
										<Name text={l.user_name || "–"} short />
									</th>
									<td>
										<Tag tone={effects[l.effect].tone}>{effects[l.effect].text}</Tag>
									</td>
									<td className="loose">
										{l.message && (
											<>
												{l.message} {l.rule && <Rule id={l.rule} />}
											</>
										)}
										{l.changes?.map((c) => (
											<span key={c.field} className="change">
												{c.field}: {c.from && <del className="was">{c.from}</del>} <ins className="becomes">{c.to}</ins>
											</span>
										))}
									</td>
								</tr>
							))}
						</tbody>
					</table>
				</Scroll>
			</Card>
			{shown.length > rows.length && (
				<p className="faint">
					The first {count(rows.length)} of {count(shown.length)} rows are shown.
				</p>
			)}
		</>
	);
}
