import { readFileSync } from "node:fs";
import { accessible, expect, test } from "./test.ts";

test.use({ copy: "people" });

test("filters people, and keeps the filters in the address", async ({ open }) => {
	const page = await open("ada", "/companies/northwind/people");
	const rows = page.getByRole("table", { name: "People" }).getByRole("row");
	await expect(rows).toHaveCount(46);
	await page.getByRole("button", { name: /^Suspended/ }).click();
	await expect(page).toHaveURL(/state=suspended/);
	await expect(rows).toHaveCount(6);
	await page.getByRole("button", { name: "Suspension" }).click();
	await page.getByRole("option", { name: "Held" }).click();
	await expect(page).toHaveURL(/suspension=hold/);
	await expect(rows).toHaveCount(2);
	await page.reload();
	await expect(rows).toHaveCount(2);
	await page.getByLabel("Search people").fill("no such person");
	await expect(page.getByRole("heading", { name: "Nothing matches" })).toBeVisible();
	await page.getByRole("button", { name: "Clear all" }).first().click();
	await expect(rows).toHaveCount(46);
	await expect(page).toHaveURL(/\/people$/);
});

test("says what the next sync will do before a suspension, and does just that", async ({ open, server }) => {
	const page = await open("ada", "/companies/northwind/people?q=owen");
	await page.getByRole("link", { name: /Owen Nasser/ }).click();
	await page.getByRole("button", { name: "Suspend" }).click();
	const dialog = page.getByRole("alertdialog", { name: /Suspend Owen/ });
	await expect(dialog.getByText(/Seats in use: 40 → 39 of 60/)).toBeVisible();
	await expect(dialog.getByText(/a write that states active: true ends the suspension/)).toBeVisible();
	await dialog.getByText("Hold", { exact: true }).click();
	await expect(dialog.getByText(/stays suspended/).first()).toBeVisible();
	await expect(dialog.getByText(/ends the suspension: the user is/)).toBeHidden();
	await dialog.getByLabel("Reason").fill("Ticket 7");
	await dialog.getByRole("button", { name: "Suspend" }).click();
	await expect(dialog).toBeHidden();
	await expect(page.getByRole("button", { name: "Release" })).toBeFocused();
	const user = await server.do("GET", "/tenants/northwind/users/owen.nasser@northwind.example");
	expect(user.suspension).toMatchObject({ mode: "hold", reason: "Ticket 7" });

	await page.getByRole("button", { name: "Release" }).click();
	const release = page.getByRole("dialog", { name: /Release Owen/ });
	await expect(release.getByText(/Seats in use: 39 → 40 of 60/)).toBeVisible();
	await release.getByRole("button", { name: "Release" }).click();
	await expect(page.getByRole("button", { name: "Suspend" })).toBeVisible();
});

test("says why an action would be refused, before it is tried", async ({ open, faults }) => {
	faults.allow(/status of 409/);
	const page = await open("ada", "/companies/northwind/people?q=priya.reid");
	await page.getByRole("link", { name: /Priya Reid/ }).click();
	await page.getByRole("button", { name: "More", exact: true }).click();
	await page.getByRole("menuitem", { name: "Delete for good" }).click();
	const dialog = page.getByRole("alertdialog");
	await expect(dialog.getByText("This would be refused.")).toBeVisible();
	await accessible(page, "a deletion that would be refused");
	await page.keyboard.press("Escape");
	await expect(dialog).toBeHidden();
});

