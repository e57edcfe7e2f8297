import { accessible, digits, expect, test } from "./test.ts";

test.use({ copy: "session" });

const refused = /status of 40[134]/;

test("signs in with a second factor, and every wrong answer reads the same", async ({ page, server, faults }) => {
	faults.allow(refused);
	const ada = server.player("ada");
	await page.goto(`${server.url}/console/companies?q=north`);
	await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
	await accessible(page, "sign-in");

	await page.getByLabel("E-mail").fill("unknown@msp.example");
	await page.getByRole("textbox", { name: "Password" }).fill("wrong password here");
	await page.getByRole("button", { name: "Sign in" }).click();
	const unknown = await page.getByRole("alert").innerText();
	await page.getByLabel("E-mail").fill(ada.email);
	await page.getByRole("button", { name: "Sign in" }).click();
	// Only the id of the request may differ.
	await expect(async () => {
		const known = await page.getByRole("alert").innerText();
		expect(known.replace(/Request\s+\S+/, "")).toBe(unknown.replace(/Request\s+\S+/, ""));
		expect(known).not.toBe(unknown);
	}).toPass();
	await expect(page.getByLabel("E-mail")).toHaveValue(ada.email);

	await page.getByRole("textbox", { name: "Password" }).fill(ada.password);
	await page.getByRole("button", { name: "Sign in" }).click();
	await expect(page.getByRole("heading", { name: "Second factor" })).toBeVisible();
	await accessible(page, "second factor");
	await page.getByLabel("Six digits").fill("000000");
	await page.getByRole("button", { name: "Sign in" }).click();
	await expect(page.getByRole("alert").or(page.locator(".field-error"))).toBeVisible();
	await page.getByLabel("Six digits").fill(await server.code(ada));
	await page.getByRole("button", { name: "Sign in" }).click();
	// The page that was asked for, with its filter.
	await expect(page.getByRole("heading", { name: "Companies" })).toBeVisible();
	await expect(page.getByLabel("Search companies")).toHaveValue("north");
});

test("signs out, and the page before is gone", async ({ open, server, faults }) => {
	faults.allow(refused);
	const page = await open("barbara", "/companies");
	await page.getByRole("button", { name: "My account" }).click();
	await page.getByRole("menuitem", { name: "Sign out" }).click();
	await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
	await page.goto(`${server.url}/console/companies`);
	await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
});

test("asks for a forgotten password without saying whether there is an account", async ({ page, server, faults }) => {
	faults.allow(refused);
	await page.goto(`${server.url}/console/sign-in`);
	await page.getByRole("button", { name: "Forgot password" }).click();
	await page.getByLabel("E-mail").fill("unknown@msp.example");
	await page.getByRole("button", { name: "Send the link" }).click();
	await expect(page.getByRole("status").filter({ hasText: "If an operator" })).toBeVisible();
});

test("enrols a second factor that is required, and shows ten recovery codes once", async ({ page, server, faults }) => {
	faults.allow(refused);
	const made = await server.do("POST", "/operators", {
		first_name: "Tim",
		last_name: "Lee",
		email: "tim@msp.example",
		role: "technician",
		all_tenants: true,
		mfa_required: true,
		show_link: true,
	});
	await page.goto(`${server.url}/console/link#${made.secret}`);
	await expect(page.getByRole("heading", { name: "Accept your invitation" })).toBeVisible();
	await expect(page.getByText("Tim Lee")).toBeVisible();
	await accessible(page, "invitation");
	await page.getByRole("textbox", { name: "Password" }).fill("short");
	await page.getByRole("button", { name: "Register" }).click();
	await expect(page.locator(".field-error")).toContainText("12");
	faults.allow(/status of 422/);
	await page.getByRole("textbox", { name: "Password" }).fill("correct horse battery staple");
	await page.getByRole("button", { name: "Register" }).click();
	await page.getByRole("button", { name: "Sign in" }).click();
	await page.getByLabel("E-mail").fill("tim@msp.example");
	await page.getByRole("textbox", { name: "Password" }).fill("correct horse battery staple");
	await page.getByRole("button", { name: "Sign in" }).click();

	await expect(page.getByRole("heading", { name: "Set up a second factor" })).toBeVisible();
	const picture = page.getByRole("img", { name: /QR code/ });
	await expect(picture).toBeVisible();
	expect(await picture.evaluate((img: HTMLImageElement) => img.naturalWidth)).toBeGreaterThan(100);
	await accessible(page, "enrolment");
	const secret = (await picture.getAttribute("alt"))?.split(" ").pop() ?? "";
	await page.getByLabel(/six digits/).fill(digits(secret));
	await page.getByRole("button", { name: "Confirm" }).click();
	await expect(page.getByRole("list", { name: "Recovery codes" }).getByRole("listitem")).toHaveCount(10);
	await accessible(page, "recovery codes");
	const codes = await page.getByRole("list", { name: "Recovery codes" }).getByRole("listitem").allInnerTexts();
	await expect(page.getByRole("button", { name: "Done" })).toHaveAttribute("aria-disabled", "true");
	await page.getByLabel("I have stored the codes").check({ force: true });
	await page.getByRole("button", { name: "Done" }).click();
	await expect(page.getByRole("navigation", { name: "Main" })).toBeVisible();

	// A recovery code opens the door once.
	await page.getByRole("button", { name: "My account" }).click();
	await page.getByRole("menuitem", { name: "Sign out" }).click();
	await page.getByLabel("E-mail").fill("tim@msp.example");
	await page.getByRole("textbox", { name: "Password" }).fill("correct horse battery staple");
	await page.getByRole("button", { name: "Sign in" }).click();
	await page.getByRole("button", { name: "Use a recovery code" }).click();
	await page.getByLabel("Recovery code").fill(codes[0] ?? "");
	await page.getByRole("button", { name: "Sign in" }).click();
	await expect(page.getByRole("navigation", { name: "Main" })).toBeVisible();
});

