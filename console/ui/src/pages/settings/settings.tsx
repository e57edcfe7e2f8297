// Settings of the installation: who the provider is, the second factor of everybody, roles, plans, mail, the key of bundles, the configuration.

import { useState } from "react";
import { useAction, useRead } from "../../api/query.ts";
import type { ConfigurationSetting, Plan, ProviderSettings } from "../../api/schema.ts";
import { Action, Card, Code, Fact, Facts, Head, Note, Nothing, Scroll, useLack, useRights } from "../../parts/basic.tsx";
import { Confirm, Consequences, Versions } from "../../parts/dialog.tsx";
import { useDraft } from "../../parts/draft.ts";
import { FileDrop } from "../../parts/file.tsx";
import { FormBox, Search, Submit, TextInput, Tick } from "../../parts/form.tsx";
import { Logo } from "../../parts/logo.tsx";
import { View, Withheld } from "../../parts/state.tsx";
import { say } from "../../parts/toast.tsx";
import { bytes, count, money, people } from "../../parts/words.ts";
import { useTitle } from "../../shell/place.ts";

export default function Settings() {
	useTitle("Settings");
	const rights = useRights();
	return (
		<>
			<Head title="Settings" sub="Settings of the whole installation. All others are in the configuration of the server." />
			<div className="stack">
				{rights.has("operator.read") ? <Introduction /> : <Withheld title="Provider" right="operator.read" />}
				{rights.has("operator.read") ? <Factor /> : <Withheld title="Second factor" right="operator.read" />}
				<Plans />
				<Roles />
				{rights.has("server.manage") ? <MailTest /> : <Withheld title="Mail" right="server.manage" />}
				<BundleKey />
				{rights.has("server.manage") ? <Configuration /> : <Withheld title="Configuration of the server" right="server.manage" />}
			</div>
		</>
	);
}

/** Who the provider is. The sign-in page, mails, and the page of an invitation show it. */
function Introduction() {
	const provider = useRead("get-provider");
	return (
		<Card title="Provider">
			<View reading={provider} rows={2}>
				{(p) => (
					<>
						<IntroductionForm now={p} />
						<LogoForm now={p} />
					</>
				)}
			</View>
		</Card>
	);
}

function IntroductionForm({ now }: { now: ProviderSettings }) {
	const { base, form, set, dirty, begin } = useDraft(now, (p) => ({ name: p.name ?? "", support: p.support ?? "" }));
	const update = useAction("update-provider", (saved) => {
		begin(saved);
		say("Saved.");
	});
	const lack = useLack("provider.mfa");
	const save = (version: number) => void update.run({ version, body: { name: form.name.trim(), support: form.support.trim() } });
	const stale = update.failure?.status === 412 && now.version !== base.version;
	return (
		<FormBox failure={stale ? undefined : update.failure} submit={() => save(base.version)}>
			<p className="about">It is shown on the sign-in page, at the end of mails, and on the page of an invitation.</p>
			<div className="pair">
				<TextInput label="Name" name="name" value={form.name} onChange={(name) => set({ ...form, name })} maxLength={100} not={lack} />
				<TextInput
					label="E-mail for help"
					name="support"
					type="email"
					value={form.support}
					onChange={(support) => set({ ...form, support })}
					maxLength={254}
					not={lack}
				/>
			</div>
			{stale ? (
				<Versions
					rows={[
						{ label: "Name", mine: form.name, theirs: now.name ?? "" },
						{ label: "E-mail for help", mine: form.support, theirs: now.support ?? "" },
					]}
					keep={() => save(now.version)}
					take={() => {
						update.clear();
						begin(now);
					}}
				/>
			) : (
				<Submit running={update.running} right="provider.mfa" not={dirty ? undefined : "Nothing was changed."}>
					Save
				</Submit>
			)}
		</FormBox>
	);
}

/** The most bytes of the file of a logo that the server takes. */
const logoFile = 256 * 1024;

/** The logo of the provider. It is saved as soon as a file is chosen. */
function LogoForm({ now }: { now: ProviderSettings }) {
	const update = useAction("update-provider", (saved) => say(saved.logo ? "The logo is saved." : "The logo is removed."));
	const [large, setLarge] = useState("");
	const lack = useLack("provider.mfa");
	const take = async (file: File) => {
		update.clear();
		setLarge("");
		if (file.size > logoFile) return setLarge(`${file.name} has ${bytes(file.size)}; at most ${bytes(logoFile)} are taken.`);
		await update.run({ body: { logo: base64(new Uint8Array(await file.arrayBuffer())) } });
	};
	return (
		<section className="stack" aria-label="Logo">
			<h3>Logo</h3>
			<div className="row">
				{now.logo ? <Logo mark={now.logo} /> : <Nothing>none</Nothing>}
				{now.logo && (
					<Action
						right="provider.mfa"
						running={update.running}
						onPress={() => void update.run({ version: now.version, body: { logo: "" } })}
					>
						Remove the logo
					</Action>
				)}
			</div>
			{large && <Note tone="bad">{large}</Note>}
			{update.failure && <Note tone="bad">{update.failure.message}</Note>}
			{lack ? (
				<p className="about">{lack}</p>
			) : (
				<FileDrop
					label={now.logo ? "Another logo" : "A logo"}
					about="A PNG or JPEG of at most 256 KiB and 1024 pixels a side"
					accept="image/png,image/jpeg"
					file={undefined}
					take={(file) => void take(file)}
				/>
			)}
		</section>
	);
}

