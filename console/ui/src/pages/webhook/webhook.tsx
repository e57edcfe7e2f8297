// One webhook: what was sent and answered, how far the events of each company are, its settings, and its end.

import { useState } from "react";
import { useLocation, useParams as usePath } from "wouter";
import { useAction, useRead } from "../../api/query.ts";
import type { IssuedWebhook, Webhook, WebhookAttempt } from "../../api/schema.ts";
import { Action, Badge, Code, Fact, Facts, Head, More, Name, Note, Tabs, Time, To, useLack } from "../../parts/basic.tsx";
import { Confirm, Consequences, Versions } from "../../parts/dialog.tsx";
import { useDraft } from "../../parts/draft.ts";
import { useFinding } from "../../parts/finding.ts";
import { Foresight } from "../../parts/foresight.tsx";
import { FormBox, Refusal } from "../../parts/form.tsx";
import { useCompanyNames } from "../../parts/names.tsx";
import { View } from "../../parts/state.tsx";
import { say } from "../../parts/toast.tsx";
import { count, many, sentence } from "../../parts/words.ts";
import { to, useTitle } from "../../shell/place.ts";
import { Deliveries } from "./deliveries.tsx";
import { Fields, formats, kindsOf, Secret, signed, type Wanted, wholes } from "./form.tsx";
import { Companies, states } from "./list.tsx";
import { Progress } from "./progress.tsx";

const tabs = [
	{ id: "", text: "Deliveries" },
	{ id: "companies", text: "Companies" },
	{ id: "settings", text: "Settings" },
];

export default function WebhookPage() {
	const { webhook: raw, tab = "" } = usePath<{ webhook: string; tab?: string }>();
	const name = decodeURIComponent(raw ?? "");
	const webhook = useRead("get-webhook", { path: { webhook: name } }, { every: 5_000 });
	useTitle(`${tabs.find((t) => t.id === tab)?.text ?? "Webhook"} · ${name}`);
	return (
		<View reading={webhook} what="The webhook" level={1}>
			{(w) => (
				<>
					<WebhookHead webhook={w} />
					<Tabs
						label="Sections of the webhook"
						current={tab}
						sections={tabs.map((t) => ({ ...t, href: to.webhook(w.name, t.id), count: t.id === "companies" ? w.failing : 0 }))}
					/>
					{tab === "" && <Deliveries webhook={w} />}
					{tab === "companies" && <Progress webhook={w} />}
					{tab === "settings" && <Settings webhook={w} />}
				</>
			)}
		</View>
	);
}

function WebhookHead({ webhook: w }: { webhook: Webhook }) {
	const path = { webhook: w.name };
	const [, go] = useLocation();
	const [tried, setTried] = useFinding<WebhookAttempt>(w.version, w.status, w.reason, w.failing_since);
	const [issued, setIssued] = useState<IssuedWebhook>();
	const [dialog, setDialog] = useState<"rotate" | "delete">();
	const test = useAction("test-webhook", setTried);
	const pause = useAction("update-webhook", () => say("The webhook is paused. Its events wait."));
	const resume = useAction("resume-webhook", () => say("The webhook is resumed."));
	const rotate = useAction("rotate-webhook", (made) => {
		setDialog(undefined);
		setIssued(made);
	});
	const remove = useAction("delete-webhook", () => {
		say("The webhook is deleted.");
		go(to.webhooks);
	});
	const failure = test.failure ?? pause.failure ?? resume.failure;
	const stopped = w.status === "paused" || w.status === "parked";
	return (
		<>
			<Head title={<Name text={w.name} />} badge={<Badge word={states[w.status]} />} sub={<To href={to.webhooks}>Webhooks</To>}>
				<Action right="webhook.manage" running={test.running} onPress={() => test.run({ path })}>
					Send a test
				</Action>
				{stopped ? (
					<Action look="primary" icon="play" right="webhook.manage" running={resume.running} onPress={() => resume.run({ path })}>
						Resume
					</Action>
				) : (
					<Action icon="pause" right="webhook.manage" running={pause.running} onPress={() => pause.run({ path, body: { paused: true } })}>
						Pause
					</Action>
				)}
				<More
					label={`Actions for ${w.name}`}
					choices={[
						...(signed(w.format)
							? [
									{
										id: "rotate",
										text: "Rotate the secret",
										icon: "key" as const,
										right: "webhook.manage" as const,
										run: () => setDialog("rotate"),
									},
								]
							: []),
						{
							id: "delete",
							text: "Delete",
							icon: "trash",
							danger: true,
							right: "webhook.manage",
							run: () => setDialog("delete"),
							apart: true,
						},
					]}
				/>
			</Head>
			<div className="stack">
				{failure && <Refusal failure={failure} />}
				{tried && (
					<Note tone={tried.value.ok ? "good" : "bad"}>
						{tried.value.ok
							? `The receiver accepted the test message: ${tried.value.status}, after ${count(tried.value.millis)} ms.`
							: `The test message was not accepted: ${tried.value.error}.`}{" "}
						<span className="faint">
							Tested <Time at={tried.at} />.
						</span>
					</Note>
				)}
				{w.reason && <Note tone={w.status === "parked" ? "bad" : "warn"}>{sentence(w.reason)}</Note>}
				<Facts>
					<Fact name="URL">
						<Code text={w.url} what="the URL" />
					</Fact>
					<Fact name="Companies">
						<Companies webhook={w} />
					</Fact>
					<Fact name="It gets">{formats[w.format]}</Fact>
					<Fact name="Events">{w.events.length ? <Name text={w.events.join(", ")} /> : wholes[w.format]}</Fact>
					<Fact name="Waiting">{count(w.backlog)}</Fact>
					<Fact name="Last 24 hours">
						{count(w.taken_24h)} of {many(w.sent_24h, "attempt", "attempts")} succeeded
					</Fact>
					<Fact name="Last success">
						<Time at={w.last_success} none="never" />
					</Fact>
					{signed(w.format) && (
						<Fact name="Secret">
							made <Time at={w.secret_created} />
							{w.old_secret_until && (
								<>
									; the previous one signs until <Time at={w.old_secret_until} />
								</>
							)}
						</Fact>
					)}
				</Facts>
			</div>
			<Confirm
				title="Rotate the secret?"
				open={dialog === "rotate"}
				close={() => setDialog(undefined)}
				verb="Rotate"
				failure={rotate.failure}
				running={rotate.running}
				run={() => void rotate.run({ path, body: {} })}
			>
				<Consequences
					items={["A new secret is shown once.", "Both secrets sign for 24 hours, so that the receiver can be changed without an outage."]}
				/>
			</Confirm>
			<Confirm
				title={<>Delete {w.name}?</>}
				open={dialog === "delete"}
				close={() => setDialog(undefined)}
				verb="Delete"
				danger
				failure={remove.failure}
				running={remove.running}
				run={() => void remove.run({ path })}
			>
				<Consequences items={["Nothing more is sent to it.", w.backlog > 0 && `${count(w.backlog)} events that wait are not delivered.`]} />
			</Confirm>
			<Secret issued={issued} close={() => setIssued(undefined)} />
		</>
	);
}

