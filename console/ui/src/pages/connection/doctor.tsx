// Doctor: the server plays the identity provider on a copy of the connection, and reports what differs from what it expects.

import { useState } from "react";
import { useAction } from "../../api/query.ts";
import type { Connection, Diagnosis, DoctorStep } from "../../api/schema.ts";
import { Action, Card, Note, Tag } from "../../parts/basic.tsx";
import { Consequences } from "../../parts/dialog.tsx";
import { Refusal } from "../../parts/form.tsx";
import { count, many, sentence, typeTitle } from "../../parts/words.ts";

export function Doctor({ connection: c }: { connection: Connection }) {
	const [found, setFound] = useState<Diagnosis>();
	const play = useAction("run-doctor");
	const run = async () => {
		setFound(undefined);
		const done = await play.run({ path: { connection: c.slug } });
		if (done) setFound(done);
	};
	return (
		<div className="stack">
			<Card
				title="Doctor"
				actions={
					<Action look="primary" icon="pulse" right="credential.manage" running={play.running} onPress={() => void run()}>
						{found ? "Run again" : "Run doctor"}
					</Action>
				}
			>
				<p>
					The server plays everything that {typeTitle(c.type)} sends, in its own order and spelling, and checks after each request that what
					was answered with success was really done.
				</p>
				<Consequences
					items={[
						"It plays on a copy of the connection with the same settings and none of the people.",
						"No seat is taken, and nothing appears in a feed, an alert, the journal or a bill.",
						`It does not test whether ${typeTitle(c.type)} has the right secret. The journal shows its requests.`,
					]}
				/>
				{play.running && (
					<div className="waiting" role="status">
						<span className="spinner" /> The conversation is being played.
					</div>
				)}
				{play.failure && <Refusal failure={play.failure} />}
			</Card>
			{found && <Found diagnosis={found} />}
		</div>
	);
}

function Found({ diagnosis: d }: { diagnosis: Diagnosis }) {
	const phases: { name: string; steps: DoctorStep[] }[] = [];
	for (const step of d.steps) {
		const last = phases.at(-1);
		// A check belongs to what it checks.
		if (last && (step.phase === "check" || step.phase === last.name)) last.steps.push(step);
		else phases.push({ name: step.phase, steps: [step] });
	}
	return (
		<>
			<Note tone={d.failed ? "bad" : "good"}>
				<p>
					{many(d.passed, "step", "steps")} went as {d.title} expects, {count(d.failed)} did not.
					{d.skipped > 0 && ` ${count(d.skipped)} were not played, because what they need was not made.`}
				</p>
			</Note>
			{phases.map((p, i) => (
				<Card
					key={`${i} ${p.name}`}
					title={sentence(p.name).replace(/\.$/, "")}
					tone={p.steps.some((s) => !s.ok && !s.skipped) ? "bad" : undefined}
				>
					<ul className="feed">
						{p.steps.map((s, j) => (
							<Step key={`${j} ${s.name}`} step={s} />
						))}
					</ul>
				</Card>
			))}
		</>
	);
}

function Step({ step: s }: { step: DoctorStep }) {
	return (
		<li>
			<span className="exchange">
				<Tag tone={s.skipped ? "quiet" : s.ok ? "good" : "bad"}>{s.skipped ? "not played" : s.ok ? "good" : "failed"}</Tag>
				{s.status ? <span className={`status status-${Math.floor(s.status / 100)}`}>{s.status}</span> : null}
				<span className="mono method">{s.method}</span>
				<span className="path">{s.name}</span>
			</span>
			{s.skipped && <p className="faint">{sentence(s.skipped)}</p>}
			{!s.ok && !s.skipped && (
				<ul className="consequences">
					{s.console && <li>The administrator sees: {s.console}</li>}
					{s.problems?.map((p) => (
						<li key={p}>{sentence(p)}</li>
					))}
					{s.rule && <li>Demanded by {s.rule}.</li>}
				</ul>
			)}
		</li>
	);
}
