// My account: profile, password, second factor, sessions, API keys, mails, and how the console looks.

import { useState } from "react";
import { useAction, useList, useRead } from "../../api/query.ts";
import type { APIKeyIssued, Session } from "../../api/schema.ts";
import { Action, Card, Fact, Facts, Head, Name, Note, Tag, Time, ToButton } from "../../parts/basic.tsx";
import { Box, Confirm, SecretBox } from "../../parts/dialog.tsx";
import { Choose, FormBox, Refusal, Submit, TextInput } from "../../parts/form.tsx";
import { useCompanyNames } from "../../parts/names.tsx";
import { View } from "../../parts/state.tsx";
import { say } from "../../parts/toast.tsx";
import { clientName, day, exact, list, roleTitle } from "../../parts/words.ts";
import { useTheme } from "../../shell/frame.tsx";
import { remember, remembered, to, useTitle } from "../../shell/place.ts";
import { useSession } from "../../shell/session.tsx";
import { Mails } from "../operator/mails.tsx";
import { RecoveryCodes } from "../session/factor.tsx";

export default function Account() {
	useTitle("My account");
	const { operator: me, account } = useSession();
	return (
		<>
			<Head title="My account" sub={me.email} />
			<div className="columns-2-1">
				<div className="stack">
					<Password email={me.email} />
					<Factor />
					<Sessions />
					<Keys />
				</div>
				<div className="stack">
					<Card title="Profile">
						<Facts>
							<Fact name="Name">
								<Name text={`${me.first_name} ${me.last_name}`} />
							</Fact>
							<Fact name="Role">{roleTitle(me.role)}</Fact>
							<Fact name="Companies">
								{me.all_tenants ? "all, and future ones" : me.tenants.length ? <Companies slugs={me.tenants} /> : "none yet"}
							</Fact>
							<Fact name="Last sign-in">
								<Time at={me.last_sign_in} none="never" />
							</Fact>
						</Facts>
						<details className="disclosure">
							<summary>My rights</summary>
							<ul className="rights">
								{account.rights.map((r) => (
									<li key={r} className="mono">
										{r}
									</li>
								))}
							</ul>
						</details>
					</Card>
					<Looks />
					<Card title="Mails that I get">
						<Mails operator="me" />
					</Card>
				</div>
			</div>
		</>
	);
}

function Companies({ slugs }: { slugs: string[] }) {
	const names = useCompanyNames(slugs);
	return list(slugs.map((slug) => names.get(slug) ?? slug));
}

function Password({ email }: { email: string }) {
	const [present, setPresent] = useState("");
	const [wanted, setWanted] = useState("");
	const change = useAction("change-password", () => say("The password is changed. All other sessions have ended."));
	const run = async () => {
		if (await change.run({ body: { present, wanted } })) {
			setPresent("");
			setWanted("");
		}
	};
	return (
		<Card title="Password">
			<FormBox failure={change.failure} submit={() => void run()}>
				<input type="text" name="username" autoComplete="username" value={email} readOnly hidden />
				<div className="columns">
					<TextInput
						label="Present password"
						name="present"
						type="password"
						autoComplete="current-password"
						value={present}
						onChange={setPresent}
						required
					/>
					<TextInput
						label="New password"
						name="wanted"
						type="password"
						autoComplete="new-password"
						value={wanted}
						onChange={setWanted}
						required
						about="At least twelve characters."
					/>
				</div>
				<Submit running={change.running}>Change the password</Submit>
			</FormBox>
		</Card>
	);
}

