// The side panel of one administrator: details, permissions and access, mails.

import { useState } from "react";
import { Tab, TabList, TabPanel, Tabs } from "react-aria-components";
import type { Answer } from "../../api/client.ts";
import { useAction, useRead } from "../../api/query.ts";
import type { Operator, OperatorLink } from "../../api/schema.ts";
import { Action, Badge, Card, Fact, Facts, Name, Note, Tag, Time, useLack } from "../../parts/basic.tsx";
import { CompanyList } from "../../parts/companies.tsx";
import { Box, Confirm, Consequences, SecretBox, Versions } from "../../parts/dialog.tsx";
import { useDraft } from "../../parts/draft.ts";
import { Choose, FormBox, Pick, Refusal, Submit, TextInput, Tick } from "../../parts/form.tsx";
import { useCompanyNames } from "../../parts/names.tsx";
import { above } from "../../parts/roles.ts";
import { View } from "../../parts/state.tsx";
import { say } from "../../parts/toast.tsx";
import { clientName, day, exact, list, operatorStates, roleTitle, tidy } from "../../parts/words.ts";
import { useParams } from "../../shell/place.ts";
import { useSession } from "../../shell/session.tsx";
import { Mails } from "./mails.tsx";

export function OperatorPanel({ id, close, requireMFA }: { id: string; close: () => void; requireMFA: boolean }) {
	const [link, setLink] = useState<OperatorLink>();
	return (
		<>
			{id === "new" ? (
				<Box title="Add an administrator" open close={close} panel firm>
					<AddOperator
						requireMFA={requireMFA}
						cancel={close}
						done={(made) => {
							close();
							if (made.secret) setLink(made);
							else say(`The invitation goes to ${made.mailed_to}.`);
						}}
					/>
				</Box>
			) : (
				<Existing id={id} close={close} requireMFA={requireMFA} showLink={setLink} />
			)}
			<LinkBox link={link} close={() => setLink(undefined)} />
		</>
	);
}

function LinkBox({ link, close }: { link: OperatorLink | undefined; close: () => void }) {
	return (
		<SecretBox
			title="One-time link"
			open={link !== undefined}
			close={close}
			secrets={[{ label: "The link", text: link?.url || link?.secret || "", what: "the link" }]}
		>
			<p>
				Give it to {link ? tidy(`${link.operator.first_name} ${link.operator.last_name}`) : ""} in a way that others cannot read. It works
				once, until {link ? exact(link.expires) : ""}.
			</p>
		</SecretBox>
	);
}

function Existing({
	id,
	close,
	requireMFA,
	showLink,
}: {
	id: string;
	close: () => void;
	requireMFA: boolean;
	showLink: (link: OperatorLink) => void;
}) {
	const operator = useRead("get-operator", { path: { operator: id } }, { enabled: id !== "" });
	const [params, set] = useParams();
	const title = operator.data ? <Name text={`${operator.data.first_name} ${operator.data.last_name}`} /> : "Administrator";
	return (
		<Box title={title} sub={operator.data?.email} open={id !== ""} close={close} panel>
			<View reading={operator}>
				{(o) => (
					<Tabs
						className="panel-tabs"
						selectedKey={params.get("panel") || "details"}
						onSelectionChange={(key) => set({ panel: key === "details" ? undefined : String(key) })}
					>
						<TabList className="tab-list" aria-label="Administrator">
							<Tab id="details" className="tab">
								Details
							</Tab>
							<Tab id="access" className="tab">
								Permissions & access
							</Tab>
							<Tab id="mails" className="tab">
								Mails
							</Tab>
						</TabList>
						<TabPanel id="details" className="stack">
							<Details operator={o} requireMFA={requireMFA} showLink={showLink} ended={close} />
						</TabPanel>
						<TabPanel id="access" className="stack">
							<Access operator={o} />
						</TabPanel>
						<TabPanel id="mails" className="stack">
							<MailsOf operator={o} />
						</TabPanel>
					</Tabs>
				)}
			</View>
		</Box>
	);
}