function wantedOf(w: Webhook): Wanted {
	return {
		format: w.format,
		url: signed(w.format) ? w.url : "",
		events: w.events.join(", "),
		which: w.all ? "all" : "some",
		tenants: w.tenants,
		installation: w.installation,
	};
}

function Settings({ webhook: now }: { webhook: Webhook }) {
	const lack = useLack("webhook.manage");
	const { base, form, set: setForm, dirty, begin } = useDraft(now, wantedOf);
	const update = useAction("update-webhook", (saved) => {
		begin(saved);
		say("Saved.");
	});
	const ask = (from: Webhook) => {
		const which = form.which === "all" ? (from.all ? {} : { all: true }) : { tenants: form.tenants };
		return {
			path: { webhook: now.name },
			version: from.version,
			body: {
				...(form.url ? { url: form.url } : {}),
				...(form.format === "audit" ? { installation: form.installation } : { events: kindsOf(form.events) }),
				...which,
			},
		};
	};
	const save = (from: Webhook) => void update.run(ask(from));
	// A preview is of what the form had when it was asked for.
	const [previewed, setPreviewed] = useState<Wanted>();
	const none = lack ?? (dirty ? undefined : "Nothing was changed.");
	const stale = update.failure?.status === 412 && now.version !== base.version;
	const names = useCompanyNames([...form.tenants, ...now.tenants]);
	const companies = (f: Wanted) => (f.which === "all" ? "All" : f.tenants.map((slug) => names.get(slug) ?? slug).join(", "));
	const there = wantedOf(now);
	return (
		<div className="narrow">
			<FormBox failure={stale ? undefined : update.failure} submit={() => save(base)}>
				<Fields form={form} set={setForm} not={lack} kept={!signed(now.format)} />
				<p className="about">A new company sends its events from now on. A removed company sends none.</p>
				{stale ? (
					<Versions
						rows={[
							{ label: "URL", mine: form.url, theirs: there.url },
							{ label: "Companies", mine: companies(form), theirs: companies(there) },
							{ label: "Kinds of event", mine: form.events, theirs: there.events },
							{
								label: "Audit lines of the installation",
								mine: form.installation ? "yes" : "no",
								theirs: there.installation ? "yes" : "no",
							},
						]}
						keep={() => save(now)}
						take={() => {
							update.clear();
							begin(now);
						}}
					/>
				) : (
					<>
						<Foresight operation="update-webhook" ask={ask(base)} on={previewed === form} lines />
						<div className="form-foot">
							<Action not={none} onPress={() => setPreviewed(form)}>
								Preview
							</Action>
							<Action submit look="primary" running={update.running} not={none}>
								Save
							</Action>
						</div>
					</>
				)}
			</FormBox>
		</div>
	);
}