function base64(file: Uint8Array): string {
	let text = "";
	for (const byte of file) text += String.fromCharCode(byte);
	return btoa(text);
}

/** The configuration of the server. It is changed in its file, so it is only shown here. */
function Configuration() {
	const settings = useRead("list-configuration", { query: { limit: 500 } }, { every: false });
	const [q, setQ] = useState("");
	const [all, setAll] = useState(false);
	const wanted = (s: ConfigurationSetting) => (all || s.set) && (!q || `${s.name} ${s.about}`.toLowerCase().includes(q.toLowerCase()));
	return (
		<Card title="Configuration of the server" flush>
			<div className="card-pad row">
				<Search label="Search settings" value={q} onChange={setQ} />
				<Tick label="Also settings with their default" checked={all} onChange={setAll} />
			</div>
			<View reading={settings} rows={6}>
				{(page) => {
					const shown = page.items.filter(wanted);
					if (!shown.length) return <p className="card-pad faint">{q ? "No setting matches." : "Every setting has its default."}</p>;
					return (
						<Scroll label="Configuration">
							<table className="mini mini-wide">
								<thead>
									<tr>
										<th scope="col">Setting</th>
										<th scope="col">Value</th>
										<th scope="col">What it means</th>
									</tr>
								</thead>
								<tbody>
									{shown.map((s) => (
										<tr key={s.name}>
											<th scope="row" className="mono">
												{s.name}
											</th>
											<td className="mono loose">{s.value || <Nothing>none</Nothing>}</td>
											<td className="faint loose">{s.about}</td>
										</tr>
									))}
								</tbody>
							</table>
						</Scroll>
					);
				}}
			</View>
			<p className="card-note">Change it in the file or the environment variables of the server, and restart. Secrets are not shown.</p>
		</Card>
	);
}

/** The requirement of a second factor for everybody. */
function Factor() {
	const provider = useRead("get-provider");
	const operators = useRead("list-operators", { query: { limit: 500 } });
	const [asked, setAsked] = useState(false);
	const update = useAction("update-provider", () => say("Saved."));
	const missing = operators.data?.items.filter((o) => !o.mfa_enrolled && o.status !== "suspended").length ?? 0;
	const on = provider.data?.require_mfa ?? false;
	return (
		<Card title="Second factor">
			<View reading={provider} rows={2}>
				{(p) => (
					<>
						<div className="line line-flush">
							<div className="line-main">
								<span>
									Required of everybody: <strong>{p.require_mfa ? "yes" : "no"}</strong>
								</span>
								<span className="faint">
									{p.require_mfa
										? "Every administrator needs a second factor, including future ones."
										: "Each administrator has a requirement of their own, under Administrators."}{" "}
									{missing > 0 && `${people(missing)} ${missing === 1 ? "has" : "have"} none yet.`}
								</span>
							</div>
							<Action right="provider.mfa" onPress={() => setAsked(true)}>
								{p.require_mfa ? "No longer require it" : "Require it of everybody"}
							</Action>
						</div>
						<Confirm
							title={on ? "No longer require it of everybody?" : "Require a second factor of everybody?"}
							open={asked}
							close={() => {
								update.clear();
								setAsked(false);
							}}
							verb={on ? "No longer require it" : "Require it"}
							failure={update.failure}
							running={update.running}
							run={async () => (await update.run({ version: p.version, body: { require_mfa: !on } })) && setAsked(false)}
						>
							<Consequences
								items={
									on
										? [
												"It stays required of everybody for now. After that, it can be changed for each administrator, under Administrators.",
											]
										: [
												missing
													? `${people(missing)} without a second factor can only enrol one at the next sign-in.`
													: "Everybody has a second factor already.",
												"The field under Administrators is locked while this is on.",
												"It applies to everybody who is added later.",
											]
								}
							/>
						</Confirm>
					</>
				)}
			</View>
		</Card>
	);
}

function price(p: Plan): string {
	const currency = p.currency ?? "";
	const every = p.billed_every === "year" ? ", billed yearly" : "";
	if (p.flat_price) return `${money(String(p.flat_price), currency)} a month${every}`;
	if (p.seat_price) return `${money(String(p.seat_price), currency)} a member and month${every}`;
	return "no price";
}

