import { accessible, expect, test } from "./test.ts";

test.use({ copy: "operator" });

test("shows the eight columns, and filters by role and second factor", async ({ open }) => {
	const page = await open("ada", "/administrators");
	const table = page.getByRole("table", { name: "Administrators" });
	for (const name of [
		"Name",
		"E-mail",
		"Role",
		"Companies",
		"Status",
		"API key access",
		"MFA: requirement",
		"MFA: enrolment",
		"Last sign-in",
	]) {
		await expect(table.getByRole("columnheader", { name, exact: true })).toBeVisible();
	}
	await expect(table.getByRole("row", { name: /Radia Perlman/ })).toContainText("Missing");
	await page.getByRole("button", { name: "Second factor" }).click();
	await page.getByRole("option", { name: "Required and missing" }).click();
	await expect(page).toHaveURL(/mfa=missing/);
	await expect(table.getByRole("row")).toHaveCount(2);
	await page.getByRole("button", { name: "Clear all" }).click();
	await page.getByRole("button", { name: "Role" }).first().click();
	await page.getByRole("option", { name: "Technician" }).click();
	await expect(table.getByRole("row")).toHaveCount(3);
});

test("adds an administrator, whose link is shown once to an Owner", async ({ open, server }) => {
	const page = await open("ada", "/administrators");
	await page.getByRole("button", { name: "Add administrator" }).click();
	const panel = page.getByRole("dialog", { name: "Add an administrator" });
	await panel.getByLabel("First name").fill("Frances");
	await panel.getByLabel("Last name").fill("Allen");
	await panel.getByLabel("E-mail").fill("frances@msp.example");
	await panel.getByText("Show the link to me", { exact: false }).click();
	await panel.getByRole("button", { name: /^Add/ }).last().click();
	const link = page.getByRole("dialog", { name: "One-time link" });
	await expect(link.locator("code")).toContainText("/console/link#");
	await page.keyboard.press("Escape");
	await expect(link).toBeVisible();
	await link.getByText("I have stored it").click();
	await link.getByRole("button", { name: "Done" }).click();
	await expect(page.getByRole("row", { name: /Frances Allen/ })).toContainText("Pending");
	const made = await server.do("GET", "/operators/frances@msp.example");
	expect(made).toMatchObject({ status: "pending", api_access: false, tenants: [] });
});

test("gives companies and API access in the second tab", async ({ open, server }) => {
	const page = await open("ada", "/administrators");
	await page.getByRole("button", { name: /Donald Knuth/ }).click();
	const panel = page.getByRole("dialog", { name: /Donald Knuth/ });
	await expect(panel.getByRole("tab", { name: "Details" })).toHaveAttribute("aria-selected", "true");
	await panel.getByRole("tab", { name: /Permissions/ }).click();
	await expect(page).toHaveURL(/panel=access/);
	await panel.getByText("These", { exact: true }).click();
	await panel.getByRole("combobox", { name: "Add a company" }).fill("hooli");
	await page.getByRole("option", { name: /Hooli/ }).click();
	await panel.getByRole("button", { name: "Save" }).first().click();
	await expect(page.getByText("Saved.")).toBeVisible();
	expect((await server.do("GET", "/operators/donald@msp.example")).tenants).toEqual(["hooli"]);
});

test("suspends an administrator and restores them", async ({ open, server }) => {
	const page = await open("ada", "/administrators");
	await page.getByRole("button", { name: /Margaret Hamilton/ }).click();
	const panel = page.getByRole("dialog", { name: /Margaret Hamilton/ });
	await panel.getByRole("button", { name: "Suspend" }).click();
	await page.getByRole("alertdialog").getByRole("button", { name: "Suspend" }).click();
	await expect(panel.getByRole("button", { name: "Restore" })).toBeVisible();
	expect((await server.do("GET", "/operators/margaret@msp.example")).status).toBe("suspended");
	await panel.getByRole("button", { name: "Restore" }).click();
	await page
		.getByRole("dialog", { name: /Restore Margaret/ })
		.getByRole("button", { name: "Restore" })
		.click();
	await expect(panel.getByRole("button", { name: "Suspend" })).toBeVisible();
});

test("two who change the same administrator see both versions", async ({ open, server, faults }) => {
	faults.allow(/status of 412/);
	const page = await open("ada", "/administrators");
	await page.getByRole("button", { name: /Edsger Dijkstra/ }).click();
	const panel = page.getByRole("dialog", { name: /Edsger/ });
	await panel.getByLabel("Last name").fill("Dijkstra-Mine");
	await server.do("PATCH", "/operators/edsger@msp.example", { first_name: "Edsger W." });
	await panel.getByRole("button", { name: "Save" }).first().click();
	await expect(panel.getByText("Another operator changed it", { exact: false })).toBeVisible();
	await accessible(page, "both versions");
	await panel.getByRole("button", { name: "Save mine over it" }).click();
	await expect(page.getByText("Saved.")).toBeVisible();
	expect((await server.do("GET", "/operators/edsger@msp.example")).last_name).toBe("Dijkstra-Mine");
});