test("adds, changes, suspends and deletes a person by hand", async ({ open, server, faults }) => {
	faults.allow(/status of 40[34]/); // what is deleted is gone while its page is still open
	const page = await open("ada", "/companies/initech/people");
	await page.getByRole("button", { name: "Add person" }).click();
	const add = page.getByRole("dialog", { name: "Add a person" });
	await add.getByLabel("First name").fill("Wally");
	await add.getByLabel("Last name").fill("Feed");
	await add.getByRole("textbox", { name: "E-mail" }).fill("wally@initech.example");
	await add.getByRole("button", { name: "Add" }).click();
	await expect(page.getByRole("heading", { name: "Wally Feed" })).toBeVisible();

	await page.getByRole("button", { name: "More", exact: true }).click();
	await page.getByRole("menuitem", { name: "Change name and address" }).click();
	const change = page.getByRole("dialog", { name: /Change Wally/ });
	await expect(change.getByLabel("E-mail")).toHaveValue("wally@initech.example");
	await change.getByLabel("Display name").fill("Wallace Feed");
	await change.getByRole("button", { name: "Save" }).click();
	await expect(page.getByRole("heading", { name: "Wallace Feed" })).toBeVisible();

	await page.getByRole("button", { name: "Suspend" }).click();
	await page.getByRole("alertdialog").getByRole("button", { name: "Suspend" }).click();
	await expect(page.getByRole("button", { name: "Release" })).toBeVisible();
	await page.getByRole("button", { name: "More", exact: true }).click();
	await page.getByRole("menuitem", { name: "Delete for good" }).click();
	const remove = page.getByRole("alertdialog", { name: /Delete Wallace/ });
	await expect(remove.getByRole("button", { name: "Delete for good" })).toHaveAttribute("aria-disabled", "true");
	await remove.getByLabel(/Type wally@initech/).fill("wally@initech.example");
	await remove.getByRole("button", { name: "Delete for good" }).click();
	await expect(page).toHaveURL(/\/companies\/initech\/people$/);
	expect((await server.do("GET", "/tenants/initech/users?q=wally")).items).toHaveLength(0);
});

test("an answer that gets lost keeps what was typed, and the repeat adds no second person", async ({ page, open, server, faults }) => {
	faults.allow(/ERR_/);
	await open("ada", "/companies/initech/people?add=person");
	const add = page.getByRole("dialog", { name: "Add a person" });
	await add.getByLabel("First name").fill("Olivia");
	await add.getByLabel("Last name").fill("Once");
	await add.getByRole("textbox", { name: "E-mail" }).fill("olivia@initech.example");
	// The server does it, and the connection breaks before the answer.
	await page.route(
		"**/tenants/initech/users",
		async (route) => {
			await route.fetch();
			await route.abort();
		},
		{ times: 1 },
	);
	await add.getByRole("button", { name: "Add" }).click();
	await expect(add.getByText("it is not known whether this was done", { exact: false })).toBeVisible();
	await expect(add.getByRole("textbox", { name: "E-mail" })).toHaveValue("olivia@initech.example");
	expect((await server.do("GET", "/tenants/initech/users?q=olivia")).items).toHaveLength(1);
	await add.getByRole("button", { name: "Add" }).click();
	await expect(page.getByRole("heading", { name: "Olivia Once" })).toBeVisible();
	expect((await server.do("GET", "/tenants/initech/users?q=olivia")).items).toHaveLength(1);
});

test("suspends several, and says for each what became of it", async ({ open, server }) => {
	const page = await open("ada", "/companies/northwind/people?q=noor");
	const table = page.getByRole("table", { name: "People" });
	await expect(table.getByRole("row")).toHaveCount(3);
	await table.getByRole("checkbox", { name: "Select all rows" }).check({ force: true });
	await expect(page.getByText("2 selected")).toBeVisible();
	await accessible(page, "a selection");
	await page.getByRole("button", { name: "Suspend", exact: true }).click();
	const dialog = page.getByRole("dialog", { name: "Suspend 2 people" });
	const rows = dialog.getByRole("region", { name: "What happens to each" }).getByRole("row");
	await expect(rows).toHaveCount(3);
	await expect(dialog.getByText(/Seats in use: \d+ → \d+ of 60/)).toBeVisible();
	await expect(rows.nth(1)).toContainText("active: true");
	expect((await server.do("GET", "/tenants/northwind/users?q=noor")).items.map((u: any) => u.state)).toEqual(["active", "active"]);
	await dialog.getByRole("button", { name: "Suspend", exact: true }).click();
	await expect(dialog.getByText("2 people are done.")).toBeVisible();
	await dialog.getByRole("button", { name: "Close", exact: true }).last().click();
	const users = await server.do("GET", "/tenants/northwind/users?q=noor");
	expect(users.items.map((u: any) => u.state)).toEqual(["suspended", "suspended"]);
});

