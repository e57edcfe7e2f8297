// The one place that calls the operator API. What all calls have in common is done here: idempotency keys, ETags, a proof that is
// asked for again, a session that has ended, a server that does not answer.

import { heard } from "../parts/clock.ts";
import { forConsole } from "../parts/words.ts";
import { takeFirst } from "./first.ts";
import { creates, type Operations, type Preview, type Problem, type ProblemField, routes } from "./schema.ts";

export type Operation = keyof Operations;

/** What a call takes. version becomes If-Match, key becomes Idempotency-Key. */
export interface Ask<O extends Operation> {
	path?: Operations[O]["path"];
	query?: Operations[O]["query"];
	body?: Operations[O]["body"];
	version?: number;
	key?: string;
	signal?: AbortSignal;
}

export type Answer<O extends Operation> = Operations[O]["answer"];

/** A call that failed. code is the API's, or "unreachable" where no answer came. */
export class Failure extends Error {
	readonly status: number;
	readonly code: string;
	readonly field: string;
	readonly rule: string;
	readonly request: string;
	readonly retryAfter: number;
	readonly fields: ProblemField[];

	constructor(status: number, problem: Partial<Problem>) {
		super(forConsole(problem.detail || problem.title || "") || `The server answered ${status}.`);
		this.status = status;
		this.code = problem.code ?? "";
		this.field = problem.field ?? "";
		this.rule = problem.rule ?? "";
		this.request = problem.request ?? "";
		this.retryAfter = problem.retry_after ?? 0;
		this.fields = problem.errors ?? [];
	}

	/** No answer came: the server is away, or the network is. */
	get unreachable(): boolean {
		return this.code === "unreachable";
	}

	/** The same call may succeed later without a change of its content. */
	get passing(): boolean {
		return this.unreachable || this.status === 429 || this.status === 503 || this.status >= 500;
	}
}

/** Makes a failure of what was thrown. */
export function failureOf(error: unknown): Failure {
	if (error instanceof Failure) return error;
	return new Failure(0, { code: "internal", detail: error instanceof Error ? error.message : String(error) });
}

/** What the shell does when a call needs a person. Each gives true if the call is to be repeated. */
export interface Shell {
	/** A dangerous call wants a fresh proof. */
	prove(): Promise<boolean>;
	/** The session has ended. */
	signIn(): Promise<boolean>;
	/** A second factor is required and missing. */
	enrol(): void;
}

let shell: Shell | undefined;

/** The shell registers itself here; before that, a call that needs a person fails. */
export function register(to: Shell | undefined): void {
	shell = to;
}

/** When a person last did something. Calls that no person asked for must not keep a session alive. */
let touched = Date.now();
for (const kind of ["pointerdown", "keydown", "wheel"]) {
	addEventListener(
		kind,
		() => {
			touched = Date.now();
		},
		{ capture: true, passive: true },
	);
}

const attention = 15_000;

/** Whether a person did something lately. */
export function attended(): boolean {
	return Date.now() - touched < attention;
}

// ---- whether the server answers

let away: number | undefined;
const listeners = new Set<() => void>();

/** Since when no call was answered; undefined: the last one was. */
export function awaySince(): number | undefined {
	return away;
}

/** Tells of each change of awaySince. The function that it gives ends that. */
export function watchServer(tell: () => void): () => void {
	listeners.add(tell);
	return () => listeners.delete(tell);
}

function answered(yes: boolean) {
	if (yes === (away === undefined)) return;
	away = yes ? undefined : Date.now();
	for (const tell of listeners) tell();
}

function address(operation: Operation, ask: { path?: object; query?: object }): { method: string; url: string } {
	const route = routes[operation];
	const space = route.indexOf(" ");
	const path = route
		.slice(space + 1)
		.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String((ask.path as Record<string, unknown>)[name] ?? "")));
	const query = new URLSearchParams();
	for (const [name, value] of Object.entries(ask.query ?? {})) {
		if (value !== undefined && value !== null && value !== "") query.set(name, String(value));
	}
	const text = query.toString();
	return { method: route.slice(0, space), url: `/api/v1${path}${text ? `?${text}` : ""}` };
}

/** The address of a file that the browser downloads by itself. */
export function downloadURL<O extends Operation>(operation: O, ask: Pick<Ask<O>, "path" | "query">): string {
	return address(operation, ask).url;
}

