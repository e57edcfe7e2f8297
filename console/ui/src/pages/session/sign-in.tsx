// The sign-in page: password, then a code where there is a second factor.

import { useState } from "react";
import { call, downloadURL, type Failure, failureOf } from "../../api/client.ts";
import { useRead } from "../../api/query.ts";
import type { Account } from "../../api/schema.ts";
import { Action, Head, Name, Note, To } from "../../parts/basic.tsx";
import { clockSkew } from "../../parts/clock.ts";
import { FormBox, TextInput } from "../../parts/form.tsx";
import { Logo, useProvider } from "../../parts/logo.tsx";
import { Toasts } from "../../parts/toast.tsx";
import { lasting } from "../../parts/words.ts";
import { to, useTitle } from "../../shell/place.ts";

type Step = "password" | "code" | "forgot" | "asked";

export default function SignIn({ arrived }: { arrived: (account: Account) => void }) {
	useTitle("Sign in");
	const [step, setStep] = useState<Step>("password");
	const [email, setEmail] = useState("");
	const [password, setPassword] = useState("");
	const [code, setCode] = useState("");
	const [recovery, setRecovery] = useState(false);
	const [answer, setAnswer] = useState("");
	const [failure, setFailure] = useState<Failure>();
	const [running, setRunning] = useState(false);

	const methods = useRead("list-sign-in-methods", {}, { every: false }).data;

	const attempt = async (work: () => Promise<void>) => {
		setRunning(true);
		setFailure(undefined);
		try {
			await work();
		} catch (error) {
			setFailure(failureOf(error));
		}
		setRunning(false);
	};
	const signIn = () =>
		attempt(async () => {
			try {
				arrived(
					await call("sign-in", { body: { email: email.trim(), password, ...(step === "code" ? { code: code.replace(/\s/g, "") } : {}) } }),
				);
			} catch (error) {
				const failed = failureOf(error);
				if (failed.field !== "code" || step === "code") throw failed;
				setStep("code");
			}
		});
	const forgot = () =>
		attempt(async () => {
			const said = await call("forgot-password", { body: { email: email.trim() } });
			setAnswer(said.detail);
			setStep("asked");
		});
	const show = (next: Step) => {
		setFailure(undefined);
		setCode("");
		setStep(next);
	};

	return (
		<Lone title={{ password: "Sign in", code: "Second factor", forgot: "Forgotten password", asked: "Check your mail" }[step]}>
			{step === "password" && (
				<FormBox failure={failure} submit={signIn} label="Sign in">
					<Reason />
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
						label="Password"
						name="password"
						type="password"
						autoComplete="current-password"
						value={password}
						onChange={setPassword}
						required
					/>
					<Action submit look="primary" running={running}>
						Sign in
					</Action>
					{methods?.oidc && (
						<a className="button button-plain" href={downloadURL("begin-oidc", {})}>
							Sign in with {methods.oidc.label}
						</a>
					)}
					{methods?.forgot !== false && (
						<Action look="quiet" onPress={() => show("forgot")}>
							Forgot password
						</Action>
					)}
					{methods?.first_owner && (
						<Note>
							No operator can sign in yet. Open the one-time link for the first Owner, which the server left in the file first-owner.link of
							its data folder.
						</Note>
					)}
				</FormBox>
			)}
			{step === "code" && (
				<FormBox failure={failure} submit={signIn} label="Second factor">
					<TextInput
						key={recovery ? "recovery" : "code"}
						label={recovery ? "Recovery code" : "Six digits"}
						name="code"
						value={code}
						onChange={setCode}
						required
						autoFocus
						mono
						autoComplete="one-time-code"
						inputMode={recovery ? "text" : "numeric"}
						about={
							recovery
								? "One of the ten codes that you stored when you enrolled. Each works once."
								: "From the authenticator app on your phone. If it is refused, check the clock of the phone."
						}
					/>
					<Action submit look="primary" running={running}>
						Sign in
					</Action>
					<Action
						look="quiet"
						onPress={() => {
							setRecovery(!recovery);
							setCode("");
						}}
					>
						{recovery ? "Use the app instead" : "Use a recovery code"}
					</Action>
					<Action look="quiet" onPress={() => show("password")}>
						Back
					</Action>
				</FormBox>
			)}
			{step === "forgot" && (
				<FormBox failure={failure} submit={forgot} label="Forgotten password">
					<p>Enter the address that you sign in with. If there is such an account, a mail with a link is sent to it.</p>
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
					<Action submit look="primary" running={running}>
						Send the link
					</Action>
					<Action look="quiet" onPress={() => show("password")}>
						Back
					</Action>
				</FormBox>
			)}
			{step === "asked" && (
				<>
					<p role="status">{answer}</p>
					<Action onPress={() => show("password")}>Back to the sign-in</Action>
				</>
			)}
		</Lone>
	);
}

const oidcReasons: Record<string, string> = {
	flow: "The provider refused, or the sign-in took too long, was used already, or began in another browser. Begin again.",
	provider: "The OpenID provider does not answer, or its answer was wrong. Try again, or sign in with your password.",
	email: "The provider does not vouch for your e-mail address, or its domain is not one of those that may sign in here.",
	group: "None of your groups at the provider gives you a role here. Ask the person who assigns them.",
	proof:
		"The provider did not ask again who you are, or does not say that it did. Sign out there and try again, or set a password here: sign out, and use Forgot password.",
	operator: "There is no administrator with your address here, or the account is suspended. Ask an Owner.",
};

/** Why the reader is here again, if the address says so. The address names a reason and never brings a sentence of its own. */
function Reason() {
	const reason = oidcReasons[new URLSearchParams(location.hash.slice(1)).get("oidc") ?? ""];
	return reason && location.pathname.endsWith("/sign-in") ? <Note tone="warn">{reason}</Note> : null;
}

/** The sign-in page for an operator who is signed in: why a proof failed in this tab, and the way on. */
export function SignedInAlready() {
	useTitle("Sign in");
	return (
		<div className="stack narrow">
			<Head title="You are signed in" />
			<Reason />
			<p>
				<To href={to.home}>Go to the first page</To>, or close this tab.
			</p>
		</div>
	);
}

/** A page without navigation: for a person who is not signed in. */
export function Lone({ title, children, wide }: { title: string; children: React.ReactNode; wide?: boolean }) {
	const by = useProvider();
	const skew = clockSkew();
	return (
		<main className="lone">
			<div className={wide ? "lone-card lone-wide" : "lone-card"}>
				<div className="lone-mark">
					<Logo mark={by?.logo} size={36} />
					<span>{by?.name ? <Name text={by.name} /> : "Drawbridge"}</span>
				</div>
				<h1>{title}</h1>
				{Math.abs(skew) > 120_000 && (
					<Note tone="warn">
						The clock of this computer is {lasting(Math.abs(skew) / 1000)} {skew > 0 ? "behind" : "ahead of"} the server's. If the clock of
						your phone is wrong as well, codes are refused.
					</Note>
				)}
				{children}
			</div>
			{by?.support && (
				<p className="lone-help faint">
					Help: <a href={`mailto:${by.support}`}>{by.support}</a>
				</p>
			)}
			<Toasts />
		</main>
	);
}