test("does nothing to several when the company changed since the preview", async ({ open, server, faults }) => {
	faults.allow(/status of 409/);
	const page = await open("ada", "/companies/northwind/people?q=tom%C3%A1s.cohen");
	await page.getByRole("table", { name: "People" }).getByRole("checkbox", { name: "Select all rows" }).check({ force: true });
	await page.getByRole("button", { name: "Release", exact: true }).click();
	const dialog = page.getByRole("dialog", { name: "Release 1 person" });
	await expect(dialog.getByText("Changes", { exact: true })).toBeVisible();
	await server.do("POST", `/tenants/northwind/users/${encodeURIComponent("tomás.cohen@northwind.example")}/release`);
	await dialog.getByRole("button", { name: "Release", exact: true }).click();
	await expect(dialog.getByText("The company changed meanwhile. Nothing was done", { exact: false })).toBeVisible();
	await expect(dialog.getByRole("button", { name: "Release", exact: true })).toHaveAttribute("aria-disabled", "true");
});

test("imports a table after a preview", async ({ open, server, faults }) => {
	faults.allow(/status of 4/);
	const page = await open("ada", "/companies/initech/people/import");
	await page.getByLabel("Or paste it").fill("this is no table\n\n");
	await page.getByRole("button", { name: "Preview" }).click();
	await expect(page.getByRole("alert").or(page.locator(".field-error")).first()).toBeVisible();
	await expect(page.getByLabel("Or paste it")).toHaveValue("this is no table\n\n");
	// A file in another encoding would lose letters of names, and what was pasted before is not taken for it.
	const chosen = page.locator("input[type=file]");
	await chosen.setInputFiles({
		name: "windows.csv",
		mimeType: "text/csv",
		buffer: Buffer.from("user_name,email,given_name\nrene@initech.example,rene@initech.example,Ren\u00e9\n", "latin1"),
	});
	await expect(page.getByText("The file is not UTF-8", { exact: false })).toBeVisible();
	await expect(page.getByText("windows.csv")).toHaveCount(0);
	await chosen.setInputFiles({
		name: "unicode.csv",
		mimeType: "text/csv",
		buffer: Buffer.from("\ufeffuser_name,email,given_name\nrene@initech.example,rene@initech.example,Ren\u00e9\n"),
	});
	await expect(page.getByText("unicode.csv")).toBeVisible();
	await page.getByRole("button", { name: "Preview" }).click();
	await expect(page.getByRole("rowheader", { name: "rene@initech.example" })).toBeVisible();
	// Back to the table, which is still there.
	await page.getByRole("button", { name: "Back" }).click();
	await expect(page.getByLabel("Or paste it")).toHaveValue(/Ren\u00e9/);
	await page
		.getByLabel("Or paste it")
		.fill("user_name,email,given_name,family_name\nlumbergh@initech.example,lumbergh@initech.example,Bill,Lumbergh\n=not an address,,,\n");
	await page.getByText("Leave refused rows out").click();
	await page.getByRole("button", { name: "Preview" }).click();
	await expect(page.getByText("This is a preview. Nothing is done yet.")).toBeVisible();
	await accessible(page, "preview of an import");
	expect((await server.do("GET", "/tenants/initech/users?q=lumbergh")).items).toHaveLength(0);
	const refused = page.waitForEvent("download");
	await page.getByRole("button", { name: "Refused rows" }).click();
	expect(readFileSync(await (await refused).path(), "utf8")).toContain(`"'=not an address"`);
	await page.getByRole("button", { name: "Import", exact: true }).click();
	await expect(page.getByText("The table is imported. What was done")).toBeVisible();
	expect((await server.do("GET", "/tenants/initech/users?q=lumbergh")).items).toHaveLength(1);
});