test("a link that was used, has expired, or was never one, leads to a page that says what to do", async ({ page, server, faults }) => {
	faults.allow(refused);
	const made = await server.do("POST", `/operators/${encodeURIComponent("alan@msp.example")}/links`, {
		kind: "password_reset",
		show_link: true,
	});
	await page.goto(`${server.url}/console/link#${made.secret}`);
	await page.getByRole("textbox", { name: "Password" }).fill("another horse battery staple");
	await page.getByRole("button", { name: "Set the password" }).click();
	await expect(page.getByRole("heading", { name: "Done" })).toBeVisible();
	expect(page.url()).not.toContain(made.secret);
	for (const secret of [made.secret, server.expiredLink, "dbl_wrong", "", "%3Cscript%3E"]) {
		await page.goto("about:blank");
		await page.goto(`${server.url}/console/link#${secret}`);
		await expect(page.getByRole("heading", { name: "This link does not work" })).toBeVisible();
	}
	await accessible(page, "link that does not work");
});

test("a browser is led from the bare address and from a link of the API to a page", async ({ page, server, faults }) => {
	faults.allow(refused);
	await page.goto(`${server.url}/`);
	await expect(page).toHaveURL(/\/console\/$/);
	await page.goto(`${server.url}/api/v1/links/dbl_none`);
	await expect(page).toHaveURL(/\/console\/link#dbl_none$/);
	await expect(page.getByRole("heading", { name: "This link does not work" })).toBeVisible();
});

test("an ended session asks for the password and goes on where it was", async ({ open, server, faults }) => {
	faults.allow(refused);
	const page = await open("barbara", "/companies/northwind");
	await page.getByRole("button", { name: "Launch" }).click();
	await page.getByLabel("Reason").fill("Ticket 4711");
	// A background read must not notice the end of the session before the click.
	const api = "**/api/v1/**";
	await page.route(api, (route) => (route.request().method() === "GET" ? route.abort() : route.continue()));
	faults.allow(/ERR_FAILED/);
	await server.do("DELETE", `/operators/${encodeURIComponent("barbara@msp.example")}/sessions`);
	await page.getByRole("dialog").getByRole("button", { name: "Launch" }).click();
	const again = page.getByRole("dialog", { name: "Your session has ended" });
	await expect(again).toBeVisible();
	await page.unroute(api);
	await accessible(page, "session has ended");
	await again.getByRole("textbox", { name: "Password" }).fill(server.player("barbara").password);
	await again.getByRole("button", { name: "Sign in" }).click();
	await expect(page.getByRole("status").filter({ hasText: "Ticket 4711" })).toBeVisible();
	const entries = await server.do("GET", "/tenants/northwind/support-sessions");
	expect(entries.items).toHaveLength(1);
});

test("a restart of the server under the open page is told and got over", async ({ open, server, faults }) => {
	faults.allow(/Failed to load resource|ERR_/);
	const page = await open("margaret", "/companies");
	await expect(page.getByRole("table", { name: "Companies" })).toBeVisible();
	await server.stop();
	await page.getByLabel("Search companies").fill("north");
	await expect(page.getByText("The server does not answer.", { exact: false }).first()).toBeVisible();
	await expect(page.getByLabel("Search companies")).toHaveValue("north");
	await server.start();
	await expect(page.getByText("The console asks again every few seconds", { exact: false })).toBeHidden({ timeout: 15_000 });
	await expect(page.getByRole("row", { name: /Northwind/ })).toBeVisible();
	await expect(page.getByRole("row", { name: /Contoso/ })).toBeHidden();
});

test("a wrong password or code in a form is not taken for an ended session", async ({ open, faults }) => {
	faults.allow(refused);
	const page = await open("margaret", "/account");
	await page.getByLabel("Present password").fill("not the password");
	await page.getByLabel("New password").fill("another horse battery staple");
	await page.getByRole("button", { name: "Change the password" }).click();
	await expect(page.locator(".field-error")).toHaveText("the present password is wrong");
	await expect(page.getByRole("dialog")).toHaveCount(0);

	await open("ada", "/account");
	await page.getByRole("button", { name: "New recovery codes" }).click();
	const dialog = page.getByRole("dialog", { name: "New recovery codes" });
	await dialog.getByLabel("Six digits, or a recovery code").fill("000000");
	await dialog.getByRole("button", { name: "Make new ones" }).click();
	await expect(dialog.locator(".field-error")).toContainText("the code is wrong");
	await expect(page.getByRole("dialog")).toHaveCount(1);
});

test("a page whose files were not loaded yet waits for the server, and the console stays", async ({ open, server, faults }) => {
	faults.allow(/Failed to (load|fetch)|ERR_|uncaught|dynamically imported/);
	const page = await open("margaret", "/companies");
	await expect(page.getByRole("table", { name: "Companies" })).toBeVisible();
	await server.stop();
	await page.getByRole("button", { name: "Help" }).click();
	await expect(page.getByText("This could not be loaded, because the server does not answer.")).toBeVisible();
	await page.getByRole("link", { name: "Northwind Traders" }).click();
	await expect(page.getByRole("heading", { name: "This page could not be loaded" })).toBeVisible();
	await expect(page.getByRole("navigation", { name: "Main" })).toBeVisible();
	await accessible(page, "page that could not be loaded");
	await server.start();
	await expect(page.getByRole("heading", { name: "Northwind Traders" })).toBeVisible();
	await page.getByRole("button", { name: "Help" }).click();
	await expect(page.getByRole("dialog", { name: "Help" })).toBeVisible();
});

test("without JavaScript the page says so", async ({ browser, server }) => {
	const context = await browser.newContext({ javaScriptEnabled: false });
	const page = await context.newPage();
	await page.goto(`${server.url}/console/`);
	await expect(page.getByRole("heading", { name: "The console needs JavaScript" })).toBeVisible();
	await expect(page.getByText("Opening the console")).toBeHidden();
	await context.close();
});

test("an old browser is told that it is one", async ({ page, server, faults }) => {
	faults.allow(/.*/);
	await page.addInitScript(() => {
		HTMLScriptElement.supports = () => false;
	});
	await page.goto(`${server.url}/console/`);
	await expect(page.getByRole("heading", { name: "This browser is too old for the console" })).toBeVisible();
	await expect(page.getByText("Opening the console")).toBeHidden();
});

for (const [wrong, by, words] of [
	["slow", -3_600_000, /The clock of this computer is .+ the server's/],
	["fast", 3_600_000, /The clock of this computer is .+ ahead of the server's/],
] as const) {
	test(`a clock that is an hour ${wrong} is shown at the sign-in, and ends no session early`, async ({ page, server, faults }) => {
		faults.allow(refused);
		await page.clock.install({ time: Date.now() + by });
		await page.goto(`${server.url}/console/`);
		await expect(page.getByText(words)).toBeVisible();
		await server.signIn(page.context(), "margaret");
		await page.goto(`${server.url}/console/companies`);
		await expect(page.getByRole("table", { name: "Companies" })).toBeVisible();
		await expect(page.getByText("You will be signed out soon")).toHaveCount(0);
		// Times are by the clock of the server: what happened just now is neither an hour ago nor to come.
		await server.do("POST", "/tenants/contoso/appkeys", { name: `clock ${wrong}` });
		await page.goto(`${server.url}/console/companies/contoso/audit`);
		const line = page.getByRole("row", { name: /created the application key/ }).first();
		await expect(line.locator("time")).toHaveText(/just now|seconds? ago|minute/);
	});
}
