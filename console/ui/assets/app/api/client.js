import { heard } from "../parts/clock.js";
import { forConsole } from "../parts/words.js";
import { takeFirst } from "./first.js";
import { creates, routes } from "./schema.js";
export class Failure extends Error {
    status;
    code;
    field;
    rule;
    request;
    retryAfter;
    fields;
    constructor(status, problem) {
        super(forConsole(problem.detail || problem.title || "") || `The server answered ${status}.`);
        this.status = status;
        this.code = problem.code ?? "";
        this.field = problem.field ?? "";
        this.rule = problem.rule ?? "";
        this.request = problem.request ?? "";
        this.retryAfter = problem.retry_after ?? 0;
        this.fields = problem.errors ?? [];
    }
    get unreachable() {
        return this.code === "unreachable";
    }
    get passing() {
        return this.unreachable || this.status === 429 || this.status === 503 || this.status >= 500;
    }
}
export function failureOf(error) {
    if (error instanceof Failure)
        return error;
    return new Failure(0, { code: "internal", detail: error instanceof Error ? error.message : String(error) });
}
let shell;
export function register(to) {
    shell = to;
}
let touched = Date.now();
for (const kind of ["pointerdown", "keydown", "wheel"]) {
    addEventListener(kind, () => {
        touched = Date.now();
    }, { capture: true, passive: true });
}
const attention = 15_000;
export function attended() {
    return Date.now() - touched < attention;
}
let away;
const listeners = new Set();
export function awaySince() {
    return away;
}
export function watchServer(tell) {
    listeners.add(tell);
    return () => listeners.delete(tell);
}
function answered(yes) {
    if (yes === (away === undefined))
        return;
    away = yes ? undefined : Date.now();
    for (const tell of listeners)
        tell();
}
function address(operation, ask) {
    const route = routes[operation];
    const space = route.indexOf(" ");
    const path = route
        .slice(space + 1)
        .replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(String(ask.path[name] ?? "")));
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(ask.query ?? {})) {
        if (value !== undefined && value !== null && value !== "")
            query.set(name, String(value));
    }
    const text = query.toString();
    return { method: route.slice(0, space), url: `/api/v1${path}${text ? `?${text}` : ""}` };
}
export function downloadURL(operation, ask) {
    return address(operation, ask).url;
}
export async function call(operation, ask = {}) {
    const key = ask.key ?? (creates.has(operation) ? newKey() : undefined);
    for (let attempt = 0;; attempt++) {
        try {
            return await once(operation, { ...ask, key });
        }
        catch (error) {
            if (attempt > 2 || !(error instanceof Failure) || !(await repeatable(operation, error)))
                throw error;
        }
    }
}
export async function foresee(operation, ask) {
    const query = { ...ask.query, dry_run: true };
    return (await once(operation, { ...ask, query }));
}
async function repeatable(operation, failure) {
    if (!shell || operation === "sign-in" || operation === "prove-session")
        return false;
    if (failure.status === 401)
        return !(await signedIn()) && shell.signIn();
    if (failure.status === 403 && failure.field === "session")
        return shell.prove();
    if (failure.status === 403 && failure.rule === "O6" && operation !== "get-me")
        shell.enrol();
    return false;
}
function signedIn() {
    return once("get-me", {}).then(() => true, () => false);
}
async function once(operation, ask) {
    const { method, url } = address(operation, ask);
    const headers = new Headers({ Accept: "application/json" });
    if (ask.key)
        headers.set("Idempotency-Key", ask.key);
    if (ask.version !== undefined)
        headers.set("If-Match", `"${ask.version}"`);
    if (!attended())
        headers.set("Drawbridge-Background", "1");
    let body;
    if (ask.upload) {
        headers.set("Content-Type", "application/gzip");
        body = ask.upload;
    }
    else if (ask.body !== undefined) {
        headers.set("Content-Type", "application/json");
        body = JSON.stringify(ask.body);
    }
    let answer;
    try {
        answer = await (takeFirst(operation) ??
            fetch(url, { method, headers, body, signal: ask.signal, credentials: "same-origin", cache: "no-store", redirect: "error" }));
    }
    catch (error) {
        if (ask.signal?.aborted)
            throw error;
        answered(false);
        throw new Failure(0, { code: "unreachable", detail: unreachable(method) });
    }
    answered(true);
    heard(answer.headers.get("Date"));
    if (!answer.ok)
        throw new Failure(answer.status, await problem(answer));
    if (answer.status === 204)
        return undefined;
    try {
        return (await answer.json());
    }
    catch {
        throw new Failure(answer.status, {
            code: "internal",
            detail: "The answer of the server was cut off. Load the page again to see what is so.",
        });
    }
}
function unreachable(method) {
    if (method === "GET")
        return "The server does not answer. It may be restarting, or the network is down.";
    return "The server does not answer, so it is not known whether this was done. Repeat it when the server is back: what was done already is not done twice.";
}
async function problem(answer) {
    const retry = Number(answer.headers.get("Retry-After") ?? 0);
    const request = answer.headers.get("X-Request-Id") ?? "";
    try {
        const text = (await answer.json());
        return { ...text, request: text.request ?? request, retry_after: text.retry_after ?? retry };
    }
    catch {
        return { title: `The server answered ${answer.status}.`, request, retry_after: retry };
    }
}
export function newKey() {
    const random = crypto.getRandomValues(new Uint8Array(16));
    return Array.from(random, (b) => b.toString(16).padStart(2, "0")).join("");
}