/** Why the reader may not change an operator, or undefined. */
function useBeyond(o: Operator): string | undefined {
	const lack = useLack("operator.manage");
	const { operator: me } = useSession();
	if (lack) return lack;
	if (above(o.role, me.role)) return `${roleTitle(o.role)} is above your own role.`;
	if (o.beyond_your_scope || (!me.all_tenants && (o.all_tenants || o.tenants.some((t) => !me.tenants.includes(t)))))
		return "This administrator has companies that you do not have.";
	return undefined;
}

/** The mails of an operator. Only operators who may change them see them. */
function MailsOf({ operator: o }: { operator: Operator }) {
	const beyond = useBeyond(o);
	const { operator: me } = useSession();
	if (beyond && me.id !== o.id) return <Note tone="info">{beyond} Their mails are not shown to you.</Note>;
	return <Mails operator={o.id} />;
}

function Details({
	operator: o,
	requireMFA,
	showLink,
	ended,
}: {
	operator: Operator;
	requireMFA: boolean;
	showLink: (link: OperatorLink) => void;
	ended: () => void;
}) {
	const beyond = useBeyond(o);
	const { operator: me } = useSession();
	const [asked, setAsked] = useState<"suspend" | "restore" | "end" | keyof typeof linkWords>();
	const suspend = useAction("suspend-operator");
	const restore = useAction("restore-operator");
	const end = useAction("delete-operator", () => {
		say(`The account of ${tidy(o.first_name)} ${tidy(o.last_name)} has ended.`);
		ended();
	});
	const link = useAction("create-operator-link");
	const self = o.id === me.id;
	const sendLink = async (kind: keyof typeof linkWords, show: boolean) => {
		const made = await link.run({ path: { operator: o.id }, body: { kind, show_link: show || undefined } });
		if (!made) return;
		setAsked(undefined);
		if (made.secret) showLink(made);
		else say(`The link goes to ${made.mailed_to}.`);
	};
	return (
		<>
			<Facts>
				<Fact name="Status">
					<Badge word={operatorStates[o.status]} />
				</Fact>
				<Fact name="Second factor">
					{o.mfa_enrolled ? `Enrolled, ${o.recovery_codes} recovery codes left` : "Not enrolled"}{" "}
					{o.mfa_enrolled && o.recovery_codes <= 3 && <Tag tone="warn">few codes</Tag>}
				</Fact>
				<Fact name="Last sign-in">
					<Time at={o.last_sign_in} none="never" />
				</Fact>
				<Fact name="Added">{day(o.created)}</Fact>
				{o.new_email && (
					<Fact name="New e-mail">
						<bdi>{o.new_email}</bdi> <Tag tone="warn">not confirmed yet</Tag>
					</Fact>
				)}
			</Facts>
			<NameForm operator={o} requireMFA={requireMFA} beyond={beyond} />
			<div className="row">
				{o.status === "pending" && (
					<Action icon="mail" not={beyond} onPress={() => setAsked("invitation")}>
						Send the invitation again
					</Action>
				)}
				{o.status === "active" && (
					<>
						<Action icon="key" not={beyond} onPress={() => setAsked("password_reset")}>
							Reset the password
						</Action>
						<Action
							icon="shield"
							not={
								beyond ??
								(self
									? "Remove your own second factor under Your account, with a code."
									: o.mfa_enrolled
										? undefined
										: "There is no second factor to reset.")
							}
							onPress={() => setAsked("mfa_reset")}
						>
							Reset the second factor
						</Action>
						{o.new_email && (
							<Action icon="mail" not={beyond} onPress={() => setAsked("email_change")}>
								Confirm the new e-mail
							</Action>
						)}
					</>
				)}
				{o.status === "suspended" ? (
					<Action icon="play" not={beyond} onPress={() => setAsked("restore")}>
						Restore
					</Action>
				) : (
					<Action icon="pause" not={beyond ?? (self ? "You cannot suspend yourself." : undefined)} onPress={() => setAsked("suspend")}>
						Suspend
					</Action>
				)}
				<Action icon="trash" not={beyond ?? (self ? "You cannot end your own account." : undefined)} onPress={() => setAsked("end")}>
					End the account
				</Action>
			</div>
			{(self || !beyond) && (
				<>
					<Sessions operator={o} beyond={beyond} />
					<Keys operator={o} beyond={beyond} />
				</>
			)}
			<Confirm
				title={`Suspend ${o.first_name} ${o.last_name}?`}
				open={asked === "suspend"}
				close={() => setAsked(undefined)}
				verb="Suspend"
				danger
				reason="may"
				failure={suspend.failure}
				running={suspend.running}
				run={async (reason) =>
					(await suspend.run({ path: { operator: o.id }, body: { reason: reason || undefined } })) && setAsked(undefined)
				}
			>
				<Consequences
					items={[
						"All sessions end now.",
						"All API keys are revoked and stay so.",
						"The choice of mails is deleted. The account stays and can be restored.",
					]}
				/>
			</Confirm>
			<Confirm
				title={`Restore ${o.first_name} ${o.last_name}?`}
				open={asked === "restore"}
				close={() => setAsked(undefined)}
				verb="Restore"
				failure={restore.failure}
				running={restore.running}
				run={async () => (await restore.run({ path: { operator: o.id } })) && setAsked(undefined)}
			>
				<Consequences
					items={[
						"The account can sign in again, with the password and the second factor that it had.",
						"API access is off, and the old keys stay revoked.",
					]}
				/>
			</Confirm>
			<Confirm
				title={`End the account of ${o.first_name} ${o.last_name}?`}
				open={asked === "end"}
				close={() => {
					end.clear();
					setAsked(undefined);
				}}
				verb="End the account"
				danger
				reason="may"
				typed={o.email}
				failure={end.failure}
				running={end.running}
				run={(reason) => void end.run({ path: { operator: o.id }, query: { reason: reason || undefined } })}
			>
				<Consequences
					items={[
						"Sessions, API keys, links, access to companies and the choice of mails are deleted. Nothing restores them.",
						"The audit trail keeps the name.",
						"The same address can be invited again, as a new account without any of this. A suspension can be undone.",
					]}
				/>
			</Confirm>
			<LinkDialog
				operator={o}
				kind={asked === "suspend" || asked === "restore" || asked === "end" ? undefined : asked}
				close={() => setAsked(undefined)}
				failure={link.failure}
				running={link.running}
				send={sendLink}
			/>
		</>
	);
}

