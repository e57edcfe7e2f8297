// Sign-in through an OpenID provider, which the test itself is.
import { createSign, generateKeyPairSync, type KeyObject, randomUUID } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { accessible, expect, test } from "./test.ts";

/** A provider that lets one person in without asking. */
class Provider {
	email = "barbara@msp.example";
	/** Whether it says when it asked, and how long ago that was, in seconds. */
	says = true;
	ago = 0;
	private nonce = "";
	private readonly key: KeyObject;
	private readonly keys: object;
	private readonly server: Server;

	constructor(readonly port: number) {
		const pair = generateKeyPairSync("rsa", { modulusLength: 2048 });
		this.key = pair.privateKey;
		this.keys = { keys: [{ ...pair.publicKey.export({ format: "jwk" }), kid: "one", alg: "RS256", use: "sig" }] };
		this.server = createServer((req, res) => {
			const url = new URL(req.url ?? "/", this.url);
			if (url.pathname === "/authorize") {
				this.nonce = url.searchParams.get("nonce") ?? "";
				const back = new URL(url.searchParams.get("redirect_uri") ?? "");
				back.searchParams.set("state", url.searchParams.get("state") ?? "");
				back.searchParams.set("code", randomUUID());
				res.writeHead(302, { Location: back.href }).end();
				return;
			}
			res.setHeader("Content-Type", "application/json");
			res.end(JSON.stringify(this.answer(url.pathname)));
		}).listen(port, "127.0.0.1");
	}

	get url(): string {
		return `http://localhost:${this.port}`; // another site than the console's, as a provider is
	}

	private answer(path: string): object {
		switch (path) {
			case "/.well-known/openid-configuration":
				return {
					issuer: this.url,
					authorization_endpoint: `${this.url}/authorize`,
					token_endpoint: `${this.url}/token`,
					jwks_uri: `${this.url}/keys`,
					response_types_supported: ["code"],
					id_token_signing_alg_values_supported: ["RS256"],
				};
			case "/keys":
				return this.keys;
			default:
				return { access_token: "x", token_type: "Bearer", id_token: this.token() };
		}
	}

	private token(): string {
		const now = Math.floor(Date.now() / 1000);
		const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
		const claims = {
			iss: this.url,
			aud: "console",
			sub: this.email,
			email: this.email,
			email_verified: true,
			nonce: this.nonce,
			iat: now,
			exp: now + 300,
			...(this.says ? { auth_time: now - this.ago } : {}),
		};
		const text = `${part({ alg: "RS256", kid: "one" })}.${part(claims)}`;
		return `${text}.${createSign("RSA-SHA256").update(text).sign(this.key).toString("base64url")}`;
	}

	stop(): void {
		this.server.close();
		this.server.closeAllConnections();
	}
}

async function free(): Promise<number> {
	const probe = createServer();
	await new Promise<void>((done) => probe.listen(0, "127.0.0.1", done));
	const { port } = probe.address() as AddressInfo;
	await new Promise((done) => probe.close(done));
	return port;
}

// The file is read once for each process that runs tests: the port stays the same in all of them.
process.env.OIDC_PORT ||= String(await free());
const port = Number(process.env.OIDC_PORT);

test.use({
	copy: "oidc",
	env: {
		DRAWBRIDGE_API_OIDC_ISSUER: `http://localhost:${port}`,
		DRAWBRIDGE_API_OIDC_CLIENT_ID: "console",
		DRAWBRIDGE_API_OIDC_CLIENT_SECRET: "a secret of the test",
		DRAWBRIDGE_API_OIDC_DOMAINS: "msp.example",
		DRAWBRIDGE_OUTBOUND_ALLOW: "127.0.0.0/8,::1/128",
	},
});

test("begins at a button and ends in the console; a failure ends on the sign-in page with the reason", async ({ page, server, faults }) => {
	faults.allow(/status of 401/);
	const provider = new Provider(port);
	try {
		provider.email = "stranger@msp.example";
		await page.goto(`${server.url}/console/`);
		await page.getByRole("link", { name: /Sign in with localhost/ }).click();
		await expect(page).toHaveURL(/\/console\/sign-in#oidc=operator$/);
		await expect(page.getByText("There is no administrator with your address here", { exact: false })).toBeVisible();

		provider.email = "barbara@msp.example";
		await page.getByRole("link", { name: /Sign in with/ }).click();
		await expect(page.getByRole("heading", { name: /^Good .*, Barbara$/ })).toBeVisible();
		await expect(page).toHaveURL(/\/console\/$/);

		// A made-up sentence in the address is not shown.
		await page.getByRole("button", { name: "My account" }).click();
		await page.getByRole("menuitem", { name: "Sign out" }).click();
		await page.goto("about:blank");
		await page.goto(`${server.url}/console/sign-in#oidc=Call%20this%20number`);
		await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
		await expect(page.getByText("Call this number")).toHaveCount(0);
	} finally {
		provider.stop();
	}
});

test("an operator without a password proves who they are in another tab, and goes on", async ({ page, context, server, faults }) => {
	faults.allow(/status of 40[13]/);
	const provider = new Provider(port);
	try {
		// The provider lets them in without a question: it asked an hour ago.
		provider.email = "edsger@msp.example";
		provider.ago = 3600;
		await page.goto(`${server.url}/console/`);
		await page.getByRole("link", { name: /Sign in with/ }).click();
		await expect(page.getByRole("heading", { name: /^Good .*, Edsger$/ })).toBeVisible();
		await page.goto(`${server.url}/console/administrators`);
		await page
			.getByRole("row", { name: /Donald/ })
			.getByRole("button", { name: /Donald/ })
			.click();
		await page.getByRole("dialog").getByRole("button", { name: "Suspend", exact: true }).click();
		const suspend = page.getByRole("alertdialog");
		await suspend.getByLabel("Reason").fill("left the team");
		await suspend.getByRole("button", { name: "Suspend" }).click();
		const proof = page.getByRole("dialog", { name: "Show that it is you" });
		await accessible(page, "proof by a provider");

		// It does not ask, or does not say that it asked: that is no proof.
		provider.says = false;
		const refused = context.waitForEvent("page");
		await proof.getByRole("link", { name: /sign in with/ }).click();
		const first = await refused;
		await expect(first.getByText("The provider did not ask again who you are", { exact: false })).toBeVisible();
		await first.close();
		await expect(proof).toBeVisible();

		provider.says = true;
		provider.ago = 0;
		const opened = context.waitForEvent("page");
		await proof.getByRole("link", { name: /sign in with/ }).click();
		const other = await opened;
		await expect(other.getByRole("heading", { name: /^Good .*, Edsger$/ })).toBeVisible();
		await other.close();
		await expect(proof).toBeHidden();
		// What was typed was kept, and it was done once.
		await expect(suspend).toBeHidden();
		const lines = await server.do("GET", "/audit/search?action=operator.suspend");
		expect(lines.items.filter((line: any) => line.actor.name === "Edsger Dijkstra").map((line: any) => line.reason)).toEqual([
			"left the team",
		]);
	} finally {
		provider.stop();
	}
});
