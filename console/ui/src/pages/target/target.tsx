// One target: how far each company is, its settings, its credential, and its end.

import { useState } from "react";
import { useLocation, useParams as usePath } from "wouter";
import { useAction, useRead } from "../../api/query.ts";
import type { Target, TargetFinding } from "../../api/schema.ts";
import { Action, Badge, Code, Fact, Facts, Head, More, Name, Note, Tabs, Time, To, useLack } from "../../parts/basic.tsx";
import { CompanyNames } from "../../parts/companies.tsx";
import { Box, Confirm, Consequences, Versions } from "../../parts/dialog.tsx";
import { useDraft } from "../../parts/draft.ts";
import { useFinding } from "../../parts/finding.ts";
import { FormBox, Refusal, Submit } from "../../parts/form.tsx";
import { View } from "../../parts/state.tsx";
import { say } from "../../parts/toast.tsx";
import { count, sentence } from "../../parts/words.ts";
import { to, useTitle } from "../../shell/place.ts";
import { Companies } from "./companies.tsx";
import { bodyOf, Credential, Fields, leaves, peoples, presents, profiles, Which, wantedOf } from "./form.tsx";
import { states } from "./list.tsx";
import { Rules, ruleText } from "./mapping.tsx";

const tabs = [
	{ id: "", text: "Companies" },
	{ id: "settings", text: "Settings" },
];

export default function TargetPage() {
	const { target: raw, tab = "" } = usePath<{ target: string; tab?: string }>();
	const name = decodeURIComponent(raw ?? "");
	const target = useRead("get-target", { path: { target: name } }, { every: 5_000 });
	useTitle(`${tabs.find((t) => t.id === tab)?.text ?? "Target"} · ${name}`);
	return (
		<View reading={target} what="The target" level={1}>
			{(t) => (
				<>
					<TargetHead target={t} />
					<Tabs label="Sections of the target" current={tab} sections={tabs.map((one) => ({ ...one, href: to.target(t.name, one.id) }))} />
					{tab === "" && <Companies target={t} />}
					{tab === "settings" && <Settings target={t} />}
				</>
			)}
		</View>
	);
}

function TargetHead({ target: t }: { target: Target }) {
	const path = { target: t.name };
	const [, go] = useLocation();
	const [found, setFound] = useFinding<TargetFinding[]>(t.version, t.status, t.reason);
	const [dialog, setDialog] = useState<"credential" | "delete">();
	const check = useAction("check-target", (answer) => setFound(answer.items));
	const pause = useAction("update-target", () => say("The target is paused. Nothing is sent."));
	const resume = useAction("resume-target", () => say("The target is resumed."));
	const remove = useAction("delete-target", () => {
		say("The target is deleted.");
		go(to.targets);
	});
	const failure = check.failure ?? pause.failure ?? resume.failure;
	const bad = found?.value.find((f) => !f.ok);
	return (
		<>
			<Head title={<Name text={t.name} />} badge={<Badge word={states[t.status]} />} sub={<To href={to.targets}>Targets</To>}>
				<Action right="target.manage" running={check.running} onPress={() => check.run({ path })}>
					Check
				</Action>
				{t.status === "paused" || t.status === "quarantined" ? (
					<Action look="primary" icon="play" right="target.manage" running={resume.running} onPress={() => resume.run({ path })}>
						Resume
					</Action>
				) : (
					<Action icon="pause" right="target.manage" running={pause.running} onPress={() => pause.run({ path, body: { paused: true } })}>
						Pause
					</Action>
				)}
				<More
					label={`Actions for ${t.name}`}
					choices={[
						{
							id: "credential",
							text: "Replace the credential",
							icon: "key",
							right: "target.manage",
							run: () => setDialog("credential"),
						},
						{
							id: "retry",
							text: "Try again who was refused",
							icon: "refresh",
							right: "target.manage",
							not: t.parked ? undefined : "No person is parked.",
							run: () => void resume.run({ path }),
						},
						{
							id: "delete",
							text: "Delete",
							icon: "trash",
							danger: true,
							right: "target.manage",
							run: () => setDialog("delete"),
							apart: true,
						},
					]}
				/>
			</Head>
			<div className="stack">
				{failure && <Refusal failure={failure} />}
				{found && (
					<Note tone={bad ? "bad" : "good"}>
						{bad ? `${bad.what}: ${bad.detail}.` : `It works: ${found.value.map((f) => `${f.what}: ${f.detail}`).join("; ")}.`}{" "}
						<span className="faint">
							Checked <Time at={found.at} />.
						</span>
					</Note>
				)}
				{t.reason && <Note tone={t.status === "quarantined" ? "bad" : "warn"}>{sentence(t.reason)}</Note>}
				{t.held > 0 && (
					<Note tone="warn">The brake holds {count(t.held)} removals. Release them for the company after a look at its plan.</Note>
				)}
				<Facts>
					<Fact name="URL">
						<Code text={t.url} what="the URL" />
					</Fact>
					<Fact name="Application">{profiles[t.profile]}</Fact>
					{t.mapping.length > 0 && <Fact name="Sent otherwise">{t.mapping.map(ruleText).join("; ")}</Fact>}
					<Fact name="Companies">{t.all ? "All" : t.tenants.length ? <CompanyNames of={t} /> : "none"}</Fact>
					<Fact name="Has">
						{count(t.users)} people, {count(t.group_count)} groups
					</Fact>
					<Fact name="Waiting">{count(t.pending)}</Fact>
					<Fact name="Up to date">
						<Time at={t.synced} none="never" />
					</Fact>
					<Fact name="Last success">
						<Time at={t.last_success} none="never" />
					</Fact>
					<Fact name="Credential">
						given <Time at={t.secret_created} />
					</Fact>
				</Facts>
			</div>
			<Box title="Replace the credential" open={dialog === "credential"} close={() => setDialog(undefined)} firm>
				{dialog === "credential" && <Replace target={t} close={() => setDialog(undefined)} />}
			</Box>
			<Confirm
				title={<>Delete {t.name}?</>}
				open={dialog === "delete"}
				close={() => setDialog(undefined)}
				verb="Delete"
				danger
				failure={remove.failure}
				running={remove.running}
				run={() => void remove.run({ path })}
			>
				<Consequences
					items={[
						"Nothing more is sent to it.",
						t.users > 0 && `The ${count(t.users)} people that the application has stay there.`,
						"What was kept about it for its companies is deleted.",
					]}
				/>
			</Confirm>
		</>
	);
}

