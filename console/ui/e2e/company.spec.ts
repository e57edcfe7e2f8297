import { accessible, expect, test } from "./test.ts";

test.use({ copy: "company" });

test("lists, sorts and searches companies, and keeps all of it in the address", async ({ open, faults }) => {
	void faults;
	const page = await open("ada", "/companies");
	const table = page.getByRole("table", { name: "Companies" });
	await expect(table.getByRole("row")).toHaveCount(17);
	await accessible(page, "companies");

	await table.getByRole("button", { name: "Filled seats" }).click();
	await expect(page).toHaveURL(/sort=seats/);
	await table.getByRole("button", { name: "Filled seats" }).click();
	await expect(page).toHaveURL(/dir=desc/);
	await expect(table.getByRole("columnheader", { name: "Filled seats" })).toHaveAttribute("aria-sort", "descending");
	await expect(table.getByRole("row").nth(1)).toContainText("Globex");

	await page.getByLabel("Search companies").fill("con");
	await expect(page).toHaveURL(/q=con/);
	await expect(table.getByRole("row")).toHaveCount(2);
	await table.getByRole("link", { name: /Contoso/ }).click();
	await expect(page.getByRole("heading", { name: "Contoso Ltd" })).toBeVisible();
	await page.goBack();
	await expect(page.getByLabel("Search companies")).toHaveValue("con");
	await expect(table.getByRole("row")).toHaveCount(2);

	await page.getByLabel("Search companies").fill("no such company");
	await expect(page.getByRole("heading", { name: "Nothing matches" })).toBeVisible();
	await accessible(page, "nothing matches");
	await page.getByRole("button", { name: "Clear all" }).first().click();
	await expect(page).toHaveURL(/\/companies$/);
	await expect(table.getByRole("row")).toHaveCount(17);
});

test("names from outside are text, in their own direction", async ({ open }) => {
	const page = await open("ada", "/companies");
	await expect(page.getByText("<b>Bold</b> & <img src=x onerror=alert(1)>")).toBeVisible();
	await page.getByRole("link", { name: /شركة النور/ }).click();
	await expect(page.getByRole("heading", { name: /شركة النور/ })).toBeVisible();
	await page.goto(page.url().replace("alnoor", "long"));
	await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
	expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
});

test("adds a company, refuses what cannot be, and keeps what was typed", async ({ open, faults }) => {
	faults.allow(/status of (409|422)/);
	const page = await open("ada", "/companies");
	await page.getByRole("button", { name: "Add company" }).click();
	await page.getByRole("menuitem", { name: "New company" }).click();
	const dialog = page.getByRole("dialog", { name: "Add a company" });
	await dialog.getByLabel("Name", { exact: false }).first().fill("Contoso Ltd");
	await expect(dialog.getByLabel("Slug")).toHaveValue("contoso-ltd");
	await dialog.getByLabel("Slug").fill("contoso");
	await dialog.getByRole("combobox", { name: "Country" }).fill("Switz");
	await page.getByRole("option", { name: "Switzerland" }).click();
	await dialog.getByRole("button", { name: "Next" }).click();
	await dialog.getByRole("button", { name: "Add the company" }).click();
	await expect(dialog.getByText(/there is .*contoso/i)).toBeVisible();
	await expect(dialog.getByRole("combobox", { name: "Country" })).toHaveValue("Switzerland");
	await dialog.getByLabel("Slug").fill("contoso-two");
	await dialog.getByRole("button", { name: "Next" }).click();
	await dialog.getByLabel("Later").check({ force: true });
	await dialog.getByRole("button", { name: "Add the company" }).click();
	await expect(page.getByRole("heading", { name: "Contoso Ltd" })).toBeVisible();
	await expect(page.getByRole("heading", { name: "First steps" })).toBeVisible();
	await accessible(page, "first steps");
});