const linkWords = {
	invitation: { title: "Send the invitation again", text: "The new link works for seven days. Earlier ones stop working." },
	password_reset: { title: "Reset the password", text: "A link that sets a new password. When it is used, all sessions end." },
	mfa_reset: {
		title: "Reset the second factor",
		text: "A link that removes the second factor. When it is used, all sessions end, and the next sign-in enrols a new one if one is required.",
	},
	email_change: {
		title: "Confirm the new e-mail",
		text: "A link that goes to the new address. When it is used, the new address replaces the old one, which gets a notice.",
	},
};

function LinkDialog({
	operator,
	kind,
	close,
	failure,
	running,
	send,
}: {
	operator: Operator;
	kind: keyof typeof linkWords | undefined;
	close: () => void;
	failure: Parameters<typeof Refusal>[0]["failure"] | undefined;
	running: boolean;
	send: (kind: keyof typeof linkWords, show: boolean) => void;
}) {
	const [wanted, setShow] = useState(false);
	const show = wanted && kind !== "email_change"; // its link proves that the person has the mailbox
	const lack = useLack("operator.owner");
	const words = linkWords[kind ?? "invitation"];
	return (
		<Box title={words.title} open={kind !== undefined} close={close}>
			<FormBox failure={failure} submit={() => kind && send(kind, show)}>
				<p>{words.text}</p>
				{kind !== "email_change" && (
					<Tick
						label="Show the link to me instead of mailing it"
						about={`Otherwise it goes to ${operator.email}. A person who sees the link can become ${tidy(operator.first_name)}.`}
						checked={show}
						onChange={setShow}
						not={lack ? "Only an Owner may see it. If the server sends no mail, it is shown anyway." : undefined}
					/>
				)}
				<Submit running={running} cancel={close}>
					{show ? "Show the link" : "Send the link"}
				</Submit>
			</FormBox>
		</Box>
	);
}