function Factor() {
	const { operator: me } = useSession();
	const [asked, setAsked] = useState<"codes" | "remove">();
	const [code, setCode] = useState("");
	const [codes, setCodes] = useState<string[]>();
	const renew = useAction("new-recovery-codes");
	const remove = useAction("remove-mfa", () => say("The second factor is removed."));
	const current = asked === "remove" ? remove : renew;
	const away = () => {
		renew.clear();
		remove.clear();
		setCode("");
		setAsked(undefined);
	};
	const run = async () => {
		const body = { code: code.replace(/\s/g, "") };
		if (asked === "remove") {
			if (await remove.run({ body })) away();
			return;
		}
		const made = await renew.run({ body });
		if (made) {
			setCodes(made.codes);
			away();
		}
	};
	return (
		<Card title="Second factor">
			<p>
				{me.mfa_enrolled ? (
					<>
						<Tag tone="good">Enrolled</Tag> {me.recovery_codes} recovery codes are left.
					</>
				) : (
					<>
						<Tag tone={me.mfa_required ? "warn" : "quiet"}>Not enrolled</Tag> With a second factor, a stolen password is not enough to sign
						in.
					</>
				)}
			</p>
			{me.mfa_enrolled && me.recovery_codes <= 3 && <Note tone="warn">Make new recovery codes before the last one is used.</Note>}
			<div className="row">
				{me.mfa_enrolled ? (
					<>
						<Action onPress={() => setAsked("codes")}>New recovery codes</Action>
						<Action onPress={() => setAsked("remove")} not={me.mfa_required ? "A second factor is required of you." : undefined}>
							Remove
						</Action>
					</>
				) : (
					<ToButton href={to.factor} look="primary" icon="shield">
						Set up
					</ToButton>
				)}
			</div>
			<Box title={asked === "remove" ? "Remove the second factor?" : "New recovery codes"} open={asked !== undefined} close={away}>
				<FormBox failure={current.failure} submit={() => void run()}>
					<p>{asked === "remove" ? "After that, the password alone is enough to sign in." : "The old codes stop working."}</p>
					<TextInput
						label="Six digits, or a recovery code"
						name="code"
						value={code}
						onChange={setCode}
						required
						mono
						autoFocus
						autoComplete="one-time-code"
					/>
					<Submit running={current.running} cancel={away} danger={asked === "remove"}>
						{asked === "remove" ? "Remove" : "Make new ones"}
					</Submit>
				</FormBox>
			</Box>
			<Box title="Store your recovery codes" open={codes !== undefined} close={() => setCodes(undefined)} stuck>
				{codes && <RecoveryCodes codes={codes} account={me.email} done={() => setCodes(undefined)} />}
			</Box>
		</Card>
	);
}

function Sessions() {
	const sessions = useRead("list-my-sessions", { query: { limit: 100 } });
	const end = useAction("end-my-session", () => say("The session is ended."));
	const { signOut } = useSession();
	const [ending, setEnding] = useState<Session>();
	return (
		<Card title="Where I am signed in" flush>
			<View reading={sessions} rows={3}>
				{(page) => (
					<ul className="rows">
						{page.items.map((s) => (
							<li key={s.id} className="line">
								<div className="line-main">
									<span>
										<Name text={clientName(s.user_agent)} short /> {s.current && <Tag tone="good">this one</Tag>}
									</span>
									<span className="faint">
										{s.address || "address unknown"}, since {exact(s.created)}, last used <Time at={s.last_used ?? s.created} />
									</span>
								</div>
								<Action small onPress={() => (s.current ? void signOut() : setEnding(s))}>
									{s.current ? "Sign out" : "End"}
								</Action>
							</li>
						))}
					</ul>
				)}
			</View>
			<Confirm
				title="End this session?"
				open={ending !== undefined}
				close={() => {
					end.clear();
					setEnding(undefined);
				}}
				verb="End it"
				failure={end.failure}
				running={end.running}
				run={async () => ending && (await end.run({ path: { session: ending.id } })) && setEnding(undefined)}
			>
				<p>
					<Name text={clientName(ending?.user_agent)} /> is signed out at once.
				</p>
			</Confirm>
		</Card>
	);
}