test("shows a company in one place", async ({ open, server }) => {
	const page = await open("ada", "/companies/northwind");
	await expect(page.getByRole("heading", { name: "Northwind Traders" })).toBeVisible();
	await expect(page.getByRole("img", { name: "Seats of the last ninety days" })).toBeVisible();
	const usage = (await server.do("GET", "/usage?tenant=northwind")).items[0];
	// On the last day of a period nothing is left to project.
	if (usage.last < usage.to) {
		await expect(page.locator(".chart-forecast")).toHaveCount(1);
		await expect(page.getByText(/If nothing changes until the period ends on .*, \d+ of \d+ seats are billed on each day/)).toBeVisible();
	}
	await expect(page.getByText("1 deletion request")).toBeVisible();
	await expect(page.getByText("Grace Hopper")).toBeVisible();
	await accessible(page, "company overview");
});

test("gives and takes access to a company", async ({ open, server }) => {
	const page = await open("ada", "/companies/oceanic");
	await page.getByRole("button", { name: "Give access" }).click();
	const dialog = page.getByRole("dialog", { name: "Give access" });
	await dialog.getByRole("combobox").fill("knuth");
	await page.getByRole("option", { name: /Donald Knuth/ }).click();
	await dialog.getByRole("button", { name: "Give access" }).click();
	await expect(dialog).toBeHidden();
	await expect(page.getByRole("link", { name: "Donald Knuth" })).toBeVisible();
	expect((await server.do("GET", "/operators/donald@msp.example")).tenants).toEqual(["oceanic"]);
	await page.getByRole("button", { name: "Remove the access of Donald Knuth" }).click();
	await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
	await expect(page.getByRole("link", { name: "Donald Knuth" })).toBeHidden();
	expect((await server.do("GET", "/operators/donald@msp.example")).tenants).toEqual([]);
});

test("deletes a company that was a mistake, after its name is typed", async ({ open, server, faults }) => {
	faults.allow(/status of 40[49]/); // the company is gone while its page is still open
	const page = await open("ada", "/companies/markup/hand-over");
	await page.getByRole("button", { name: "Delete the company" }).click();
	const dialog = page.getByRole("alertdialog");
	await expect(dialog.getByText("No other company gets the slug markup.")).toBeVisible();
	await dialog.getByLabel("Reason").fill("It was added by mistake");
	await expect(dialog.getByRole("button", { name: "Delete for good" })).toHaveAttribute("aria-disabled", "true");
	await dialog.getByLabel(/^Type /).fill("<b>Bold</b> & <img src=x onerror=alert(1)>");
	await dialog.getByRole("button", { name: "Delete for good" }).click();
	await expect(page).toHaveURL(/\/companies$/);
	await expect(page.getByRole("table", { name: "Companies" }).getByRole("row", { name: /markup/ })).toHaveCount(0);
	expect(await server.do("GET", "/tenants/markup")).toMatchObject({ status: "gone", name: "" });
});

test("finds a person in all companies, and what waits for an operator", async ({ open }) => {
	const page = await open("alan", "/people");
	await page.getByLabel("Search people").fill("owen.nasser");
	const table = page.getByRole("table", { name: "People of all companies" });
	await expect(table.getByRole("row")).toHaveCount(2);
	await expect(table.getByRole("row").nth(1)).toContainText("Northwind Traders");
	await table.getByRole("link", { name: /Owen Nasser/ }).click();
	await expect(page.getByRole("heading", { name: "Why" })).toBeVisible();
	await page.keyboard.press("Control+k");
	await expect(page.getByRole("searchbox", { name: "Search or jump to" })).toBeFocused();
	await page.keyboard.type("petrova");
	await expect(page.getByRole("menuitem", { name: /Petrova/ }).first()).toBeVisible();
	await page.keyboard.press("Escape"); // clears what was typed
	await page.keyboard.press("Escape");
	await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Home" }).click();
	await page.getByRole("link", { name: /Decide about 14 held removals of globex-entra/ }).click();
	await expect(page.getByRole("table", { name: "Held removals" })).toBeVisible();
});

