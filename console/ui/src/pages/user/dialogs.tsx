// What can be done to a person. Each dialog says what will happen before it does.

import { useState } from "react";
import { useLocation } from "wouter";
import { call } from "../../api/client.ts";
import { useAction } from "../../api/query.ts";
import type { User } from "../../api/schema.ts";
import { Name, Note } from "../../parts/basic.tsx";
import { Box, Confirm, Consequences, Versions } from "../../parts/dialog.tsx";
import { useDraft } from "../../parts/draft.ts";
import { Foresight } from "../../parts/foresight.tsx";
import { Choose, FormBox, Submit, TextInput, Tick } from "../../parts/form.tsx";
import { say } from "../../parts/toast.tsx";
import { to } from "../../shell/place.ts";
import { idpName, nameOf } from "./words.tsx";

export type PersonVerb =
	| "edit"
	| "suspend"
	| "release"
	| "hold"
	| "yield"
	| "recover"
	| "convert"
	| "confirm"
	| "resend"
	| "revoke"
	| "unmanage"
	| "request"
	| "delete";

interface Props {
	company: string;
	user: User;
	connection: { type: string } | undefined;
	verb: PersonVerb | undefined;
	close: () => void;
}

export function PersonDialog(p: Props) {
	return (
		<>
			{p.verb === "edit" && <Edit {...p} />}
			<Suspend {...p} />
			<Release {...p} />
			<HoldYield {...p} />
			<Simple {...p} />
			<Convert {...p} />
			<Unmanage {...p} />
			<Request {...p} />
			<Delete {...p} />
		</>
	);
}

const labels = {
	given_name: "First name",
	family_name: "Last name",
	display_name: "Display name",
	email: "E-mail",
	user_name: "userName",
	external_id: "externalId",
};

type Fields = Record<keyof typeof labels, string>;

function fieldsOf(u: User): Fields {
	const attributes = u.attributes as { name?: { givenName?: string; familyName?: string } } | undefined;
	return {
		given_name: attributes?.name?.givenName ?? "",
		family_name: attributes?.name?.familyName ?? "",
		display_name: u.display_name ?? "",
		email: u.emails[0] ?? "",
		user_name: u.user_name,
		external_id: u.external_id ?? "",
	};
}

/** Name and address of a local person. What an identity provider manages is changed there. */
function Edit({ company, user: u, close }: Props) {
	const { base, form, set, begin } = useDraft(u, fieldsOf);
	const update = useAction("update-user", () => say("Saved."));
	const put = (change: Partial<Fields>) => set((old) => ({ ...old, ...change }));
	const names = Object.keys(labels) as (keyof Fields)[];
	const was = fieldsOf(base);
	const there = fieldsOf(u);
	const mine = names.filter((name) => form[name].trim() !== was[name]);
	const run = async (version: number) => {
		const body = Object.fromEntries(mine.map((name) => [name, form[name]]));
		if (await update.run({ path: { tenant: company, user: u.id }, version, body })) close();
	};
	const stale = update.failure?.status === 412 && u.version !== base.version;
	return (
		<Box
			title={
				<>
					Change <Name text={nameOf(u)} short />
				</>
			}
			open
			close={close}
			firm
		>
			<FormBox failure={stale ? undefined : update.failure} submit={() => void run(base.version)}>
				<div className="columns">
					<TextInput
						label="First name"
						name="given_name"
						value={form.given_name}
						onChange={(given_name) => put({ given_name })}
						maxLength={200}
						autoFocus
					/>
					<TextInput
						label="Last name"
						name="family_name"
						value={form.family_name}
						onChange={(family_name) => put({ family_name })}
						maxLength={200}
					/>
				</div>
				<TextInput
					label="Display name"
					name="display_name"
					value={form.display_name}
					onChange={(display_name) => put({ display_name })}
					maxLength={200}
				/>
				<TextInput label="E-mail" name="email" type="email" value={form.email} onChange={(email) => put({ email })} />
				<TextInput label="userName" name="user_name" value={form.user_name} onChange={(user_name) => put({ user_name })} required />
				<TextInput label="externalId" name="external_id" value={form.external_id} onChange={(external_id) => put({ external_id })} mono />
				{stale ? (
					<Versions
						rows={names.map((name) => ({ label: labels[name], mine: mine.includes(name) ? form[name] : there[name], theirs: there[name] }))}
						keep={() => void run(u.version)}
						take={() => {
							update.clear();
							begin(u);
						}}
					/>
				) : (
					<Submit running={update.running} cancel={close} right="user.manage" not={mine.length ? undefined : "Nothing was changed."}>
						Save
					</Submit>
				)}
			</FormBox>
		</Box>
	);
}

