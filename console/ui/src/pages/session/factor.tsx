// The second factor: enrolment with a QR code, and the ten recovery codes.

import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useLocation } from "wouter";
import { call, type Failure, failureOf } from "../../api/client.ts";
import { keyOf } from "../../api/query.ts";
import type { Enrolment } from "../../api/schema.ts";
import { Action, Code, Note, useCopy } from "../../parts/basic.tsx";
import { FormBox, Refusal, TextInput, Tick } from "../../parts/form.tsx";
import { say } from "../../parts/toast.tsx";
import { to, useTitle } from "../../shell/place.ts";
import { useSession } from "../../shell/session.tsx";
import { Lone } from "./sign-in.tsx";

/** Enrols a second factor. forced: nothing else is open until it is done. */
export default function Factor({ forced }: { forced?: boolean }) {
	useTitle("Second factor");
	const { operator, signOut } = useSession();
	const [, go] = useLocation();
	const cache = useQueryClient();
	const [enrolment, setEnrolment] = useState<Enrolment>();
	const [codes, setCodes] = useState<string[]>();
	const [code, setCode] = useState("");
	const [failure, setFailure] = useState<Failure>();
	const [running, setRunning] = useState(false);

	const begin = async () => {
		setRunning(true);
		setFailure(undefined);
		try {
			setEnrolment(await call("begin-mfa"));
		} catch (error) {
			setFailure(failureOf(error));
		}
		setRunning(false);
	};
	useEffect(() => {
		// The first answer is not asked for twice: a second secret would make the first one useless.
		if (forced) void begin();
	}, []);
	const confirm = async () => {
		setRunning(true);
		setFailure(undefined);
		try {
			const answer = await call("confirm-mfa", { body: { code: code.replace(/\s/g, "") } });
			setEnrolment(undefined);
			setCodes(answer.codes);
		} catch (error) {
			setFailure(failureOf(error));
		}
		setRunning(false);
	};
	const finish = async () => {
		setCodes(undefined);
		await cache.invalidateQueries({ queryKey: keyOf("get-me") });
		say("The second factor is set up.");
		if (!forced) go(to.account);
	};

	const title = codes ? "Store your recovery codes" : "Set up a second factor";
	const content = codes ? (
		<RecoveryCodes codes={codes} account={operator.email} done={finish} />
	) : (
		<>
			{!enrolment && (
				<p>
					{forced ? "Your account needs a second factor." : "With a second factor, a stolen password is not enough to sign in."} You need an
					authenticator app on your phone. It takes a minute.
				</p>
			)}
			{enrolment ? (
				<FormBox failure={failure} submit={confirm} label="Second factor">
					<ol className="steps">
						<li>
							<p>Scan this with an authenticator app on your phone.</p>
							<img className="qr" src={enrolment.qr} alt={`QR code with the secret ${enrolment.secret}`} width="200" height="200" />
							<p className="about">
								No camera? Type the secret in by hand, or <a href={enrolment.uri}>open it in an app on this device</a>.
							</p>
							<Code text={enrolment.secret} what="the secret" block />
						</li>
						<li>
							<TextInput
								label="The six digits that the app shows"
								name="code"
								value={code}
								onChange={setCode}
								required
								autoFocus
								autoComplete="one-time-code"
								inputMode="numeric"
								mono
								about="They change every thirty seconds. If they are refused, check the clock of the phone."
							/>
						</li>
					</ol>
					<div className="form-foot">
						<Action submit look="primary" running={running}>
							Confirm
						</Action>
					</div>
				</FormBox>
			) : (
				<>
					{failure && <Refusal failure={failure} />}
					<div className="row">
						<Action look="primary" onPress={begin} running={running}>
							{forced ? "Try again" : "Begin"}
						</Action>
					</div>
				</>
			)}
			{forced && (
				<Action look="quiet" onPress={() => void signOut()}>
					Sign out
				</Action>
			)}
		</>
	);
	if (forced) return <Lone title={title}>{content}</Lone>;
	return (
		<div className="narrow">
			<h1>{title}</h1>
			{content}
		</div>
	);
}

/** The recovery codes, shown once. */
export function RecoveryCodes({ codes, account, done }: { codes: string[]; account: string; done: () => void }) {
	const [stored, setStored] = useState(false);
	const copy = useCopy();
	const text = `Recovery codes of ${account}\nEach works once.\n\n${codes.join("\n")}\n`;
	const download = () => {
		const link = document.createElement("a");
		link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
		link.download = "drawbridge-recovery-codes.txt";
		link.click();
		setTimeout(() => URL.revokeObjectURL(link.href), 1000);
	};
	return (
		<div className="form">
			<Note tone="warn">
				These ten codes are shown once. Each lets you in once, without the app. Keep them where you can find them without your phone.
			</Note>
			<ul className="codes" aria-label="Recovery codes">
				{codes.map((c) => (
					<li key={c}>
						<code>{c}</code>
					</li>
				))}
			</ul>
			<div className="row">
				<Action icon="copy" onPress={() => copy(text, "The list of codes")}>
					Copy
				</Action>
				<Action icon="download" onPress={download}>
					Download
				</Action>
				<Action onPress={() => print()}>Print</Action>
			</div>
			<div className="form-foot form-foot-split">
				<Tick label="I have stored the codes" checked={stored} onChange={setStored} />
				<Action look="primary" onPress={done} not={stored ? undefined : "Store the codes first: they are not shown again."}>
					Done
				</Action>
			</div>
		</div>
	);
}