function Replace({ target: t, close }: { target: Target; close: () => void }) {
	const [secret, setSecret] = useState("");
	const update = useAction("update-target", () => {
		say("The credential is replaced.");
		close();
	});
	return (
		<FormBox failure={update.failure} submit={() => void update.run({ path: { target: t.name }, body: { secret } })}>
			<Credential value={secret} set={setSecret} client={t.client_id ?? ""} />
			<Submit running={update.running} cancel={close} right="target.manage">
				Replace
			</Submit>
		</FormBox>
	);
}

function Settings({ target: now }: { target: Target }) {
	const lack = useLack("target.manage");
	const draft = useDraft(now, (t) => ({ wanted: wantedOf(t), rules: t.mapping }));
	const { base, dirty, begin } = draft;
	const { wanted: form, rules } = draft.form;
	const [secret, setSecret] = useState("");
	const update = useAction("update-target", (saved) => {
		begin(saved);
		setSecret("");
		say("Saved.");
	});
	const before = wantedOf(base);
	const elsewhere = form.url !== before.url || form.token !== before.token || form.client !== before.client;
	const save = (from: Target) =>
		void update.run({
			path: { target: now.name },
			version: from.version,
			body: { ...bodyOf(form), mapping: rules, ...(elsewhere ? { secret } : {}) },
		});
	const stale = update.failure?.status === 412 && now.version !== base.version;
	const there = wantedOf(now);
	return (
		<div className="narrow">
			<FormBox failure={stale ? undefined : update.failure} submit={() => save(base)}>
				<Fields form={form} set={(wanted) => draft.set({ ...draft.form, wanted })} not={lack} />
				<Which form={form} set={(wanted) => draft.set({ ...draft.form, wanted })} some="Those that it is shared with" not={lack} />
				{before.which === "all" && form.which === "some" && (
					<Note tone="warn">
						Nothing more is sent of companies that it is not shared with by name. What the application has of them stays there.
					</Note>
				)}
				<Rules rules={rules} set={(next) => draft.set({ ...draft.form, rules: next })} not={lack} />
				{elsewhere && (
					<>
						<p className="about">Another address or client needs its credential again.</p>
						<Credential value={secret} set={setSecret} client={form.client} />
					</>
				)}
				{stale ? (
					<Versions
						rows={[
							{ label: "URL", mine: form.url, theirs: there.url },
							{ label: "Client id", mine: form.client, theirs: there.client },
							{ label: "Token URL", mine: form.token, theirs: there.token },
							{ label: "Scope of the access token", mine: form.scope, theirs: there.scope },
							{ label: "Existing records", mine: presents[form.existing as Target["existing"]], theirs: presents[now.existing] },
							{ label: "Application", mine: profiles[form.profile as Target["profile"]], theirs: profiles[now.profile] },
							{ label: "People", mine: peoples[form.people as Target["people"]], theirs: peoples[now.people] },
							{ label: "People who leave", mine: leaves[form.leave as Target["on_leave"]], theirs: leaves[now.on_leave] },
							{ label: "All companies", mine: form.which === "all" ? "yes" : "no", theirs: now.all ? "yes" : "no" },
							{ label: "Groups", mine: form.groups ? "sent" : "not sent", theirs: there.groups ? "sent" : "not sent" },
							{ label: "Sent otherwise", mine: rules.map(ruleText).join("; "), theirs: now.mapping.map(ruleText).join("; ") },
						]}
						keep={() => save(now)}
						take={() => {
							update.clear();
							begin(now);
						}}
					/>
				) : (
					<Submit running={update.running} not={lack ?? (dirty ? undefined : "Nothing was changed.")}>
						Save
					</Submit>
				)}
			</FormBox>
		</div>
	);
}