interface NameFields {
	first_name: string;
	last_name: string;
	email: string;
	mfa_required: boolean;
}

function fieldsOf(o: Operator): NameFields {
	return { first_name: o.first_name, last_name: o.last_name, email: o.email, mfa_required: o.mfa_required };
}

function NameForm({ operator: o, requireMFA, beyond }: { operator: Operator; requireMFA: boolean; beyond: string | undefined }) {
	const { base, form, set: setForm, dirty, begin } = useDraft(o, fieldsOf);
	const { operator: me } = useSession();
	const update = useAction("update-operator", () => say("Saved."));
	const save = async (version: number) => {
		const body: Partial<NameFields> = {};
		const was = fieldsOf(base);
		if (form.first_name !== was.first_name) body.first_name = form.first_name.trim();
		if (form.last_name !== was.last_name) body.last_name = form.last_name.trim();
		if (form.email !== was.email) body.email = form.email.trim();
		if (form.mfa_required !== was.mfa_required) body.mfa_required = form.mfa_required;
		const answer = await update.run({ path: { operator: o.id }, version, body });
		if (answer) begin(answer);
	};
	const stale = update.failure?.status === 412 && o.version !== base.version;
	return (
		<FormBox failure={stale ? undefined : update.failure} submit={() => void save(base.version)}>
			<div className="columns">
				<TextInput
					label="First name"
					name="first_name"
					value={form.first_name}
					onChange={(first_name) => setForm({ ...form, first_name })}
					required
					not={beyond}
					maxLength={100}
				/>
				<TextInput
					label="Last name"
					name="last_name"
					value={form.last_name}
					onChange={(last_name) => setForm({ ...form, last_name })}
					required
					not={beyond}
					maxLength={100}
				/>
			</div>
			<TextInput
				label="E-mail"
				name="email"
				type="email"
				value={form.email}
				onChange={(email) => setForm({ ...form, email })}
				required
				not={beyond}
				about={o.status === "active" ? "A new address takes effect once it is confirmed by a link that goes there." : undefined}
			/>
			<Tick
				label="A second factor is required"
				checked={form.mfa_required || requireMFA}
				onChange={(mfa_required) => setForm({ ...form, mfa_required })}
				not={
					beyond ??
					(requireMFA
						? "The installation requires it of everybody (Settings)."
						: o.id === me.id && base.mfa_required
							? "Only another administrator can change this."
							: undefined)
				}
			/>
			{stale && (
				<Versions
					rows={[
						{ label: "First name", mine: form.first_name, theirs: o.first_name },
						{ label: "Last name", mine: form.last_name, theirs: o.last_name },
						{ label: "E-mail", mine: form.email, theirs: o.email },
						{ label: "Second factor required", mine: form.mfa_required ? "yes" : "no", theirs: o.mfa_required ? "yes" : "no" },
					]}
					keep={() => void save(o.version)}
					take={() => {
						update.clear();
						begin(o);
					}}
				/>
			)}
			{dirty && !stale && (
				<Submit running={update.running} cancel={() => setForm(fieldsOf(base))}>
					Save
				</Submit>
			)}
		</FormBox>
	);
}

function Sessions({ operator: o, beyond }: { operator: Operator; beyond: string | undefined }) {
	const sessions = useRead("list-operator-sessions", { path: { operator: o.id }, query: { limit: 100 } });
	const end = useAction("end-operator-sessions", () => say("All sessions are ended."));
	return (
		<Card
			title="Sessions"
			actions={
				(sessions.data?.items.length ?? 0) > 0 && (
					<Action small not={beyond} running={end.running} onPress={() => end.run({ path: { operator: o.id } })}>
						End all
					</Action>
				)
			}
		>
			<View reading={sessions} rows={2}>
				{(page) =>
					page.items.length === 0 ? (
						<p className="faint">Not signed in anywhere.</p>
					) : (
						<ul className="todo">
							{page.items.map((s) => (
								<li key={s.id}>
									<Name text={clientName(s.user_agent)} short />
									<div className="faint">
										{s.address || "address unknown"}, last used <Time at={s.last_used ?? s.created} />
									</div>
								</li>
							))}
						</ul>
					)
				}
			</View>
			{end.failure && <Refusal failure={end.failure} />}
		</Card>
	);
}