test("requires a second factor of everybody, and no longer", async ({ open, server }) => {
	const page = await open("grace", "/settings");
	await page.getByRole("button", { name: "Require it of everybody" }).click();
	await page
		.getByRole("alertdialog")
		.or(page.getByRole("dialog"))
		.getByRole("button", { name: /Require/ })
		.click();
	await expect(page.getByRole("button", { name: "No longer require it" })).toBeVisible();
	expect((await server.do("GET", "/provider")).require_mfa).toBe(true);
	await page.getByRole("button", { name: "No longer require it" }).click();
	await page
		.getByRole("alertdialog")
		.or(page.getByRole("dialog"))
		.getByRole("button", { name: /equire/ })
		.click();
	await expect(page.getByRole("button", { name: "Require it of everybody" })).toBeVisible();
});

test("says who the provider is, and shows the configuration", async ({ open, server, context, faults }) => {
	faults.allow(/status of 401/, /status of 422/); // no operator is signed in at the end, and one logo is refused
	const page = await open("ada", "/settings");
	await page.getByLabel("Name", { exact: false }).first().fill("Contoso Managed Services");
	await page.getByLabel("E-mail for help").fill("help@contoso.example");
	await page.getByRole("button", { name: "Save" }).click();
	await expect(page.getByText("Saved.")).toBeVisible();
	const settings = page.getByRole("table").filter({ hasText: "api.enabled" });
	await expect(settings).toBeVisible();
	await page.getByLabel("Search settings").fill("mail.host");
	await expect(page.getByRole("rowheader", { name: "mail.host" })).toBeVisible();
	await accessible(page, "settings with a search");
	const logo = page.getByRole("region", { name: "Logo" });
	const upload = (name: string, file: Buffer) =>
		logo.locator("input[type=file]").setInputFiles({ name, mimeType: "image/png", buffer: file });
	await upload("logo.svg", Buffer.from("<svg/>"));
	await expect(logo.getByText("neither a PNG nor a JPEG")).toBeVisible();
	await upload("photo.png", Buffer.alloc(300_000));
	await expect(logo.getByText(/photo\.png has .*at most 256/)).toBeVisible();
	await upload("logo.png", await page.screenshot({ clip: { x: 0, y: 0, width: 240, height: 60 } }));
	await expect(page.getByText("The logo is saved.")).toBeVisible();
	await expect(logo.getByRole("button", { name: "Remove the logo" })).toBeVisible();
	const seen = (where: string) =>
		expect
			.poll(() => page.locator(where).evaluate((img: HTMLImageElement) => img.naturalWidth), { message: `the logo in ${where}` })
			.toBe(240);
	await seen(".brand img");
	await accessible(page, "settings with a logo");
	await context.clearCookies();
	await page.goto(`${server.url}/console/sign-in`);
	await seen(".lone-mark img");
	await expect(page.getByText("Contoso Managed Services")).toBeVisible();
	await expect(page.getByRole("link", { name: "help@contoso.example" })).toBeVisible();
	await accessible(page, "sign-in of a provider");
	await page.setViewportSize({ width: 390, height: 900 });
	const [card, mark] = await Promise.all([page.locator(".lone-card").boundingBox(), page.locator(".lone-mark").boundingBox()]);
	expect((card?.x ?? 0) + (card?.width ?? 999), "the card on a phone").toBeLessThanOrEqual(390);
	expect(mark?.width ?? 999, "the name in the card").toBeLessThanOrEqual(card?.width ?? 0);
});

test("ends the account of an administrator for good, and invites the same address again", async ({ open, server, faults }) => {
	faults.allow(/status of 404/); // what is open is read again, and is gone
	const made = await server.do("POST", "/operators", {
		first_name: "Grete",
		last_name: "Hermann",
		email: "grete@msp.example",
		role: "technician",
		show_link: true,
	});
	const id = made.operator.id;
	const page = await open("ada", `/administrators?open=${id}`);
	const panel = page.getByRole("dialog", { name: "Grete Hermann" });
	await panel.getByRole("button", { name: "End the account" }).click();
	const dialog = page.getByRole("alertdialog", { name: "End the account of Grete Hermann?" });
	const end = dialog.getByRole("button", { name: "End the account" });
	await expect(end).toHaveAttribute("aria-disabled", "true");
	await dialog.getByLabel("Type grete@msp.example to confirm").fill("grete@msp.example");
	await accessible(page, "the end of an account");
	await end.click();
	await expect(page.getByText("The account of Grete Hermann has ended.")).toBeVisible();
	await expect(panel).toBeHidden();
	await expect(page.getByRole("row", { name: /Grete Hermann/ })).toHaveCount(0);
	await expect(server.do("GET", `/operators/${id}`)).rejects.toThrow("404");
	const again = await server.do("POST", "/operators", {
		first_name: "G",
		last_name: "H",
		email: "grete@msp.example",
		role: "read_only",
		show_link: true,
	});
	expect(again.operator.id).not.toBe(id);
	// An operator cannot end their own account.
	await page.goto(`${page.url().split("?")[0]}?open=${(await server.do("GET", "/operators/ada@msp.example")).id}`);
	await expect(page.getByRole("dialog", { name: "Ada Lovelace" }).getByRole("button", { name: "End the account" })).toHaveAttribute(
		"aria-disabled",
		"true",
	);
});