/** Does the opposite of a suspension, or of the change of one, as long as it is still the same suspension. */
async function takeBack(operation: "release-user" | "hold-user" | "yield-user", company: string, was: User): Promise<void> {
	const path = { tenant: company, user: was.id };
	const { state, suspension } = await call("get-user", { path });
	if (state !== "suspended" || JSON.stringify(suspension) !== JSON.stringify(was.suspension))
		throw new Error(`${nameOf(was)} was changed meanwhile. Nothing was undone.`);
	await call(operation, { path });
}

function Suspend({ company, user: u, connection, verb, close }: Props) {
	const [mode, setMode] = useState("yield");
	const [reason, setReason] = useState("");
	const suspend = useAction("suspend-user");
	const idp = idpName(connection?.type);
	const run = async () => {
		const done = await suspend.run({
			path: { tenant: company, user: u.id },
			body: { mode: mode as "yield", reason: reason.trim() || undefined },
		});
		if (!done) return;
		say(`${nameOf(u)} is suspended. ${done.notice}`.trim(), {
			run: () => takeBack("release-user", company, done.user),
			said: `${nameOf(u)} is active again.`,
		});
		setReason("");
		close();
	};
	return (
		<Box
			title={
				<>
					Suspend <Name text={nameOf(u)} short />?
				</>
			}
			open={verb === "suspend"}
			close={() => {
				suspend.clear();
				close();
			}}
			alert
		>
			<FormBox failure={suspend.failure} submit={run}>
				<Consequences
					items={[
						"The person cannot sign in from now on, and applications are told to end the sessions.",
						"The seat is free at once.",
						"Memberships of groups are kept.",
					]}
				/>
				{u.connection ? (
					<Choose
						label="What the next sync does"
						name="mode"
						value={mode}
						onChange={setMode}
						required
						options={[
							{
								id: "yield",
								text: "Yield",
								about: `${idp} reactivates the person at its next write that states active. A write without it does not.`,
							},
							{
								id: "hold",
								text: "Hold",
								about: `The person stays suspended whatever ${idp} says, until an operator releases the suspension.`,
							},
						]}
					/>
				) : (
					<p className="about">No identity provider manages this person, so the suspension stays until an operator ends it.</p>
				)}
				<Foresight
					operation="suspend-user"
					ask={{ path: { tenant: company, user: u.id }, body: { mode: mode as "yield" } }}
					on={verb === "suspend"}
				/>
				<TextInput
					label="Reason"
					name="reason"
					value={reason}
					onChange={setReason}
					lines={2}
					maxLength={500}
					about="It is recorded in the audit trail."
				/>
				<Submit running={suspend.running} cancel={close} danger right="user.suspend">
					Suspend
				</Submit>
			</FormBox>
		</Box>
	);
}

function Release({ company, user: u, verb, close }: Props) {
	const release = useAction("release-user", () => say(`${nameOf(u)} is active again.`));
	return (
		<Confirm
			title={`Release ${nameOf(u)}?`}
			open={verb === "release"}
			close={() => {
				release.clear();
				close();
			}}
			verb="Release"
			failure={release.failure}
			running={release.running}
			run={async () => (await release.run({ path: { tenant: company, user: u.id } })) && close()}
		>
			<Consequences
				items={[
					"The person is active again and occupies a seat; without a free one it is refused.",
					u.statement === "inactive" && "The identity provider says “inactive”: it suspends the person again when it next says so.",
				]}
			/>
			<Foresight operation="release-user" ask={{ path: { tenant: company, user: u.id } }} on={verb === "release"} />
		</Confirm>
	);
}

