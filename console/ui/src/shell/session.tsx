// Who is signed in, what they may do, and what happens when a call needs them again.

import { useQueryClient } from "@tanstack/react-query";
import {
	type ComponentType,
	createContext,
	lazy,
	type ReactNode,
	Suspense,
	useCallback,
	useContext,
	useEffect,
	useMemo,
	useRef,
	useState,
} from "react";
import { useLocation } from "wouter";
import { call, downloadURL, type Failure, failureOf, register } from "../api/client.ts";
import { signedOut } from "../api/first.ts";
import { keyOf, useRead } from "../api/query.ts";
import type { Account, Operator } from "../api/schema.ts";
import { Action, type Rights, RightsContext } from "../parts/basic.tsx";
import { now } from "../parts/clock.ts";
import { Box } from "../parts/dialog.tsx";
import { FormBox, Submit, TextInput } from "../parts/form.tsx";
import { Failed, Opening } from "../parts/state.tsx";
import { to } from "./place.ts";

const loadSignIn = () => import("../pages/session/sign-in.tsx");
let SignIn: ComponentType<{ arrived: (account: Account) => void }> = lazy(loadSignIn);

/** Done when the sign-in page is loaded, if it is certainly needed. Otherwise React would show a placeholder first. */
export const signInReady: Promise<void> = signedOut
	? loadSignIn().then(
			(page) => {
				SignIn = page.default;
			},
			() => undefined, // it is loaded again when it is shown
		)
	: Promise.resolve();

const Factor = lazy(() => import("../pages/session/factor.tsx"));

interface Session {
	account: Account;
	operator: Operator;
	signOut(): Promise<void>;
}

const SessionContext = createContext<Session | undefined>(undefined);

export function useSession(): Session {
	const session = useContext(SessionContext);
	if (!session) throw new Error("no operator is signed in");
	return session;
}

/** Shows the console to an operator who is signed in, and the sign-in page to everybody else. */
export function SessionGate({ children }: { children: ReactNode }) {
	const [out, setOut] = useState(signedOut);
	const [path, go] = useLocation();
	const me = useRead("get-me", {}, { every: 60_000, enabled: !out });
	const cache = useQueryClient();
	const arrived = useCallback(
		(account: Account) => {
			cache.setQueryData(keyOf("get-me"), account);
			if (path === to.signIn) go(to.home, { replace: true });
			setOut(false);
		},
		[cache, path, go],
	);
	// The sign-in page stays until it has done its work: what is typed there must not be lost to another attempt.
	const refused = me.data === undefined && me.isError && me.error.status === 401;
	useEffect(() => {
		if (refused) setOut(true);
	}, [refused]);
	if (me.data === undefined) {
		if (out || refused) {
			return (
				<Suspense fallback={<Opening />}>
					<SignIn arrived={arrived} />
				</Suspense>
			);
		}
		if (!me.isError) return <Opening />;
		return (
			<main className="lone">
				<Failed error={me.error} retry={() => me.refetch()} what="The console" level={1} />
			</main>
		);
	}
	if (!me.data.operator) {
		return (
			<main className="lone">
				<Failed
					level={1}
					error={failureOf("This address acts as the local Owner, who has no account. Open the console on the address of the API instead.")}
				/>
			</main>
		);
	}
	return (
		<SignedIn account={me.data} operator={me.data.operator}>
			{children}
		</SignedIn>
	);
}

type Asked = { what: "proof" | "session"; answer: (done: boolean) => void };

