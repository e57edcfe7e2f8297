// Which mails an operator gets.

import { useAction, useRead } from "../../api/query.ts";
import type { Subscription } from "../../api/schema.ts";
import { Action, Note, useLack } from "../../parts/basic.tsx";
import { CompanyList } from "../../parts/companies.tsx";
import { Versions } from "../../parts/dialog.tsx";
import { useDraft } from "../../parts/draft.ts";
import { Choose, FormBox, Submit, Tick } from "../../parts/form.tsx";
import { useCompanyNames } from "../../parts/names.tsx";
import { View } from "../../parts/state.tsx";
import { say } from "../../parts/toast.tsx";

const kinds: { id: string; text: string; about: string }[] = [
	{ id: "alert", text: "What raises an alert", about: "Protected groups, unusual removals, sync health, credentials, full seats." },
	{ id: "seats.*", text: "Seats", about: "Notices at 80, 90 and 100 %, and idle seats." },
	{ id: "seats.idle", text: "Idle seats", about: "Once a week, the people who do not use their seat." },
	{ id: "seat.refused", text: "Refused seats", about: "A person got no seat." },
	{ id: "user.*", text: "People", about: "Each person who is created, suspended, reactivated or deleted." },
	{ id: "write.refused", text: "Refusals", about: "A rule refused a write of an identity provider." },
	{ id: "deletion.*", text: "Deletion requests", about: "Filed and decided." },
	{ id: "connection.*", text: "Connections", about: "Created, changed, disconnected, and the state of their sync." },
	{ id: "token.*", text: "Credentials", about: "Created, revoked, and about to expire." },
	{ id: "tenant.*", text: "Companies", about: "Added, changed, handed over, entered by an operator." },
	{ id: "operator.*", text: "Administrators", about: "Added, changed, suspended." },
];

/** The mails of an operator, or one's own for "me". */
export function Mails({ operator }: { operator: string }) {
	const mine = operator === "me";
	const own = useRead("get-my-subscription", {}, { enabled: mine });
	const others = useRead("get-subscription", { path: { operator } }, { enabled: !mine });
	return (
		<View reading={mine ? own : others} rows={4}>
			{(s) => <MailsForm operator={operator} subscription={s} />}
		</View>
	);
}

function choiceOf(s: Subscription) {
	return { kinds: s.kinds, tenants: s.tenants, daily: s.daily, scope: s.tenants.length ? "some" : "all" };
}

function MailsForm({ operator, subscription: s }: { operator: string; subscription: Subscription }) {
	const mine = operator === "me";
	const lack = useLack(mine ? undefined : "operator.manage");
	const { base, form, set: setForm, begin } = useDraft(s, choiceOf);
	const saved = (now: Subscription) => {
		begin(now);
		say("Saved.");
	};
	const undone = (now: Subscription) => {
		begin(now);
		say("The role decides again which mails are sent.");
	};
	const setMine = useAction("set-my-subscription", saved);
	const setOther = useAction("set-subscription", saved);
	const resetMine = useAction("reset-my-subscription", undone);
	const resetOther = useAction("reset-subscription", undone);
	const { scope } = form;
	const body = { kinds: form.kinds, daily: form.daily || undefined, tenants: scope === "some" ? form.tenants : undefined };
	const save = (version: number) => void (mine ? setMine.run({ body, version }) : setOther.run({ path: { operator }, body, version }));
	const others = s.kinds.filter((k) => !kinds.some((known) => known.id === k));
	const failure = setMine.failure ?? setOther.failure ?? resetMine.failure ?? resetOther.failure;
	const stale = failure?.status === 412 && s.version !== base.version;
	const there = choiceOf(s);
	const names = useCompanyNames([...form.tenants, ...there.tenants]);
	const companies = (c: typeof form) => (c.scope === "all" ? "All" : c.tenants.map((slug) => names.get(slug) ?? slug).join(", "));
	const kindsText = (c: typeof form) => c.kinds.map((id) => kinds.find((k) => k.id === id)?.text ?? id).join(", ");
	return (
		<FormBox failure={stale ? undefined : failure} submit={() => save(base.version)}>
			<Note tone={s.told ? "info" : "warn"}>
				{s.told
					? `Mails go to ${s.email}.`
					: "No mail is sent: the account is not active, lacks a required second factor, has no companies, or has no kind of mail."}{" "}
				{s.default ? "The role decides which mails are sent." : "The kinds were chosen by hand."}
			</Note>
			<fieldset className="field choices">
				<legend className="label">Kinds</legend>
				<div className="choice-list">
					{[...kinds, ...others.map((id) => ({ id, text: id, about: "" }))].map((k) => (
						<Tick
							key={k.id}
							label={k.text}
							about={k.about}
							checked={form.kinds.includes(k.id)}
							not={lack}
							onChange={(on) => setForm({ ...form, kinds: on ? [...form.kinds, k.id] : form.kinds.filter((x) => x !== k.id) })}
						/>
					))}
				</div>
			</fieldset>
			<Choose
				label="For which companies"
				name="scope"
				value={scope}
				onChange={(next) => setForm({ ...form, scope: next })}
				not={lack}
				required
				options={[
					{ id: "all", text: "All companies of the account" },
					{ id: "some", text: "These" },
				]}
			/>
			{scope === "some" && <CompanyList value={form.tenants} onChange={(tenants) => setForm({ ...form, tenants })} not={lack} />}
			<Tick
				label="Once a day, if it can wait"
				about="Refusals, for example. What raises an alert is sent at once."
				checked={form.daily}
				onChange={(daily) => setForm({ ...form, daily })}
				not={lack}
			/>
			{stale && (
				<Versions
					rows={[
						{ label: "Kinds", mine: kindsText(form), theirs: kindsText(there) },
						{ label: "Companies", mine: companies(form), theirs: companies(there) },
						{ label: "Once a day", mine: form.daily ? "yes" : "no", theirs: there.daily ? "yes" : "no" },
					]}
					keep={() => save(s.version)}
					take={() => {
						setMine.clear();
						setOther.clear();
						begin(s);
					}}
				/>
			)}
			<div className="form-foot form-foot-split">
				<Action
					not={lack ?? (s.default ? "The role decides already." : undefined)}
					running={resetMine.running || resetOther.running}
					onPress={() => (mine ? resetMine.run({}) : resetOther.run({ path: { operator } }))}
				>
					As my role says
				</Action>
				<Submit running={setMine.running || setOther.running} not={lack}>
					Save
				</Submit>
			</div>
		</FormBox>
	);
}