test("makes a group of the company's own, puts a person in and takes them out", async ({ open, server }) => {
	const page = await open("ada", "/companies/northwind/groups");
	await expect(page.getByRole("table", { name: "Groups" })).toBeVisible();
	await page.getByRole("button", { name: "Add group" }).click();
	const add = page.getByRole("dialog", { name: "Add a group" });
	await add.getByLabel("Name").fill("Night shift");
	await add.getByRole("button", { name: "Add" }).click();
	await expect(page.getByRole("heading", { name: "Night shift" })).toBeVisible();
	await page.getByRole("button", { name: "Add a member" }).click();
	const member = page.getByRole("dialog", { name: /Add a member/ });
	await member.getByRole("combobox", { name: "Person" }).fill("simon");
	await page.getByRole("option", { name: /Simon Moretti/ }).click();
	await accessible(page, "add a member");
	await member.getByRole("button", { name: "Add", exact: true }).click();
	const row = page.getByRole("row", { name: /Simon Moretti/ });
	await expect(row).toContainText("added by hand");
	await page.getByRole("button", { name: "More", exact: true }).click();
	await page.getByRole("menuitem", { name: "Rename" }).click();
	const rename = page.getByRole("dialog", { name: /Rename/ });
	await rename.getByLabel("Name").fill("Late shift");
	await rename.getByRole("button", { name: "Save" }).click();
	await expect(page.getByRole("heading", { name: "Late shift" })).toBeVisible();
	await row.getByRole("button", { name: /Take Simon/ }).click();
	await page.getByRole("alertdialog").getByRole("button", { name: "Take out" }).click();
	await expect(row).toBeHidden();
	const groups = await server.do("GET", "/tenants/northwind/groups?q=Late");
	expect(groups.items[0]).toMatchObject({ display_name: "Late shift", members: 0 });
});

test("two who change the same person or group see both versions", async ({ open, server, faults }) => {
	faults.allow(/status of 412/);
	const made = await server.do("POST", "/tenants/initech/users", {
		user_name: "nina@initech.example",
		email: "nina@initech.example",
		given_name: "Nina",
		family_name: "Sharp",
		display_name: "Nina Sharp",
	});
	const page = await open("ada", `/companies/initech/people/${made.id}`);
	await page.getByRole("button", { name: "More", exact: true }).click();
	await page.getByRole("menuitem", { name: "Change name and address" }).click();
	const change = page.getByRole("dialog", { name: /^Change / });
	await change.getByLabel("Last name").fill("Sharp-Mine");
	// The page shows the other change already, although it was loaded a moment ago, and the dialog still knows with what it began.
	await server.do("PATCH", `/tenants/initech/users/${made.id}`, { display_name: "Nina Theirs" });
	await expect(page.locator("h1", { hasText: "Nina Theirs" })).toHaveCount(1);
	await change.getByRole("button", { name: "Save" }).click();
	await expect(change.getByText("Another operator changed it", { exact: false })).toBeVisible();
	await expect(change.getByRole("row", { name: /Last name/ })).toContainText("Sharp-Mine");
	await accessible(page, "two versions of a person");
	await change.getByRole("button", { name: "Save mine over it" }).click();
	await expect(change).toHaveCount(0);
	expect(await server.do("GET", `/tenants/initech/users/${made.id}`)).toMatchObject({ display_name: "Nina Theirs" });

	const group = await server.do("POST", "/tenants/initech/groups", { display_name: "Lab" });
	await page.goto(`${server.url}/console/companies/initech/groups/${group.id}`);
	await page.getByRole("button", { name: "More", exact: true }).click();
	await page.getByRole("menuitem", { name: "Rename" }).click();
	const rename = page.getByRole("dialog", { name: /Rename/ });
	await rename.getByLabel("Name").fill("Lab mine");
	await server.do("PATCH", `/tenants/initech/groups/${group.id}`, { display_name: "Lab theirs" });
	await expect(page.locator("h1", { hasText: "Lab theirs" })).toHaveCount(1);
	await rename.getByRole("button", { name: "Save" }).click();
	await expect(rename.getByText("Another operator changed it", { exact: false })).toBeVisible();
	await accessible(page, "two versions of a group");
	await rename.getByRole("button", { name: "Use the current version" }).click();
	await expect(rename.getByLabel("Name")).toHaveValue("Lab theirs");
});

test("the last Owner of a company cannot leave, and the dialog says so first", async ({ open, faults }) => {
	faults.allow(/status of 409|status of 403/);
	const page = await open("ada", "/companies/globex/groups/owners");
	await page.getByRole("button", { name: /^Take / }).click();
	await expect(page.getByRole("alertdialog").getByText("This would be refused.")).toBeVisible();
	await accessible(page, "the last Owner");
});

