// A day at the help desk: what is done many times a day, without the command line.
import { accessible, expect, type Page, test } from "./test.ts";

test.use({ copy: "desk" });

/** The button of a row of a table that opens its menu. */
function menuOf(page: Page, name: RegExp) {
	return page.getByRole("row", { name }).getByRole("button", { name: /^Actions for/ });
}

test("companies have their names wherever they are meant", async ({ open, server }) => {
	const page = await open("ada", "/audit?action=user.suspend");
	const trail = page.getByRole("table", { name: "Audit trail" });
	await expect(trail.getByRole("link", { name: "Northwind Traders" }).first()).toBeVisible();
	await expect(trail.getByRole("link", { name: "northwind", exact: true })).toHaveCount(0);

	await page.goto(`${server.url}/console/administrators?open=${(await server.do("GET", "/operators/alan@msp.example")).id}&panel=access`);
	const chosen = page.getByRole("dialog").getByRole("list", { name: "Companies that are chosen" });
	await expect(chosen.getByText("Northwind Traders")).toBeVisible();
	await expect(chosen.getByRole("button", { name: "Take Northwind Traders out" })).toBeVisible();
	await page.keyboard.press("Escape");
	const row = page.getByRole("row", { name: /Alan Turing/ });
	await row.getByRole("button", { name: "3", exact: true }).focus();
	await expect(page.getByRole("tooltip")).toContainText("Northwind Traders");
});

test("a person is suspended and released from the list, and the table has what the list shows", async ({ open, server }) => {
	const page = await open("alan", "/companies/northwind/people?q=aisha");
	await menuOf(page, /Aisha Holm/).click();
	await expect(page.getByRole("menuitem", { name: /Delete for good/ })).toHaveAttribute("aria-disabled", "true");
	await page.getByRole("menuitem", { name: "Suspend", exact: true }).click();
	const suspend = page.getByRole("alertdialog", { name: /^Suspend Aisha Holm/ });
	await expect(suspend.getByText(/Seats in use: \d+ → \d+/)).toBeVisible();
	await suspend.getByRole("button", { name: "Suspend" }).click();
	await expect(suspend).toHaveCount(0);
	const row = page.getByRole("row", { name: /Aisha Holm/ });
	await expect(row.getByText("Suspended")).toBeVisible();
	const file = await page.getByRole("link", { name: "CSV" }).getAttribute("href");
	const table = await (await page.request.get(`${server.url}${file}`)).text();
	expect(table.trim().split("\n")).toHaveLength(2);
	await page.goto(`${server.url}/console/companies/northwind/people?state=gone`);
	await expect(page.getByRole("button", { name: "CSV" })).toHaveAttribute("aria-disabled", "true");

	// The palette leads straight to the question.
	await page.keyboard.press("Control+k");
	await expect(page.getByRole("dialog", { name: "Search or jump to" })).toBeVisible();
	await page.keyboard.type("aisha");
	await page.getByRole("menuitem", { name: "Release Aisha Holm" }).click();
	const release = page.getByRole("dialog", { name: "Release Aisha Holm?" });
	await release.getByRole("button", { name: "Release" }).click();
	await expect(page).not.toHaveURL(/do=/);
	await expect(page.getByRole("heading", { name: "Aisha Holm" })).toBeVisible();
	expect((await server.do("GET", "/tenants/northwind/users?q=aisha")).items[0].state).toBe("active");
});

test("a filter of held removals limits what is released", async ({ open, server }) => {
	const page = await open("ada", "/connections/globex-entra/held");
	const all = (await server.do("GET", "/tenants/globex/held?connection=globex-entra&limit=500")).items;
	await expect(page.getByRole("button", { name: "Release all" })).toBeVisible();
	await page.goto(`${server.url}/console/connections/globex-entra/held?action=delete_group`);
	await expect(page.getByText("Nothing matches", { exact: true })).toBeVisible();
	await expect(page.getByRole("button", { name: /^Release/ })).toHaveCount(0);
	const { action } = all[0];
	const same = all.filter((h: any) => h.action === action).length;
	await page.goto(`${server.url}/console/connections/globex-entra/held?action=${action}`);
	await page.getByRole("button", { name: `Discard the ${same} shown` }).click();
	await expect(page.getByRole("dialog", { name: `Discard ${same} held removals?` })).toBeVisible();
});

test("a rule says what it means, and so does the help", async ({ open }) => {
	const page = await open("ada", "/audit?outcome=refused");
	await page
		.getByRole("button", { name: /was refused/ })
		.first()
		.click();
	await page
		.getByRole("button", { name: /^Rule [A-Z]\d+$/ })
		.first()
		.click();
	await expect(page.getByRole("dialog", { name: /^Rule/ })).toContainText(/[A-Z]\d+ .{20,}/);
	await accessible(page, "a rule");
	await page.keyboard.press("Escape");
	await page.getByRole("button", { name: "Help" }).click();
	const help = page.getByRole("dialog", { name: "Help" });
	await help.getByText("Rules by number").click();
	await expect(help.getByRole("row", { name: /^L3 / })).toBeVisible();
	await accessible(page, "help");
});

