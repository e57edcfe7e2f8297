import { generateKeyPairSync } from "node:crypto";
import { createServer, type Server as Listener } from "node:http";
import { accessible, expect, test } from "./test.ts";

const port = 20_000 + (process.pid % 20_000);

test.use({
	copy: "pull",
	env: { DRAWBRIDGE_GOOGLE_ENDPOINT: `http://127.0.0.1:${port}`, DRAWBRIDGE_GOOGLE_EVERY: "24h", DRAWBRIDGE_OUTBOUND_ALLOW: "127.0.0.0/8" },
});

/** A directory of three people, or one that answers nothing but 403. */
let directory: Listener;
let broken = false;

test.beforeAll(async () => {
	const answers: Record<string, unknown> = {
		"/token": { access_token: "token", token_type: "Bearer", expires_in: 3600 },
		"/admin/directory/v1/users": {
			kind: "admin#directory#users",
			users: ["admin", "elaine", "george"].map((name) => ({
				id: `id-${name}`,
				customerId: "C01",
				primaryEmail: `${name}@vandelay.example`,
				name: { givenName: name, familyName: "B" },
				suspended: false,
			})),
		},
		"/admin/directory/v1/groups": { kind: "admin#directory#groups", groups: [] },
	};
	directory = createServer((request, response) => {
		const url = new URL(request.url ?? "/", "http://x");
		const answer = url.searchParams.get("showDeleted") === "true" ? { kind: "admin#directory#users", users: [] } : answers[url.pathname];
		const fails = broken && url.pathname !== "/token";
		response.writeHead(fails ? 403 : answer ? 200 : 404, { "Content-Type": "application/json" });
		response.end(
			JSON.stringify(fails ? { error: { code: 403, message: "Not Authorized", errors: [{ reason: "forbidden" }] } } : (answer ?? {})),
		);
	});
	await new Promise<void>((done) => directory.listen(port, "127.0.0.1", done));
});

test.afterAll(() => directory.close());

test("previews a run, makes it, and changes what is read", async ({ open, server, faults }) => {
	// The job that reads directories by itself must not come in between.
	const ran = async () => (await server.do("GET", "/jobs")).items.find((j: any) => j.name === "pull")?.last_run;
	await expect.poll(ran, { timeout: 90_000 }).toBeTruthy();
	const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
	await server.do("POST", "/connections", {
		tenant: "vandelay",
		type: "google-directory",
		google: {
			admin: "admin@vandelay.example",
			credentials: JSON.stringify({
				type: "service_account",
				project_id: "bridge",
				private_key_id: "key-1",
				private_key: privateKey.export({ type: "pkcs8", format: "pem" }),
				client_email: "bridge@project.example",
				client_id: "1",
			}),
		},
	});
	const people = async () => (await server.do("GET", "/tenants/vandelay/users?q=elaine")).items.length;
	const page = await open("ada", "/connections/vandelay-google-directory");
	await page.getByRole("navigation", { name: "Sections of the connection" }).getByRole("link", { name: "Runs" }).click();
	await page.getByRole("button", { name: "Preview" }).click();
	await expect(page.getByText("This is a preview. Nothing was written.")).toBeVisible();
	await expect(page.getByRole("row", { name: /elaine@vandelay\.example/ })).toContainText("Would be created");
	await expect(page.getByText(/After it, \d+ would be\./)).toBeVisible();
	expect(await people()).toBe(0);
	await accessible(page, "preview of a run");
	await page.getByRole("button", { name: "Sync now" }).click();
	const dialog = page.getByRole("dialog", { name: /Read the directory/ });
	await dialog.getByRole("button", { name: "Sync now" }).click();
	await expect(page.getByText("The run is complete.")).toBeVisible();
	expect(await people()).toBe(1);

	broken = true;
	faults.allow(/status of 4/);
	await page.getByRole("button", { name: "Check" }).click();
	await expect(page.getByText("A run cannot succeed like this.", { exact: false })).toBeVisible();
	await expect(page.getByText("the setting “Administrator” must name one", { exact: false }).first()).toBeVisible();
	await accessible(page, "a check that found a problem");
	await page.getByRole("button", { name: "Sync now" }).click();
	await dialog.getByRole("button", { name: "Sync now" }).click();
	await expect(page.getByText("The run is void", { exact: false })).toBeVisible();
	expect(await people()).toBe(1);

	await page.getByRole("link", { name: "Change" }).click();
	await page.getByRole("textbox", { name: /^People/ }).fill("orgUnitPath='/Sales'");
	await page.getByRole("button", { name: "Save" }).click();
	await expect(page.getByText(/^Saved\./)).toBeVisible();
	await accessible(page, "what is read");
	expect((await server.do("GET", "/connections/vandelay-google-directory")).google.query).toBe("orgUnitPath='/Sales'");

	await page.getByRole("navigation", { name: "Sections of the connection" }).getByRole("link", { name: "Observe" }).click();
	await page.getByRole("button", { name: "Start to observe" }).click();
	await expect(page.getByText("Start a run on the tab Runs", { exact: false })).toBeVisible();
	await accessible(page, "a directory that is observed");
	await server.do("DELETE", "/connections/vandelay-google-directory/observation");
});