test("a deletion request is filed by the help desk and rejected by an Owner", async ({ browser, open, server }) => {
	const page = await open("alan", "/companies/northwind/people?q=rosa");
	await page.getByRole("link", { name: /Rosa Rossi/ }).click();
	await page.getByRole("button", { name: "More", exact: true }).click();
	await expect(page.getByRole("menuitem", { name: /Delete for good/ })).toContainText("lacks the right user.delete");
	await page.getByRole("menuitem", { name: "Ask for the deletion" }).click();
	const ask = page.getByRole("dialog", { name: /Ask for the deletion/ });
	await ask.getByLabel("Reason").fill("Asked for by the customer");
	await ask.getByRole("button", { name: "Ask", exact: true }).click();
	await expect(ask).toBeHidden();
	const owner = await browser.newContext();
	await server.signIn(owner, "ada");
	const other = await owner.newPage();
	await other.goto(`${server.url}/console/companies/northwind/people/deletion-requests`);
	const row = other.getByRole("row", { name: /rosa\.rossi/ });
	await row.getByRole("button", { name: /Reject/ }).click();
	await accessible(other, "reject a deletion request");
	await other.getByRole("dialog").getByRole("textbox").first().fill("She is only on leave");
	await other.getByRole("dialog").getByRole("button", { name: "Reject" }).click();
	await expect(row).toContainText("Rejected");
	await owner.close();
});

test("shows what others do without being asked", async ({ open, server }) => {
	const page = await open("ada", "/companies/northwind/people");
	const rows = page.getByRole("table", { name: "People" }).getByRole("row");
	await expect(rows).toHaveCount(46);
	// The change comes before the page has asked for changes: the cursor is older than what it has read.
	const asked = page.waitForResponse((answer) => answer.url().includes("/api/v1/changes?"));
	const found = await server.do("GET", "/tenants/northwind/users?q=owen");
	await server.do("POST", `/tenants/northwind/users/${found.items[0].id}/suspend`, { reason: "Ticket 9" });
	expect((await (await asked).json()).items.map((one: any) => one.tenant)).toContain("northwind");
	await expect(page.getByRole("row", { name: /Owen Nasser/ })).toContainText("Suspended");
});

test("a name of 300 characters, in another direction or with markup, breaks no page", async ({ open, server }) => {
	const names = [
		`${"Wolfeschlegelsteinhausenbergerdorff".repeat(9)}`.slice(0, 300),
		"شركة النور للتجارة ".repeat(16).slice(0, 300).trim(),
		`<img src=x onerror=alert(1)>${"<b>x</b>".repeat(30)}`,
	];
	for (const [i, display_name] of names.entries()) {
		const email = `name${i}@initech.example`;
		const made = await server.do("POST", "/tenants/initech/users", { user_name: email, email, display_name });
		const page = await open("ada", `/companies/initech/people/${made.id}`);
		await expect(page.getByRole("heading", { level: 1 })).toContainText(display_name.trim().slice(0, 40));
		for (const [address, width] of [
			[page.url(), 390],
			[page.url(), 1440],
			[`${server.url}/console/companies/initech/people?q=name${i}`, 390],
			[`${server.url}/console/people?q=name${i}`, 1024],
		] as const) {
			await page.setViewportSize({ width, height: 900 });
			await page.goto(address);
			await expect(page.getByText(display_name.trim().slice(0, 40)).first()).toBeVisible();
			expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), `${address} at ${width}`).toBeLessThanOrEqual(0);
		}
	}
});

test("lists the requests that name a person, of all connections, with filters", async ({ open, server }) => {
	const held = (await server.do("GET", "/tenants/globex/held?connection=globex-entra")).items[0];
	const page = await open("ada", `/companies/globex/people/${held.id}`);
	const card = page.locator("section", { has: page.getByRole("heading", { name: "Requests about this person" }) });
	await expect(card.getByText("globex-entra").first()).toBeVisible();
	const requests = card.getByRole("listitem");
	expect(await requests.count()).toBeGreaterThan(0);
	await card.getByRole("button", { name: "Effect" }).click();
	await page.getByRole("option", { name: "refused" }).click();
	await expect(page).toHaveURL(/effect=refused/);
	await expect(requests.first()).toContainText("refused");
	await requests.first().getByRole("button").click();
	const dialog = page.getByRole("dialog");
	await dialog.getByText("Without names, to show to others").click();
	await expect(dialog.getByText("connection: entra", { exact: false })).toBeVisible();
	expect(await dialog.locator("details[open] code").innerText()).not.toContain(held.id);
	await accessible(page, "a request of a person");
});