function HoldYield({ company, user: u, connection, verb, close }: Props) {
	const hold = useAction("hold-user", (done) =>
		say(done.notice, { run: () => takeBack("yield-user", company, done.user), said: "The suspension yields to the sync again." }),
	);
	const yielding = useAction("yield-user", (done) =>
		say(done.notice, { run: () => takeBack("hold-user", company, done.user), said: "The suspension is held against the sync again." }),
	);
	const idp = idpName(connection?.type);
	const current = verb === "yield" ? yielding : hold;
	return (
		<Confirm
			title={verb === "yield" ? "Let the suspension yield to the sync?" : "Hold the suspension against the sync?"}
			open={verb === "hold" || verb === "yield"}
			close={() => {
				hold.clear();
				yielding.clear();
				close();
			}}
			verb={verb === "yield" ? "Let it yield" : "Hold"}
			failure={current.failure}
			running={current.running}
			run={async () => (await current.run({ path: { tenant: company, user: u.id } })) && close()}
		>
			<Consequences
				items={[
					verb === "yield"
						? `${idp} reactivates the person at its next write that states active.`
						: `The person stays suspended whatever ${idp} says. Each contradiction is recorded.`,
				]}
			/>
			<Foresight
				operation={verb === "yield" ? "yield-user" : "hold-user"}
				ask={{ path: { tenant: company, user: u.id } }}
				on={verb === "hold" || verb === "yield"}
			/>
		</Confirm>
	);
}

/** Verbs that only need a yes. */
function Simple({ company, user: u, verb, close }: Props) {
	const path = { tenant: company, user: u.id };
	const recover = useAction("recover-user", () => say(`${nameOf(u)} is marked for recovery.`));
	const confirm = useAction("confirm-user", () => say(`${nameOf(u)} is confirmed.`));
	const resend = useAction("resend-invitation", (i) => say(`A mail goes to ${i.to}.`));
	const revoke = useAction("revoke-invitation", () => say("The invitation is revoked."));
	const all = {
		recover: {
			title: `Mark ${nameOf(u)} for recovery?`,
			verb: "Mark",
			items: ["The application recovers the account and says when it is done.", "The seat stays occupied and billed meanwhile."],
			action: recover,
			run: () => recover.run({ path }),
		},
		confirm: {
			title: `Confirm ${nameOf(u)}?`,
			verb: "Confirm",
			items: ["The person may sign in from now on, and the memberships of groups take effect."],
			action: confirm,
			run: () => confirm.run({ path }),
		},
		resend: {
			title: "Send the invitation again?",
			verb: "Send",
			items: ["The person gets another link, and the earlier one ends."],
			action: resend,
			run: () => resend.run({ path }),
		},
		revoke: {
			title: "Revoke the invitation?",
			verb: "Revoke",
			items: ["The link stops working. The person stays invited and keeps the seat until deleted."],
			action: revoke,
			run: () => revoke.run({ path }),
		},
	};
	const w = verb && verb in all ? all[verb as keyof typeof all] : undefined;
	return (
		<Confirm
			title={w?.title ?? ""}
			open={w !== undefined}
			close={() => {
				w?.action.clear();
				close();
			}}
			verb={w?.verb ?? ""}
			failure={w?.action.failure}
			running={w?.action.running}
			run={async () => (await w?.run()) && close()}
		>
			<Consequences items={w?.items ?? []} />
			<Foresight
				operation={verb === "confirm" ? "confirm-user" : "recover-user"}
				ask={{ path }}
				on={verb === "recover" || verb === "confirm"}
			/>
		</Confirm>
	);
}

function Convert({ company, user: u, verb, close }: Props) {
	const type = u.type === "guest" ? "member" : "guest";
	const convert = useAction("convert-user", (done) => say(done.notice));
	return (
		<Confirm
			title={`Make ${nameOf(u)} a ${type}?`}
			open={verb === "convert"}
			close={() => {
				convert.clear();
				close();
			}}
			verb={`Make a ${type}`}
			failure={convert.failure}
			running={convert.running}
			run={async () => (await convert.run({ path: { tenant: company, user: u.id }, body: { type } })) && close()}
		>
			<Consequences
				items={
					type === "member"
						? ["The person needs a member's seat.", "The person is in Team Members from now on."]
						: [
								"The person leaves Team Members, and must not be in Owners, Administrators or Provision Managers.",
								"A guest may be in few groups only.",
							]
				}
			/>
			<Foresight operation="convert-user" ask={{ path: { tenant: company, user: u.id }, body: { type } }} on={verb === "convert"} />
			{u.connection && <Note>The identity provider may decide otherwise with its next write: by userType, or by a mapped group.</Note>}
		</Confirm>
	);
}