/** Sends bytes instead of JSON: a bundle. */
export interface Upload {
	upload: Blob;
}

/** Calls the API. The same key is sent however often the call is repeated here, so that nothing is created twice. */
export async function call<O extends Operation>(operation: O, ask: Ask<O> & Partial<Upload> = {}): Promise<Answer<O>> {
	const key = ask.key ?? (creates.has(operation) ? newKey() : undefined);
	for (let attempt = 0; ; attempt++) {
		try {
			return await once(operation, { ...ask, key });
		} catch (error) {
			if (attempt > 2 || !(error instanceof Failure) || !(await repeatable(operation, error))) throw error;
		}
	}
}

/** An operation that can say what it would do. */
export type Foreseeable = { [O in Operation]: Operations[O]["dry"] extends true ? O : never }[Operation];

/** Asks what a call would do. Nothing is done. */
export async function foresee<O extends Foreseeable>(operation: O, ask: Ask<O>): Promise<Preview> {
	const query = { ...ask.query, dry_run: true } as Ask<O>["query"];
	return (await once(operation, { ...ask, query })) as unknown as Preview;
}

async function repeatable(operation: Operation, failure: Failure): Promise<boolean> {
	if (!shell || operation === "sign-in" || operation === "prove-session") return false;
	if (failure.status === 401) return !(await signedIn()) && shell.signIn();
	if (failure.status === 403 && failure.field === "session") return shell.prove();
	if (failure.status === 403 && failure.rule === "O6" && operation !== "get-me") shell.enrol();
	return false;
}

/** Whether the session is alive. A call that asks for a password or a code is refused with 401, too, if that is wrong. */
function signedIn(): Promise<boolean> {
	return once("get-me", {}).then(
		() => true,
		() => false,
	);
}

async function once<O extends Operation>(operation: O, ask: Ask<O> & Partial<Upload>): Promise<Answer<O>> {
	const { method, url } = address(operation, ask);
	const headers = new Headers({ Accept: "application/json" });
	if (ask.key) headers.set("Idempotency-Key", ask.key);
	if (ask.version !== undefined) headers.set("If-Match", `"${ask.version}"`);
	if (!attended()) headers.set("Drawbridge-Background", "1");
	let body: BodyInit | undefined;
	if (ask.upload) {
		headers.set("Content-Type", "application/gzip");
		body = ask.upload;
	} else if (ask.body !== undefined) {
		headers.set("Content-Type", "application/json");
		body = JSON.stringify(ask.body);
	}
	let answer: Response;
	try {
		answer = await (takeFirst(operation) ??
			fetch(url, { method, headers, body, signal: ask.signal, credentials: "same-origin", cache: "no-store", redirect: "error" }));
	} catch (error) {
		if (ask.signal?.aborted) throw error;
		answered(false);
		throw new Failure(0, { code: "unreachable", detail: unreachable(method) });
	}
	answered(true);
	heard(answer.headers.get("Date"));
	if (!answer.ok) throw new Failure(answer.status, await problem(answer));
	if (answer.status === 204) return undefined as Answer<O>;
	try {
		return (await answer.json()) as Answer<O>;
	} catch {
		throw new Failure(answer.status, {
			code: "internal",
			detail: "The answer of the server was cut off. Load the page again to see what is so.",
		});
	}
}

function unreachable(method: string): string {
	if (method === "GET") return "The server does not answer. It may be restarting, or the network is down.";
	return "The server does not answer, so it is not known whether this was done. Repeat it when the server is back: what was done already is not done twice.";
}

async function problem(answer: Response): Promise<Partial<Problem>> {
	const retry = Number(answer.headers.get("Retry-After") ?? 0);
	const request = answer.headers.get("X-Request-Id") ?? "";
	try {
		const text = (await answer.json()) as Problem;
		return { ...text, request: text.request ?? request, retry_after: text.retry_after ?? retry };
	} catch {
		return { title: `The server answered ${answer.status}.`, request, retry_after: retry };
	}
}

/** A name for one thing that a person asks for. */
export function newKey(): string {
	const random = crypto.getRandomValues(new Uint8Array(16));
	return Array.from(random, (b) => b.toString(16).padStart(2, "0")).join("");
}