function Keys({ operator: o, beyond }: { operator: Operator; beyond: string | undefined }) {
	const keys = useRead("list-operator-api-keys", { path: { operator: o.id }, query: { limit: 100 } });
	const revoke = useAction("revoke-operator-api-key", () => say("The key is revoked."));
	return (
		<Card title="API keys">
			<View reading={keys} rows={2}>
				{(page) =>
					page.items.length === 0 ? (
						<p className="faint">{o.api_access ? "No key was made yet." : "API access is off."}</p>
					) : (
						<ul className="todo">
							{page.items.map((k) => (
								<li key={k.id} className="line line-flush">
									<div className="line-main">
										<span>
											<span className="mono">{k.prefix}…</span> {k.label && <Name text={k.label} short />}{" "}
											{k.status !== "live" && <Tag>{k.status}</Tag>}
										</span>
										<span className="faint">
											Made {day(k.created)}, last used <Time at={k.last_used} none="never" />
										</span>
									</div>
									{k.status === "live" && (
										<Action small not={beyond} running={revoke.running} onPress={() => revoke.run({ path: { operator: o.id, key: k.id } })}>
											Revoke
										</Action>
									)}
								</li>
							))}
						</ul>
					)
				}
			</View>
			{revoke.failure && <Refusal failure={revoke.failure} />}
		</Card>
	);
}

interface AccessFields {
	role: Operator["role"];
	scope: "none" | "some" | "all";
	tenants: string[];
	api_access: boolean;
}

function accessOf(o: Operator): AccessFields {
	return { role: o.role, scope: o.all_tenants ? "all" : o.tenants.length ? "some" : "none", tenants: o.tenants, api_access: o.api_access };
}

function Access({ operator: o }: { operator: Operator }) {
	const beyond = useBeyond(o);
	const { base, form, set: setForm, dirty, begin } = useDraft(o, accessOf);
	const update = useAction("update-operator", () => say("Saved."));
	const save = async (version: number) => {
		const was = accessOf(base);
		const scoped = form.scope !== was.scope || form.tenants.join() !== was.tenants.join();
		const answer = await update.run({
			path: { operator: o.id },
			version,
			body: {
				...(form.role !== was.role ? { role: form.role } : {}),
				...(scoped ? { all_tenants: form.scope === "all", tenants: form.scope === "some" ? form.tenants : [] } : {}),
				...(form.api_access !== was.api_access ? { api_access: form.api_access } : {}),
			},
		});
		if (answer) begin(answer);
	};
	const stale = update.failure?.status === 412 && o.version !== base.version;
	const names = useCompanyNames([...form.tenants, ...o.tenants]);
	const words = (f: AccessFields) => ({
		role: roleTitle(f.role),
		scope: f.scope === "all" ? "all" : list(f.tenants.map((slug) => names.get(slug) ?? slug)) || "none",
		key: f.api_access ? "on" : "off",
	});
	return (
		<FormBox failure={stale ? undefined : update.failure} submit={() => void save(base.version)}>
			<AccessInputs form={form} put={(change) => setForm({ ...form, ...change })} not={beyond} was={base} />
			{stale && (
				<Versions
					rows={[
						{ label: "Role", mine: words(form).role, theirs: words(accessOf(o)).role },
						{ label: "Companies", mine: words(form).scope, theirs: words(accessOf(o)).scope },
						{ label: "API access", mine: words(form).key, theirs: words(accessOf(o)).key },
					]}
					keep={() => void save(o.version)}
					take={() => {
						update.clear();
						begin(o);
					}}
				/>
			)}
			{dirty && !stale && (
				<Submit running={update.running} cancel={() => setForm(accessOf(base))}>
					Save
				</Submit>
			)}
		</FormBox>
	);
}