function Plans() {
	const plans = useRead("list-plans", { query: { limit: 100 } }, { every: false });
	return (
		<Card title="Plans" flush>
			<View reading={plans} rows={3}>
				{(page) => (
					<Scroll label="Plans">
						<table className="mini mini-wide mini-wraps">
							<thead>
								<tr>
									<th scope="col">Plan</th>
									<th scope="col">Price</th>
									<th scope="col" className="cell-end">
										Members
									</th>
									<th scope="col" className="cell-end">
										Guests included
									</th>
									<th scope="col">SCIM</th>
									<th scope="col">Custom groups</th>
								</tr>
							</thead>
							<tbody>
								{page.items.map((p) => (
									<tr key={p.name}>
										<th scope="row">
											{p.title} <span className="faint mono">{p.name}</span>
										</th>
										<td>{price(p)}</td>
										<td className="cell-end">{p.max_members ? `up to ${count(p.max_members)}` : "as bought"}</td>
										<td className="cell-end">{count(p.included_guests)}</td>
										<td>{p.scim ? "yes" : <Nothing>no</Nothing>}</td>
										<td>{p.custom_groups ? "yes" : <Nothing>no</Nothing>}</td>
									</tr>
								))}
							</tbody>
						</table>
					</Scroll>
				)}
			</View>
			<p className="card-note">The catalogue is in the configuration of the server.</p>
		</Card>
	);
}

/** What each right allows, in words. One that is newer than this table has only its name. */
const rightWords: Record<string, string> = {
	self: "Their own password, second factor, sessions and API keys",
	"server.read": "See version, health and plans",
	"server.manage": "Backups, checks, jobs and waiting mails",
	"provider.record": "Read the audit trail of the installation",
	"provider.mfa": "Require a second factor of everybody; name and logo of the provider",
	"operator.read": "See administrators",
	"operator.manage": "Add and change administrators, up to their own role and companies",
	"operator.owner": "Add and change Owners",
	"webhook.read": "See webhooks and channels",
	"webhook.manage": "Add and change webhooks and channels",
	"tenant.create": "Add a company",
	"tenant.read": "See companies",
	"tenant.enter": "Launch into a company",
	"tenant.update": "Change name, address and settings of a company",
	"tenant.billing": "Change plan and seats; see usage and cost",
	"tenant.hand_over": "Hand a company over, or link one",
	"tenant.delete": "Delete a company with everything in it",
	"tenant.record": "Read the audit trail and the events of a company",
	"tenant.alert": "Acknowledge alerts",
	"connection.read": "See connections and their journal",
	"connection.manage": "Connect, change and pause an identity provider; decide about held removals",
	"credential.manage": "Make and revoke credentials and application keys",
	"target.read": "See applications that people are sent to",
	"target.manage": "Add and change applications that people are sent to",
	"user.read": "See people",
	"user.suspend": "Suspend, hold, release and recover a person",
	"user.manage": "Add, invite, import and change people",
	"user.request_deletion": "Ask for the deletion of a person",
	"user.delete": "Delete a person for good, and decide about requests",
	"group.read": "See groups",
	"group.manage": "Add groups; change members",
	"group.delete": "Delete a group",
};

function Roles() {
	const roles = useRead("list-roles", { query: { limit: 100 } }, { every: false });
	const all = [...new Set(roles.data?.items.flatMap((r) => r.rights) ?? [])];
	return (
		<Card title="Roles" flush>
			<View reading={roles} rows={6}>
				{(page) => (
					<Scroll label="Roles and rights">
						<table className="mini mini-wide">
							<thead>
								<tr>
									<th scope="col">Right</th>
									{page.items.map((r) => (
										<th key={r.role} scope="col">
											{r.title}
										</th>
									))}
								</tr>
							</thead>
							<tbody>
								{all.map((right) => (
									<tr key={right}>
										<th scope="row" className="right-name">
											<span className="two-lines">
												{rightWords[right]}
												<span className="faint mono">{right}</span>
											</span>
										</th>
										{page.items.map((r) => (
											<td key={r.role}>{r.rights.includes(right) ? "yes" : <Nothing>–</Nothing>}</td>
										))}
									</tr>
								))}
							</tbody>
						</table>
					</Scroll>
				)}
			</View>
		</Card>
	);
}

function MailTest() {
	const [to, setTo] = useState("");
	const test = useAction("test-mail", (mail) => say(`A mail to ${mail.to} is in the outbox.`));
	const lack = useLack("server.manage");
	return (
		<Card title="Mail">
			<FormBox failure={test.failure} submit={() => void test.run({ body: { to: to.trim() } })} className="form form-line">
				<TextInput label="Send a test to" name="to" type="email" value={to} onChange={setTo} required not={lack} />
				<Submit running={test.running} right="server.manage">
					Send
				</Submit>
			</FormBox>
			{test.failure?.status === 501 && <p className="about">Mail is switched on by mail.host in the configuration of the server.</p>}
		</Card>
	);
}

function BundleKey() {
	const key = useRead("get-bundle-key", {}, { every: false });
	return (
		<Card title="Hand-over">
			<View reading={key} rows={1}>
				{(k) => (
					<Facts>
						<Fact name="Public key">
							<Code text={k.public_key} what="the public key" block />
							<span className="about">
								Bundles of this installation are signed with it. Another installation compares it before it imports a company.
							</span>
						</Fact>
					</Facts>
				)}
			</View>
		</Card>
	);
}