test("launches into a company with a reason, and leaves it", async ({ open, server }) => {
	const page = await open("grace", "/companies/globex");
	await page.getByRole("button", { name: "Launch" }).click();
	await page.getByLabel("Reason").fill("Ticket 12");
	await page.getByRole("dialog").getByRole("button", { name: "Launch" }).click();
	const band = page.getByRole("status").filter({ hasText: "Inside globex" });
	await expect(band).toContainText("Ticket 12");
	await accessible(page, "inside a company");
	await page.getByRole("link", { name: "Companies" }).click();
	await expect(band).toBeVisible();
	expect((await server.do("GET", "/tenants/globex/support-sessions")).items).toHaveLength(1);
	await band.getByRole("button", { name: "Leave" }).click();
	await expect(band).toBeHidden();
	expect((await server.do("GET", "/tenants/globex/support-sessions")).items).toHaveLength(0);
});

test("a company outside the scope does not exist, and a right that is missing says so", async ({ open, faults }) => {
	faults.allow(/status of 404/);
	const page = await open("alan", "/companies");
	await expect(page.getByRole("table", { name: "Companies" }).getByRole("row")).toHaveCount(4);
	await page.getByRole("button", { name: "Add company" }).click();
	await expect(page.getByRole("menuitem", { name: "New company" })).toContainText("lacks the right tenant.create");
	await page.keyboard.press("Escape");
	await page.goto(page.url().replace("/companies", "/companies/wayne"));
	await expect(page.getByRole("heading", { name: "This does not exist" })).toBeVisible();
	await accessible(page, "does not exist");
});

test("an operator without companies is told who gives access", async ({ open }) => {
	const page = await open("donald", "/companies");
	const none = page.getByRole("heading", { name: "You have access to no company" });
	await expect(none).toBeVisible();
	await accessible(page, "no companies");
	for (const list of ["/connections", "/people", "/alerts"]) {
		await page.goto(page.url().replace(/\/[a-z]+$/, list));
		await expect(none).toBeVisible();
	}
});

test("the palette finds companies, connections, administrators and pages by the keyboard", async ({ open }) => {
	const page = await open("ada", "/companies");
	await expect(page.getByRole("table", { name: "Companies" })).toBeVisible();
	await page.keyboard.press("Control+k");
	await expect(page.getByRole("dialog", { name: "Search or jump to" })).toBeVisible();
	await page.keyboard.type("northw");
	await expect(page.getByRole("menuitem", { name: /^Northwind Traders/ })).toBeVisible();
	// While results arrive, the mark may be on an entry that they replace.
	const marked = page.getByRole("searchbox", { name: "Search or jump to" });
	await expect
		.poll(() => marked.evaluate((e) => document.getElementById(e.getAttribute("aria-activedescendant") ?? e.id) !== null))
		.toBe(true);
	await accessible(page, "palette with results");
	await page.keyboard.press("Enter");
	await expect(page.getByRole("heading", { name: "Northwind Traders" })).toBeVisible();
});

test("snoozes an alert, finds it among the snoozed, and acknowledges it for good", async ({ open }) => {
	const page = await open("ada", "/alerts");
	const table = page.getByRole("table", { name: "Alerts" });
	const text = (await table.getByRole("row").nth(1).getByRole("button").first().innerText()).split("\n")[0] ?? "";
	const look = () =>
		table
			.getByRole("button", { name: `Acknowledge: ${text}` })
			.first()
			.click();
	await look();
	await page.getByRole("button", { name: /Open it again/ }).click();
	await page.getByRole("option", { name: "In a day" }).click();
	await page.getByRole("dialog").getByRole("button", { name: "Snooze" }).click();
	await expect(page.getByText(/^Snoozed until/)).toBeVisible();
	await page.getByRole("button", { name: "Snoozed" }).click();
	await expect(page).toHaveURL(/state=snoozed/);
	await expect(table.getByRole("row")).toHaveCount(2);
	await look();
	await page.getByRole("dialog").getByRole("button", { name: "Acknowledge" }).click();
	await expect(page.getByRole("heading", { name: "Nothing matches" })).toBeVisible();
});