function SignedIn({ account, operator, children }: { account: Account; operator: Operator; children: ReactNode }) {
	const cache = useQueryClient();
	const [, go] = useLocation();
	const [asked, setAsked] = useState<Asked>();
	const waiting = useRef(new Map<string, Promise<boolean>>());

	const ask = useCallback((what: Asked["what"]) => {
		let promise = waiting.current.get(what);
		if (!promise) {
			promise = new Promise<boolean>((answer) => setAsked({ what, answer })).finally(() => waiting.current.delete(what));
			waiting.current.set(what, promise);
		}
		return promise;
	}, []);

	useEffect(() => {
		register({
			prove: () => ask("proof"),
			signIn: () => ask("session"),
			enrol: () => void cache.invalidateQueries({ queryKey: keyOf("get-me") }),
		});
		return () => register(undefined);
	}, [ask, cache]);

	const settle = (done: boolean) => {
		asked?.answer(done);
		setAsked(undefined);
	};

	const signOut = useCallback(async () => {
		register(undefined);
		try {
			await call("sign-out");
		} catch (error) {
			if (failureOf(error).status !== 401) throw error;
		}
		cache.clear();
		go(to.signIn, { replace: true });
		location.reload();
	}, [cache, go]);

	const session = useMemo(() => ({ account, operator, signOut }), [account, operator, signOut]);
	const rights = useMemo<Rights>(() => {
		const set = new Set(account.rights);
		return { role: account.role, has: (right) => set.has(right) };
	}, [account]);

	return (
		<SessionContext.Provider value={session}>
			<RightsContext.Provider value={rights}>
				{account.enrol_only ? (
					<Suspense fallback={null}>
						<Factor forced />
					</Suspense>
				) : (
					children
				)}
				<Prove open={asked?.what === "proof"} operator={operator} settle={settle} />
				<SignInAgain open={asked?.what === "session"} operator={operator} settle={settle} />
				<Ending account={account} />
			</RightsContext.Provider>
		</SessionContext.Provider>
	);
}

/** Asks for the password again before something dangerous, and then lets it go on. */
function Prove({ open, operator, settle }: { open: boolean; operator: Operator; settle: (done: boolean) => void }) {
	const [password, setPassword] = useState("");
	const [code, setCode] = useState("");
	const [failure, setFailure] = useState<Failure>();
	const [running, setRunning] = useState(false);
	useEffect(() => {
		if (!open) return;
		setPassword("");
		setCode("");
		setFailure(undefined);
	}, [open]);
	const prove = async () => {
		setRunning(true);
		try {
			await call("prove-session", { body: { password, code: code.replaceAll(" ", "") } });
			settle(true);
		} catch (error) {
			setFailure(failureOf(error));
		}
		setRunning(false);
	};
	return (
		<Box title="Show that it is you" open={open} close={() => settle(false)} firm>
			<FormBox failure={failure} submit={prove}>
				<p>
					This step can do harm, so it asks for your password once more. The proof counts for ten minutes. What you have entered is kept.
				</p>
				<input type="text" name="username" autoComplete="username" value={operator.email} readOnly hidden />
				<TextInput
					label="Password"
					name="password"
					type="password"
					autoComplete="current-password"
					value={password}
					onChange={setPassword}
					required
					autoFocus
				/>
				{operator.mfa_enrolled && (
					<TextInput
						label="Code of the second factor"
						name="code"
						value={code}
						onChange={setCode}
						required
						autoComplete="one-time-code"
						about="The six digits in your authenticator app, or a recovery code."
						mono
					/>
				)}
				<ByProvider operator={operator} fresh done={() => settle(true)} />
				<Submit running={running} cancel={() => settle(false)}>
					Go on
				</Submit>
			</FormBox>
		</Box>
	);
}