function Keys() {
	const { operator: me } = useSession();
	const keys = useList("list-my-api-keys");
	const [making, setMaking] = useState(false);
	const [label, setLabel] = useState("");
	const [expires, setExpires] = useState("");
	const [issued, setIssued] = useState<APIKeyIssued>();
	const create = useAction("create-my-api-key");
	const revoke = useAction("revoke-my-api-key", () => say("The key is revoked."));
	const run = async () => {
		const made = await create.run({
			body: { label: label.trim() || undefined, expires: expires ? new Date(`${expires}T12:00:00`).toISOString() : undefined },
		});
		if (made) {
			setMaking(false);
			setLabel("");
			setExpires("");
			setIssued(made);
		}
	};
	return (
		<Card
			title="API keys"
			flush
			actions={
				<Action
					small
					icon="plus"
					not={me.api_access ? undefined : "API access is off. An administrator grants it under Administrators, Permissions & access."}
					onPress={() => setMaking(true)}
				>
					Make a key
				</Action>
			}
		>
			<View reading={keys} rows={2}>
				{() =>
					(keys.rows ?? []).length === 0 ? (
						<p className="card-pad faint">
							{me.api_access ? "No key yet. A program uses a key to work as you." : "API access is off. An administrator can grant it."}
						</p>
					) : (
						<ul className="rows">
							{(keys.rows ?? []).map((k) => (
								<li key={k.id} className="line">
									<div className="line-main">
										<span>
											<span className="mono">{k.prefix}…</span> {k.label && <Name text={k.label} short />}{" "}
											{k.status !== "live" && <Tag>{k.status}</Tag>}
										</span>
										<span className="faint">
											Made {day(k.created)}
											{k.expires && `, ends ${day(k.expires)}`}, last used <Time at={k.last_used} none="never" />
										</span>
									</div>
									{k.status === "live" && (
										<Action small running={revoke.running} onPress={() => revoke.run({ path: { key: k.id } })}>
											Revoke
										</Action>
									)}
								</li>
							))}
						</ul>
					)
				}
			</View>
			{revoke.failure && (
				<div className="card-pad">
					<Refusal failure={revoke.failure} />
				</div>
			)}
			<Box
				title="Make an API key"
				open={making}
				close={() => {
					create.clear();
					setMaking(false);
				}}
			>
				<FormBox failure={create.failure} submit={() => void run()}>
					<TextInput label="Label" name="label" value={label} onChange={setLabel} maxLength={100} placeholder="Nightly report" autoFocus />
					<TextInput label="Ends on" name="expires" type="date" value={expires} onChange={setExpires} about="Empty: never." />
					<Submit running={create.running} cancel={() => setMaking(false)}>
						Make it
					</Submit>
				</FormBox>
			</Box>
			<SecretBox
				title="Your API key"
				open={issued !== undefined}
				close={() => setIssued(undefined)}
				secrets={[{ label: "Send it as a Bearer token", text: issued?.secret ?? "", what: "the key" }]}
			/>
		</Card>
	);
}

function Looks() {
	const theme = useTheme();
	const [density, setDensity] = useState(remembered("density") || "comfortable");
	const choose = (next: string) => {
		setDensity(next);
		remember("density", next === "compact" ? "compact" : "");
		if (next === "compact") document.documentElement.dataset.density = "compact";
		else delete document.documentElement.dataset.density;
	};
	return (
		<Card title="How the console looks">
			<Choose
				label="Theme"
				name="theme"
				value={theme.chosen || "system"}
				onChange={(next) => theme.choose(next === "system" ? "" : next)}
				required
				options={[
					{ id: "system", text: "Same as the system" },
					{ id: "light", text: "Light" },
					{ id: "dark", text: "Dark" },
				]}
			/>
			<Choose
				label="Rows of tables"
				name="density"
				value={density}
				onChange={choose}
				required
				options={[
					{ id: "comfortable", text: "Comfortable" },
					{ id: "compact", text: "Compact" },
				]}
			/>
			<p className="about">Kept in this browser.</p>
		</Card>
	);
}