/** Role, companies and API access. What is beyond the reader is disabled, with why. */
function AccessInputs({
	form,
	put,
	not,
	was,
}: {
	form: AccessFields;
	put: (change: Partial<AccessFields>) => void;
	not?: string;
	was?: Operator;
}) {
	const { operator: me } = useSession();
	const roles = useRead("list-roles", { query: { limit: 100 } }, { every: false });
	const chosen = roles.data?.items.find((r) => r.role === form.role);
	return (
		<>
			<Pick
				label="Role"
				name="role"
				value={form.role}
				onChange={(role) => put({ role: role as Operator["role"] })}
				required
				not={not}
				options={(roles.data?.items ?? []).map((r) => ({
					id: r.role,
					text: r.title,
					not: above(r.role, me.role) ? "It is above your own role." : undefined,
				}))}
			/>
			{chosen && (
				<details className="disclosure">
					<summary>What this role may do</summary>
					<ul className="rights">
						{chosen.rights.map((r) => (
							<li key={r} className="mono">
								{r}
							</li>
						))}
					</ul>
				</details>
			)}
			<Choose
				label="Companies"
				name="scope"
				value={form.scope}
				onChange={(scope) => put({ scope: scope as AccessFields["scope"] })}
				required
				not={not}
				options={[
					{ id: "none", text: "None yet" },
					{ id: "some", text: "These", about: "Without companies that are added later." },
					{
						id: "all",
						text: "All",
						about: "Future ones too.",
						not: me.all_tenants ? undefined : "You do not have all companies yourself.",
					},
				]}
			/>
			{form.scope === "some" && <CompanyList value={form.tenants} onChange={(tenants) => put({ tenants })} not={not} />}
			<Tick
				label="May make API keys"
				about={
					was?.api_access && !form.api_access
						? "All keys are revoked at once."
						: "Leave it off unless it is needed. A key may do what the role may do, except for accounts."
				}
				checked={form.api_access}
				onChange={(api_access) => put({ api_access })}
				not={not}
			/>
		</>
	);
}

function AddOperator({
	requireMFA,
	cancel,
	done,
}: {
	requireMFA: boolean;
	cancel: () => void;
	done: (made: Answer<"create-operator">) => void;
}) {
	const [person, setPerson] = useState({ first: "", last: "", email: "" });
	const [access, setAccess] = useState<AccessFields>({ role: "technician", scope: "none", tenants: [], api_access: false });
	const [mfa, setMFA] = useState(true);
	const [show, setShow] = useState(false);
	const lack = useLack("operator.owner");
	const create = useAction("create-operator");
	const run = async () => {
		const made = await create.run({
			body: {
				first_name: person.first.trim(),
				last_name: person.last.trim(),
				email: person.email.trim(),
				role: access.role,
				all_tenants: access.scope === "all" || undefined,
				tenants: access.scope === "some" ? access.tenants : undefined,
				mfa_required: mfa || requireMFA,
				api_access: access.api_access || undefined,
				show_link: show || undefined,
			},
		});
		if (made) done(made);
	};
	return (
		<FormBox failure={create.failure} submit={run}>
			<div className="columns">
				<TextInput
					label="First name"
					name="first_name"
					value={person.first}
					onChange={(first) => setPerson({ ...person, first })}
					required
					autoFocus
					maxLength={100}
				/>
				<TextInput
					label="Last name"
					name="last_name"
					value={person.last}
					onChange={(last) => setPerson({ ...person, last })}
					required
					maxLength={100}
				/>
			</div>
			<TextInput
				label="E-mail"
				name="email"
				type="email"
				value={person.email}
				onChange={(email) => setPerson({ ...person, email })}
				required
				about="The invitation goes there, and it is the name to sign in with."
			/>
			<AccessInputs form={access} put={(change) => setAccess({ ...access, ...change })} />
			<Tick
				label="A second factor is required"
				about="The first sign-in leads to its enrolment."
				checked={mfa || requireMFA}
				onChange={setMFA}
				not={requireMFA ? "The installation requires it of everybody." : undefined}
			/>
			<Tick
				label="Show the link to me instead of mailing it"
				checked={show}
				onChange={setShow}
				not={lack ? "Only an Owner may see it. If the server sends no mail, it is shown anyway." : undefined}
			/>
			<Note>The status is “pending” until the person has registered with the link, which works for seven days.</Note>
			<Submit running={create.running} cancel={cancel}>
				Add
			</Submit>
		</FormBox>
	);
}