/** The session ended while the page was open. What was typed stays where it is. */
function SignInAgain({ open, operator, settle }: { open: boolean; operator: Operator; settle: (done: boolean) => void }) {
	const [password, setPassword] = useState("");
	const [code, setCode] = useState("");
	const [needsCode, setNeedsCode] = useState(false);
	const [failure, setFailure] = useState<Failure>();
	const [running, setRunning] = useState(false);
	useEffect(() => {
		if (!open) return;
		setPassword("");
		setCode("");
		setFailure(undefined);
	}, [open]);
	const signIn = async () => {
		setRunning(true);
		setFailure(undefined);
		try {
			const account = await call("sign-in", {
				body: { email: operator.email, password, ...(code ? { code: code.replaceAll(" ", "") } : {}) },
			});
			if (account.operator?.id !== operator.id) location.reload();
			settle(true);
		} catch (error) {
			const failed = failureOf(error);
			if (failed.field === "code" && !needsCode) setNeedsCode(true);
			else setFailure(failed);
		}
		setRunning(false);
	};
	return (
		<Box title="Your session has ended" open={open} close={() => location.reload()} stuck>
			<FormBox failure={failure} submit={signIn}>
				<p>
					Sign in again as <strong>{operator.email}</strong> to go on. What you have entered on the page is kept.
				</p>
				<input type="text" name="username" autoComplete="username" value={operator.email} readOnly hidden />
				<TextInput
					label="Password"
					name="password"
					type="password"
					autoComplete="current-password"
					value={password}
					onChange={setPassword}
					required
					autoFocus
				/>
				{needsCode && (
					<TextInput
						label="Code of the second factor"
						name="code"
						value={code}
						onChange={setCode}
						required
						autoComplete="one-time-code"
						mono
						autoFocus
					/>
				)}
				<ByProvider operator={operator} done={() => settle(true)} />
				<div className="form-foot">
					<Action look="quiet" onPress={() => location.reload()}>
						Leave this page
					</Action>
					<Action submit look="primary" running={running}>
						Sign in
					</Action>
				</div>
			</FormBox>
		</Box>
	);
}

/** The way for an operator without a password: through the OpenID provider, in another tab. */
function ByProvider({ operator, fresh, done }: { operator: Operator; fresh?: boolean; done: () => void }) {
	const { data } = useRead("list-sign-in-methods", {}, { every: false });
	const [away, setAway] = useState(false);
	const finish = useRef(done);
	finish.current = done;
	// The other tab gets a new session of the same browser. This page goes on as soon as that is there.
	useEffect(() => {
		if (!away) return;
		const look = async () => {
			const answer = await fetch(downloadURL("get-me", {}), { headers: { "Drawbridge-Background": "1" }, cache: "no-store" });
			if (!answer.ok) return;
			const account = (await answer.json()) as Account;
			if (fresh && !account.recent_proof) return;
			clearInterval(timer);
			if (account.operator?.id === operator.id) finish.current();
			else location.reload();
		};
		const timer = setInterval(() => void look().catch(() => undefined), 1_000);
		return () => clearInterval(timer);
	}, [away, fresh, operator.id]);
	if (!data?.oidc) return null;
	return (
		<p className="about">
			Without a password here:{" "}
			<a href={downloadURL("begin-oidc", { query: fresh ? { fresh } : {} })} target="_blank" rel="noopener" onClick={() => setAway(true)}>
				sign in with {data.oidc.label}
			</a>{" "}
			in another tab, and come back. What you have entered here is kept.
			{away && <span role="status"> Waiting for the other tab.</span>}
		</p>
	);
}

/** Warns two minutes before the session ends. */
function Ending({ account }: { account: Account }) {
	const cache = useQueryClient();
	const ends = Math.min(...[account.idle_until, account.expires].map((at) => (at ? Date.parse(at) : Number.POSITIVE_INFINITY)));
	const last = account.expires ? Date.parse(account.expires) <= ends : false;
	const [left, setLeft] = useState(Number.POSITIVE_INFINITY);
	useEffect(() => {
		const look = () => setLeft(ends - now());
		look();
		const timer = setInterval(look, 1000);
		return () => clearInterval(timer);
	}, [ends]);
	const [told, setTold] = useState(0);
	const stay = () => {
		if (last) setTold(ends);
		else void cache.invalidateQueries({ queryKey: keyOf("get-me") });
	};
	const open = left > 0 && left < 120_000 && told !== ends;
	return (
		<Box title="You will be signed out soon" open={open} close={stay} alert>
			<p>
				{last
					? "Your session reaches its maximum length. Save your work, and sign in again afterwards."
					: `You have not used the console for a while. You are signed out in ${Math.max(1, Math.ceil(left / 1000))} seconds.`}
			</p>
			<div className="form-foot">
				<Action look="primary" onPress={stay} autoFocus>
					{last ? "I understand" : "Stay signed in"}
				</Action>
			</div>
		</Box>
	);
}
