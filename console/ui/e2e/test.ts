// What every test uses: a server of its own, operators to sign in as, and a page that fails the test on any fault in the browser.
import { type ChildProcess, spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type BrowserContext, test as base, type Cookie, expect, type Locator, type Page } from "@playwright/test";
import { binary, output } from "./stage.ts";

export { expect, type Locator, type Page };

export interface Player {
	email: string;
	password: string;
	role: string;
	name: string;
	secret?: string;
}

/** The six digits that an authenticator app shows. */
export function digits(secret: string, at = Date.now()): string {
	const bits = [...secret.replace(/=+$/, "")]
		.map((c) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c).toString(2).padStart(5, "0"))
		.join("");
	const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((b) => Number.parseInt(b, 2)));
	const counter = Buffer.alloc(8);
	counter.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)));
	const mac = createHmac("sha1", key).update(counter).digest();
	const offset = mac[19]! & 15;
	return String((mac.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

/** A running server on a copy of a data folder. */
export class Server {
	readonly data: string;
	private child: ChildProcess | undefined;
	private port = 0;
	private readonly env: Record<string, string>;
	readonly players: Player[];
	/** The secret of an invitation that was not accepted in time. */
	readonly expiredLink: string;

	constructor(story: string, env: Record<string, string> = {}) {
		this.data = mkdtempSync(join(tmpdir(), "console-"));
		cpSync(`${output}/${story}`, this.data, { recursive: true, filter: (path) => !path.endsWith(".sock") });
		const told = JSON.parse(readFileSync(`${output}/${story}.json`, "utf8"));
		this.players = told.operators;
		this.expiredLink = told.expired_link;
		this.env = env;
	}

	get url(): string {
		return `http://127.0.0.1:${this.port}`;
	}

	async start(): Promise<void> {
		this.port ||= await freePort();
		const pages = process.env.KEEP_BINARY ? ["--console-dir", resolve(import.meta.dirname, "..")] : [];
		this.child = spawn(binary, ["serve", "--data", this.data, "--listen", `127.0.0.1:${this.port}`, ...pages], {
			stdio: ["ignore", "ignore", "pipe"],
			env: {
				...process.env,
				DRAWBRIDGE_API_ENABLED: "true",
				DRAWBRIDGE_REGION: "eu",
				DRAWBRIDGE_MAIL_HOST: "127.0.0.1",
				DRAWBRIDGE_MAIL_PORT: "9",
				DRAWBRIDGE_MAIL_TLS: "none",
				DRAWBRIDGE_MAIL_FROM: "drawbridge@msp.example",
				...this.env,
			},
		});
		let log = "";
		await new Promise<void>((done, failed) => {
			this.child?.stderr?.on("data", (text) => {
				log += text;
				if (log.includes("msg=ready")) done();
			});
			this.child?.on("exit", () => failed(new Error(`the server ended:\n${log}`)));
		});
	}

	async stop(): Promise<void> {
		const child = this.child;
		this.child = undefined;
		if (!child) return;
		child.removeAllListeners("exit");
		await new Promise<void>((done) => {
			child.on("exit", () => done());
			child.kill("SIGTERM");
		});
	}

	remove(): void {
		rmSync(this.data, { recursive: true, force: true });
	}

	player(who: string): Player {
		const found = this.players.find((p) => p.email.startsWith(`${who}@`) || p.role === who);
		if (!found) throw new Error(`there is no ${who}`);
		return found;
	}

	/** Calls the operator API as the local Owner. */
	do(method: string, path: string, body?: unknown): Promise<any> {
		return new Promise((done, failed) => {
			const text = body === undefined ? undefined : JSON.stringify(body);
			const req = request(
				{
					socketPath: join(this.data, "drawbridge.sock"),
					method,
					path: `/api/v1${path}`,
					headers: text ? { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(text) } : {},
				},
				(res) => {
					let answer = "";
					res.on("data", (part) => {
						answer += part;
					});
					res.on("end", () => {
						if ((res.statusCode ?? 500) >= 400) failed(new Error(`${method} ${path}: ${res.statusCode} ${answer}`));
						else done(answer ? JSON.parse(answer) : undefined);
					});
				},
			);
			req.on("error", failed);
			req.end(text);
		});
	}

	private codes = new Map<string, number>();

	/** A code of a player's second factor that was not used before: a code counts once. */
	async code(player: Player): Promise<string> {
		if (!player.secret) return "";
		const now = () => Math.floor(Date.now() / 30_000);
		const step = Math.max(now(), (this.codes.get(player.email) ?? 0) + 1);
		// One step before or after the clock is accepted, so a code of now may be typed late. Beyond the next one the test waits.
		while (step > now() + 1) await new Promise((done) => setTimeout(done, 500));
		this.codes.set(player.email, step);
		return digits(player.secret, step * 30_000);
	}

	private sessions = new Map<string, Session>();

	/**
	 * Signs a browser in without the sign-in page. The tests of a server share one session of each operator while it is fresh: a code of
	 * the second factor counts once, so that each further sign-in would wait for the next half minute.
	 */
	async signIn(context: BrowserContext, who: string): Promise<void> {
		const session = this.sessions.get(who);
		if (session && Date.now() - session.at < fresh) {
			await context.addCookies(session.cookies);
			if ((await context.request.get(`${this.url}/api/v1/me`)).ok()) return;
			await context.clearCookies();
		}
		await this.openSession(context, this.player(who));
		this.sessions.set(who, { cookies: await context.cookies(), at: Date.now() });
	}

	private async openSession(context: BrowserContext, p: Player): Promise<void> {
		const ask = async () =>
			context.request.post(`${this.url}/api/v1/session`, {
				data: { email: p.email, password: p.password, ...(p.secret ? { code: await this.code(p) } : {}) },
			});
		let answer = await ask();
		// On a busy machine a code can be too old when it arrives.
		if (answer.status() === 401 && p.secret) answer = await ask();
		if (!answer.ok()) throw new Error(`${p.email} cannot sign in: ${answer.status()} ${await answer.text()}`);
	}
}

/** How long a session is shared. The server counts it as proof for dangerous actions for ten minutes. */
const fresh = 5 * 60_000;

interface Session {
	cookies: Cookie[];
	at: number;
}

async function freePort(): Promise<number> {
	const probe = createServer();
	await new Promise<void>((done) => probe.listen(0, "127.0.0.1", done));
	const { port } = probe.address() as AddressInfo;
	await new Promise((done) => probe.close(done));
	return port;
}

/** Faults of the page that the browser reports. */
export class Faults {
	readonly found: string[] = [];
	private allowed: RegExp[] = [];

	/** A fault that the test brings about. */
	allow(...patterns: RegExp[]) {
		this.allowed.push(...patterns);
	}

	add(text: string) {
		this.found.push(text);
	}

	check() {
		expect(
			this.found.filter((text) => !this.allowed.some((a) => a.test(text))),
			"the browser reported faults",
		).toEqual([]);
	}
}

function watch(page: Page, faults: Faults) {
	page.on("console", (message) => {
		if (message.type() === "error" || message.type() === "warning") faults.add(`console ${message.type()}: ${message.text()}`);
	});
	page.on("pageerror", (error) => faults.add(`uncaught: ${error.stack ?? error}`));
}

interface Own {
	faults: Faults;
	/** Opens a page of the console as an operator. */
	open: (who: string, path: string) => Promise<Page>;
}

interface Shared {
	/** Names the tests that share a server. */
	copy: string;
	story: string;
	env: Record<string, string>;
	server: Server;
}

export const test = base.extend<Own, Shared>({
	copy: ["", { option: true, scope: "worker" }],
	story: ["story", { option: true, scope: "worker" }],
	env: [{}, { option: true, scope: "worker" }],
	server: [
		async ({ copy, story, env }, use) => {
			void copy;
			const server = new Server(story, env);
			await server.start();
			await use(server);
			await server.stop();
			server.remove();
		},
		{ scope: "worker" },
	],
	// biome-ignore lint/correctness/noEmptyPattern: Playwright wants it so
	faults: async ({}, use) => {
		const faults = new Faults();
		await use(faults);
		faults.check();
	},
	page: async ({ page, faults }, use) => {
		await page.addInitScript(() => {
			addEventListener("securitypolicyviolation", (event) =>
				console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`),
			);
		});
		watch(page, faults);
		await use(page);
	},
	open: async ({ page, context, server }, use) => {
		await use(async (who, path) => {
			await server.signIn(context, who);
			await page.goto(`${server.url}/console${path}`);
			return page;
		});
	},
});

const axe = readFileSync(new URL("../node_modules/axe-core/axe.min.js", import.meta.url), "utf8");

/** No violation of WCAG 2.2 AA, nor of the best practices of axe, on what is shown, in both themes. */
export async function accessible(page: Page, where: string): Promise<void> {
	for (const theme of ["light", "dark"] as const) expect(await violations(page, theme), `${where}, ${theme}`).toEqual([]);
	await page.emulateMedia({ colorScheme: "light" });
	await pictures(page, where);
}

/** The violations of WCAG 2.2 AA and of best practices on the page, or in a part of it, in one theme. */
export async function violations(page: Page, theme: "light" | "dark", part?: Locator): Promise<string[]> {
	if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe);
	await page.emulateMedia({ colorScheme: theme });
	return (part ?? page.locator(":root")).evaluate(async (root) => {
		const result = await (window as any).axe.run(root, {
			resultTypes: ["violations", "incomplete"],
			runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
			// The library puts a hidden button that closes a popover beside the dialog in it, outside all landmarks.
			rules: { region: { enabled: !document.querySelector(".popover") } },
		});
		// Of what is hidden under an open dialog, axe itself does not decide.
		const undecided = result.incomplete.filter((v: any) => v.id === "aria-hidden-focus");
		return [...result.violations, ...undecided].flatMap((v: any) =>
			v.nodes.map((n: any) => `${v.id}: ${n.html.slice(0, 160)} — ${n.failureSummary?.split("\n")[1]?.trim() ?? ""}`),
		);
	});
}

/** The widths at which pages are looked at. */
export const widths = { wide: 1440, laptop: 1024, phone: 390 };

/** With PICTURES=folder: what is shown, at three widths and in both themes, for a developer to look at. */
export async function pictures(page: Page, name: string): Promise<void> {
	const folder = process.env.PICTURES;
	if (!folder) return;
	mkdirSync(folder, { recursive: true });
	const before = page.viewportSize();
	const above = await page.locator("[role=dialog], [role=alertdialog]").count(); // it is as high as the window
	for (const theme of ["light", "dark"] as const) {
		await page.emulateMedia({ colorScheme: theme });
		for (const [width, pixels] of Object.entries(widths)) {
			await page.setViewportSize({ width: pixels, height: 900 });
			await page.screenshot({ path: `${folder}/${name.replace(/\W+/g, "-")}-${width}-${theme}.png`, fullPage: !above });
		}
	}
	await page.emulateMedia({ colorScheme: "light" });
	if (before) await page.setViewportSize(before);
}
