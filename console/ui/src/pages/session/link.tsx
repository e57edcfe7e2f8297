// One-time links: the first Owner, an invitation, a new password, a second factor that is taken away, a new e-mail address.

import { useEffect, useState } from "react";
import { call, type Failure, failureOf } from "../../api/client.ts";
import type { LinkInfo } from "../../api/schema.ts";
import { Action, Note } from "../../parts/basic.tsx";
import { FormBox, TextInput } from "../../parts/form.tsx";
import { Skeleton } from "../../parts/state.tsx";
import { exact } from "../../parts/words.ts";
import { to, useTitle } from "../../shell/place.ts";
import { Lone } from "./sign-in.tsx";

const titles: Record<LinkInfo["kind"], string> = {
	first_owner: "Become the first Owner",
	invitation: "Accept your invitation",
	password_reset: "Set a new password",
	mfa_reset: "Remove your second factor",
	email_change: "Confirm your new e-mail address",
};

const submits: Record<LinkInfo["kind"], string> = {
	first_owner: "Register",
	invitation: "Register",
	password_reset: "Set the password",
	mfa_reset: "Remove the second factor",
	email_change: "Confirm the address",
};

export default function Link() {
	useTitle("One-time link");
	// The secret is after the #, which no server and no proxy sees.
	const [secret] = useState(() => decodeURIComponent(location.hash.slice(1)));
	const [info, setInfo] = useState<LinkInfo>();
	const [failure, setFailure] = useState<Failure>();
	const [done, setDone] = useState<LinkInfo["kind"]>();
	const look = () => {
		setFailure(undefined);
		call("get-link", { path: { link: secret || "-" } }).then(setInfo, (error) => setFailure(failureOf(error)));
	};
	useEffect(look, []);
	if (done) return <Used kind={done} />;
	if (failure) return <Unusable failure={failure} retry={look} />;
	if (!info) {
		return (
			<Lone title="One-time link">
				<Skeleton rows={3} />
			</Lone>
		);
	}
	return (
		<Lone title={titles[info.kind]}>
			<Use secret={secret} info={info} done={() => setDone(info.kind)} gone={setFailure} />
		</Lone>
	);
}

function Use({ secret, info, done, gone }: { secret: string; info: LinkInfo; done: () => void; gone: (failure: Failure) => void }) {
	const [email, setEmail] = useState("");
	const [first, setFirst] = useState("");
	const [last, setLast] = useState("");
	const [password, setPassword] = useState("");
	const [failure, setFailure] = useState<Failure>();
	const [running, setRunning] = useState(false);
	const owner = info.kind === "first_owner";
	const bare = info.kind === "mfa_reset" || info.kind === "email_change"; // asks for nothing
	const use = async () => {
		setRunning(true);
		setFailure(undefined);
		try {
			const person = owner ? { email: email.trim(), first_name: first.trim(), last_name: last.trim() } : {};
			await call("use-link", { path: { link: secret }, body: bare ? {} : { ...person, password } });
			history.replaceState(null, "", location.pathname);
			done();
		} catch (error) {
			const failed = failureOf(error);
			if (failed.status === 404) gone(failed);
			else setFailure(failed);
		}
		setRunning(false);
	};
	return (
		<FormBox failure={failure} submit={use} label={titles[info.kind]}>
			<p>
				{info.name || info.email ? (
					<>
						This link is for{" "}
						<strong>
							<bdi>{info.name || info.email}</bdi>
						</strong>
						{info.name && info.email ? ` (${info.email})` : ""}.{" "}
					</>
				) : null}
				It works once, until {exact(info.expires)}.
			</p>
			{info.kind === "mfa_reset" ? (
				<p>
					After this your account has no second factor. All of your sessions end. If one is required, you set a new one up when you sign in.
				</p>
			) : bare ? (
				<p>After this you sign in with {info.email}, and mails go there. Your password and your second factor stay as they are.</p>
			) : (
				<>
					{owner && (
						<>
							<TextInput
								label="E-mail"
								name="email"
								type="email"
								autoComplete="username"
								value={email}
								onChange={setEmail}
								required
								autoFocus
							/>
							<TextInput
								label="First name"
								name="first_name"
								autoComplete="given-name"
								value={first}
								onChange={setFirst}
								required
								maxLength={100}
							/>
							<TextInput
								label="Last name"
								name="last_name"
								autoComplete="family-name"
								value={last}
								onChange={setLast}
								required
								maxLength={100}
							/>
						</>
					)}
					{!owner && info.email && <input type="text" name="username" autoComplete="username" value={info.email} readOnly hidden />}
					<TextInput
						label="Password"
						name="password"
						type="password"
						autoComplete="new-password"
						value={password}
						onChange={setPassword}
						required
						autoFocus={!owner}
						about="At least twelve characters. A password manager makes good ones."
					/>
				</>
			)}
			<Action submit look={info.kind === "mfa_reset" ? "danger" : "primary"} running={running}>
				{submits[info.kind]}
			</Action>
		</FormBox>
	);
}

function Used({ kind }: { kind: LinkInfo["kind"] }) {
	const text = {
		first_owner: "You are registered as the Owner of this installation. Sign in to go on.",
		invitation: "You are registered. Sign in to go on.",
		password_reset: "Your password is changed, and all of your sessions have ended. Sign in with the new one.",
		mfa_reset: "Your second factor is removed, and all of your sessions have ended. Sign in to go on.",
		email_change: "Your new e-mail address is confirmed. You sign in with it from now on.",
	}[kind];
	return (
		<Lone title="Done">
			<Note tone="good">{text}</Note>
			<Action look="primary" onPress={() => location.assign("/console/")} autoFocus>
				Sign in
			</Action>
		</Lone>
	);
}

/** Wrong, used and expired links look the same: the server does not tell them apart either. */
function Unusable({ failure, retry }: { failure: Failure; retry: () => void }) {
	const gone = failure.status === 404 || failure.status === 422;
	return (
		<Lone title={gone ? "This link does not work" : "The link could not be opened"}>
			{gone ? (
				<>
					<p>It was used already, it has expired, a newer link replaced it, or it was not copied completely.</p>
					<ul className="consequences">
						<li>Open it from the mail again, or copy the whole address.</li>
						<li>For a new password, choose “Forgot password” on the sign-in page.</li>
						<li>For an invitation, ask the person who invited you to send it again.</li>
						<li>For the first Owner, restart the server: it prints a new link.</li>
					</ul>
				</>
			) : (
				<p role="alert">{failure.message}</p>
			)}
			<div className="row">
				{!gone && <Action onPress={retry}>Try again</Action>}
				<Action onPress={() => location.assign(`/console${to.home}`)}>To the sign-in page</Action>
			</div>
		</Lone>
	);
}