test("single keys open pages and the search, until they are switched off", async ({ open }) => {
	const page = await open("alan", "/");
	await expect(page.getByRole("heading", { name: /^Good / })).toBeVisible();
	await expect(async () => {
		await page.keyboard.press("g");
		await page.keyboard.press("c");
		await expect(page).toHaveURL(/\/companies$/, { timeout: 500 });
	}, "the keys are loaded after the page").toPass();
	await expect(page.getByRole("heading", { name: "Companies", level: 1 })).toBeVisible();
	await page.keyboard.press("/");
	await expect(page.getByRole("searchbox", { name: "Search companies" })).toBeFocused();
	await page.keyboard.type("g/h?");
	await expect(page.getByRole("searchbox", { name: "Search companies" })).toHaveValue("g/h?");
	await page.keyboard.press("Escape");
	await page.locator("main h1").click();
	await page.keyboard.press("?");
	const help = page.getByRole("dialog", { name: "Help" });
	await help.getByText("Shortcuts of single keys").click();
	await page.keyboard.press("Escape");
	await page.locator("main h1").click();
	await page.keyboard.press("?");
	await page.keyboard.press("g");
	await page.keyboard.press("h");
	await expect(help).toHaveCount(0);
	await expect(page).toHaveURL(/\/companies/);
});

test("the overview shows each sync by day, and an alert is acknowledged there", async ({ open, server }) => {
	const page = await open("ada", "/companies/globex");
	await expect(page.getByRole("list", { name: "The last thirty days" })).toBeVisible();
	await page.getByRole("link", { name: "Requests of that day" }).click();
	await expect(page.getByRole("table", { name: "Journal" })).toBeVisible();
	await page.goBack();
	await page.getByRole("button", { name: /^Acknowledge: Owners/ }).click();
	const look = page.getByRole("dialog", { name: "Protected group" });
	await look.getByLabel("Note").fill("They told us");
	await look.getByRole("button", { name: "Acknowledge" }).click();
	await expect(page.getByRole("button", { name: /^Acknowledge: Owners/ })).toHaveCount(0);
	const past = await server.do("GET", "/tenants/globex/alerts?state=acknowledged");
	expect(past.items[0].note).toBe("They told us");
});

test("home counts what happened today, and leads to it", async ({ open }) => {
	const page = await open("margaret", "/");
	const today = page.locator("section", { has: page.getByRole("heading", { name: "Today" }) });
	await expect(today.getByRole("link").first()).toHaveText(/^\d+\+?$/);
	await today.getByRole("link").nth(1).click();
	await expect(page).toHaveURL(/audit\?action=user\.suspend/);
	await expect(page.getByText("Action: suspended")).toBeVisible();
	await expect(page.getByRole("link", { name: "JSON lines" })).toHaveAttribute("href", /audit\/all\.jsonl\?.*user\.suspend/);
});

test("a role without a right finds the entry of the palette closed", async ({ open }) => {
	const page = await open("alan", "/companies/northwind");
	await expect(page.getByRole("heading", { name: "Northwind Traders" })).toBeVisible();
	await page.keyboard.press("Control+k");
	await expect(page.getByRole("menuitem", { name: /^Server Your role lacks the right server\.manage/ })).toHaveAttribute(
		"aria-disabled",
		"true",
	);
	await expect(page.getByRole("menuitem", { name: /^Add a person Your role lacks/ })).toHaveAttribute("aria-disabled", "true");
	await page.getByRole("menuitem", { name: /^Deletion requests/ }).click();
	await expect(page).toHaveURL(/northwind\/people\/deletion-requests/);
});

test("what fails without a form is said", async ({ open, server, faults }) => {
	faults.allow(/status of 4(04|09)/);
	const made = await server.do("POST", "/tenants/initech/users", { user_name: "vera@initech.example", invite: true });
	const page = await open("ada", "/companies/initech/people/invitations");
	await menuOf(page, /vera@initech/).click();
	await server.do("POST", `/tenants/initech/users/${made.id}/suspend`, {});
	await server.do("DELETE", `/tenants/initech/users/${made.id}`);
	await page.getByRole("menuitem", { name: "Send again" }).click();
	await expect(page.getByRole("status", { name: "Messages" }).getByText(/Request /)).toBeVisible();
});

test("a page without the right is closed, and asks the server nothing", async ({ open, server }) => {
	const page = await open("alan", "/server");
	await expect(page.getByText("Your role, Help desk, lacks the right server.manage.", { exact: false })).toBeVisible();
	for (const [path, right] of [
		["audit", "tenant.record or provider.record"],
		["billing", "tenant.billing"],
		["companies/northwind/audit", "tenant.record"],
		["connections/northwind-okta/journal", "tenant.record"],
	]) {
		await page.goto(`${server.url}/console/${path}`);
		await expect(page.getByText(`lacks the right ${right}.`, { exact: false })).toBeVisible();
	}
	await accessible(page, "a page without the right");
});

test("what a page shows can be had as JSON", async ({ open }) => {
	const page = await open("edsger", "/connections/northwind-okta");
	await page.getByText("As JSON").click();
	await expect(page.getByText(/^GET http.*\/api\/v1\/connections\/northwind-okta$/)).toBeVisible();
	await accessible(page, "a connection as JSON");
});

test("an Administrator sees the archive and the SIEM, without the page of the server", async ({ open, server }) => {
	await server.do("PATCH", "/operators/edsger@msp.example", { all_tenants: true });
	const page = await open("edsger", "/audit?trail=installation");
	await page.getByText("Archive and SIEM").click();
	await expect(page.getByRole("heading", { name: "SIEM" })).toBeVisible();
	await expect(page.locator(".empty-failed")).toHaveCount(0);
});