function Unmanage({ company, user: u, verb, close }: Props) {
	const release = useAction("release-user-management", () => say(`${nameOf(u)} is local from now on.`));
	return (
		<Confirm
			title={`Release ${nameOf(u)} from ${u.connection ?? "its connection"}?`}
			open={verb === "unmanage"}
			close={() => {
				release.clear();
				close();
			}}
			verb="Release"
			failure={release.failure}
			running={release.running}
			run={async () => (await release.run({ path: { tenant: company, user: u.id } })) && close()}
		>
			<Consequences
				items={[
					"The person becomes local and keeps state, seat and groups.",
					"Another connection can adopt the person with its next write, and so can the same one.",
					u.statement === "active" && "The identity provider last said “active”: only an Owner can delete the person, by force.",
				]}
			/>
			<Foresight operation="release-user-management" ask={{ path: { tenant: company, user: u.id } }} on={verb === "unmanage"} />
		</Confirm>
	);
}

function Request({ company, user: u, verb, close }: Props) {
	const request = useAction("create-deletion-request", () => say("An Owner decides about the request."));
	return (
		<Confirm
			title={`Ask for the deletion of ${nameOf(u)}?`}
			open={verb === "request"}
			close={() => {
				request.clear();
				close();
			}}
			verb="Ask"
			reason="must"
			failure={request.failure}
			running={request.running}
			run={async (reason) => (await request.run({ path: { tenant: company }, body: { user: u.id, reason } })) && close()}
		>
			<Consequences items={["An Owner approves or rejects it. Nothing happens until then."]} />
		</Confirm>
	);
}

function Delete({ company, user: u, connection, verb, close }: Props) {
	const [force, setForce] = useState(false);
	const [reason, setReason] = useState("");
	const [typed, setTyped] = useState("");
	const [, go] = useLocation();
	const remove = useAction("delete-user");
	const idp = idpName(connection?.type);
	const suspended = u.state === "suspended";
	const stillActive = u.statement === "active";
	const missing = typed.trim() !== u.user_name;
	const run = async () => {
		if (missing) return;
		const done = await remove.run({
			path: { tenant: company, user: u.id },
			query: { force: force || undefined, reason: reason.trim() || undefined },
		});
		if (!done) return;
		say(`${nameOf(u)} is deleted.`);
		close();
		go(to.company(company, "people"));
	};
	return (
		<Box
			title={
				<>
					Delete <Name text={nameOf(u)} short /> for good?
				</>
			}
			open={verb === "delete"}
			close={() => {
				remove.clear();
				close();
			}}
			alert
		>
			<FormBox failure={remove.failure} submit={run}>
				<Consequences
					items={[
						"The account, its memberships and its attributes are gone. This cannot be undone.",
						"A tombstone keeps the id, so that no other record gets it.",
					]}
				/>
				<Foresight
					operation="delete-user"
					ask={{ path: { tenant: company, user: u.id }, query: { force: force || undefined, reason: force ? "preview" : undefined } }}
					on={verb === "delete"}
					refused={
						suspended
							? stillActive && !force
								? `${idp} still says “active”. Deprovision the person there first, or force the deletion with a reason: a later create by ${idp} makes a new account then, or revives this one.`
								: undefined
							: "Suspend the person first: only a suspended person can be deleted."
					}
				/>
				{stillActive && <Tick label={`Delete although ${idp} still says “active”`} checked={force} onChange={setForce} />}
				<TextInput label="Reason" name="reason" value={reason} onChange={setReason} lines={2} required={force} maxLength={500} />
				<TextInput label={`Type ${u.user_name} to confirm`} name="typed" value={typed} onChange={setTyped} required mono />
				<Submit running={remove.running} cancel={close} danger right="user.delete" not={missing ? "Type the userName first." : undefined}>
					Delete for good
				</Submit>
			</FormBox>
		</Box>
	);
}
