import { accessible, expect, test } from "./test.ts";

test.use({ copy: "connection" });

test("connects an identity provider, and sees its first request", async ({ open, server }) => {
	const page = await open("ada", "/companies/vandelay/connections");
	await page.getByRole("button", { name: /JumpCloud/ }).click();
	const dialog = page.getByRole("dialog", { name: /Connect/ });
	await expect(dialog.getByRole("combobox", { name: "Company" })).toHaveValue("Vandelay Industries");
	// It stays when the focus passes through. A search that was given up chooses no company.
	const company = dialog.getByRole("combobox", { name: "Company" });
	await company.focus();
	await page.keyboard.press("Tab");
	await expect(company).toHaveValue("Vandelay Industries");
	await company.fill("glob");
	await expect(page.getByRole("option", { name: /Globex/ })).toBeVisible();
	await page.keyboard.press("Escape");
	await page.keyboard.press("Tab");
	await expect(dialog.getByRole("button", { name: "Next" })).toHaveAttribute("aria-disabled", "true");
	await company.fill("vandel");
	await page.getByRole("option", { name: /Vandelay/ }).click();
	await expect(company).toHaveValue("Vandelay Industries");
	await expect(dialog.getByText(/normally sends a request/)).toBeVisible();
	// Half a year is proposed, and what the company does with unusual removals can be chosen here.
	const proposed = await dialog.getByLabel("Credential expires on").inputValue();
	expect(Math.round((Date.parse(proposed) - Date.now()) / 86_400_000)).toBeGreaterThan(177);
	await dialog.getByRole("button", { name: /If unusually many people are removed/ }).click();
	await page.getByRole("option", { name: "They are held until you decide" }).click();
	await accessible(page, "wizard");
	await dialog.getByRole("button", { name: "Next" }).click();
	await expect(dialog.getByText("This is shown once.", { exact: false })).toBeVisible();
	await page.keyboard.press("Escape");
	await expect(dialog).toBeVisible(); // a secret is not lost by a slip of the hand
	await expect(dialog.getByRole("button", { name: "Next" })).toHaveAttribute("aria-disabled", "true");
	const [base, token] = (await dialog.locator(".secret code, .secret .code-text, .secret pre").allInnerTexts()).map((t) => t.trim());
	expect(page.url()).not.toContain(token);
	await dialog.getByText("I have stored the secret").click();
	await dialog.getByRole("button", { name: "Next" }).click();
	await expect(dialog.getByText("No request yet.")).toBeVisible();
	const answer = await fetch(`${base}/Users?filter=${encodeURIComponent('userName eq "x"')}`, {
		headers: { Authorization: `Bearer ${token}` },
	});
	expect(answer.status).toBe(200);
	await expect(dialog.getByText("It works: requests arrive", { exact: false })).toBeVisible();
	await dialog.getByRole("button", { name: "To the connection" }).click();
	await expect(page.getByRole("heading", { name: "vandelay-jumpcloud" })).toBeVisible();
	expect(await page.content()).not.toContain(token);
	const made = await server.do("GET", "/connections/vandelay-jumpcloud");
	expect(made.health.state).toBe("healthy");
	expect(made.tokens[0].expires).toContain(proposed);
	const settings = (await server.do("GET", "/tenants/vandelay/settings?limit=200")).items;
	expect(settings.find((s: any) => s.name === "brake")).toMatchObject({ value: "hold", source: "tenant" });
});

test("asks for the administrator and the key where a directory is read, and says what is wrong with the key", async ({ open, faults }) => {
	faults.allow(/status of 422/);
	const page = await open("ada", "/companies/vandelay/connections?connect=vandelay&type=google-directory");
	const dialog = page.getByRole("dialog", { name: /Connect/ });
	await expect(dialog.getByText("Kind of credential")).toHaveCount(0);
	await dialog.getByLabel("Administrator").fill("admin@vandelay.example");
	await dialog.getByLabel("Key of the service account").fill("no key");
	await accessible(page, "wizard, a directory");
	await dialog.getByRole("button", { name: "Connect" }).click();
	await expect(dialog.getByText(/Create new key/)).toBeVisible();
	await expect(dialog.getByLabel("Administrator")).toHaveValue("admin@vandelay.example");
});

test("shows each of the last thirty days by its worst", async ({ open }) => {
	const page = await open("ada", "/connections/northwind-okta");
	const cells = page.getByRole("list", { name: "The last thirty days" }).getByRole("button");
	await expect(cells).toHaveCount(30);
	await cells.nth(20).focus();
	await expect(page.locator(".strip-said")).toContainText(/request/);
});

test("shows how many requests came in each of the last hours", async ({ open }) => {
	const page = await open("ada", "/connections");
	const table = page.getByRole("table", { name: "Connections" });
	const row = table.getByRole("row", { name: /globex-entra/ });
	await expect(
		row.getByRole("img", { name: /^[\d,]+ requests? in the last 24 hours, [\d,]+ of them in the hour from \d\d:00$/ }),
	).toBeVisible();
	await page.goto(page.url().replace("/connections", "/companies/globex/connections"));
	await expect(page.getByRole("table", { name: "Connections" }).getByRole("img", { name: /in the last 24 hours/ })).toBeVisible();
});

test("rotates a credential without a gap", async ({ open, server }) => {
	const page = await open("ada", "/connections/stark-entra/credentials");
	const table = page.getByRole("table", { name: "Credentials" });
	await expect(table.getByRole("row")).toHaveCount(2);
	await page.getByRole("button", { name: "Rotate" }).click();
	const dialog = page.getByRole("dialog", { name: "Make a new credential" });
	await dialog.getByRole("button", { name: "Make it" }).click();
	const made = page.getByRole("dialog", { name: "A new credential" });
	await made.getByText("I have stored the secret").click();
	await made.getByRole("button", { name: "Done" }).click();
	await expect(table.getByRole("row")).toHaveCount(3);
	await expect(page.getByText("was not used yet. Keep the older one until it is.", { exact: false })).toBeVisible();
	const [older] = (await server.do("GET", "/connections/stark-entra/tokens")).items.sort((a: any, b: any) =>
		a.created.localeCompare(b.created),
	);
	await table.getByRole("button", { name: `Actions for ${older.prefix}` }).click();
	await page.getByRole("menuitem", { name: "Revoke" }).click();
	await page.getByRole("alertdialog").getByRole("button", { name: "Revoke" }).click();
	await expect(page.getByRole("alertdialog")).toBeHidden();
	const left = (await server.do("GET", "/connections/stark-entra/tokens")).items.filter((t: any) => t.status === "live");
	expect(left).toHaveLength(1);
});

test("pauses and resumes", async ({ open, server }) => {
	const page = await open("barbara", "/connections/hooli-jumpcloud");
	await page.getByRole("button", { name: "Pause" }).click();
	await page.getByRole("dialog").getByRole("button", { name: "Pause" }).click();
	await expect(page.getByText("It is paused", { exact: false })).toBeVisible();
	expect((await server.do("GET", "/connections/hooli-jumpcloud")).paused).toBe(true);
	await page.getByRole("button", { name: "Resume" }).click();
	await page.getByRole("dialog").getByRole("button", { name: "Resume" }).click();
	await expect(page.getByRole("button", { name: "Pause" })).toBeVisible();
});

test("releases some held removals and discards the others", async ({ open, server }) => {
	const page = await open("ada", "/connections/globex-entra/held");
	const table = page.getByRole("table", { name: "Held removals" });
	await expect(table.getByRole("row")).toHaveCount(15);
	await expect(
		page.getByText(/asked to remove 14 of \d+ people .*; usual is \d+ within an hour\. Nothing was done, and .* was answered 403\./),
	).toBeVisible();
	await table.getByRole("row").nth(1).getByRole("checkbox").check({ force: true });
	await table.getByRole("row").nth(2).getByRole("checkbox").check({ force: true });
	const names = await Promise.all([1, 2].map((n) => table.getByRole("row").nth(n).getByRole("rowheader").innerText()));
	await page.getByRole("button", { name: "Release the selected" }).click();
	const dialog = page.getByRole("alertdialog", { name: "Release 2 held removals?" });
	await dialog.getByRole("button", { name: "Release" }).click();
	await expect(page.getByText("2 removals are settled.")).toBeVisible();
	await expect(table.getByRole("row")).toHaveCount(13);
	for (const name of names) {
		expect((await server.do("GET", `/tenants/globex/users/${encodeURIComponent(name.trim())}`)).state).toBe("suspended");
	}
	// A person who is suspended meanwhile has nothing left to remove. That row is folded into a line.
	const other = (await server.do("GET", "/tenants/globex/held?connection=globex-entra")).items[0];
	await server.do("POST", `/tenants/globex/users/${other.id}/suspend`, {});
	await page.reload();
	await expect(table.getByRole("row")).toHaveCount(12);
	const fold = page.getByRole("button", { name: "Show 1 removal of which nothing is left" });
	await fold.click();
	await expect(table.getByRole("row")).toHaveCount(13);
	await accessible(page, "held, unfolded");
	await page.getByRole("button", { name: "Hide 1 removal of which nothing is left" }).click();
	await expect(table.getByRole("row")).toHaveCount(12);
	await page.getByRole("button", { name: "Discard all" }).click();
	await page.getByRole("dialog").getByRole("button", { name: "Discard", exact: true }).click();
	await expect(page.getByRole("heading", { name: "Nothing is held" })).toBeVisible();
	await accessible(page, "nothing held");
});

test("looks into the journal, and at one request with its answer", async ({ open }) => {
	const page = await open("ada", "/connections/northwind-okta/journal");
	const table = page.getByRole("table").first();
	await expect(table.getByRole("row").nth(5)).toBeVisible();
	await page.getByRole("button", { name: "Effect" }).click();
	await page
		.getByRole("option", { name: /changed/i })
		.first()
		.click();
	await expect(page).toHaveURL(/effect=/);
	await table.getByRole("row").nth(1).getByRole("button").first().click();
	const detail = page.getByRole("dialog");
	await expect(detail).toBeVisible();
	await expect(detail.getByText("userName").first()).toBeVisible();
	expect(await detail.innerText()).not.toMatch(/Bearer dbt_\w{8}/);
});

test("maps a group to Administrators", async ({ open, server }) => {
	const page = await open("ada", "/connections/northwind-okta/mapping");
	await accessible(page, "mapping");
	await page.getByRole("button", { name: /Add a mapping/i }).click();
	await page.getByRole("textbox").first().fill("Leadership");
	await accessible(page, "a new mapping");
	await page.getByRole("button", { name: "Save" }).click();
	await expect(page.getByText("Saved.")).toBeVisible();
	expect((await server.do("GET", "/connections/northwind-okta")).mappings).toHaveLength(1);
});

test("tries an attribute mapping on the people, and applies it", async ({ open, server }) => {
	const page = await open("ada", "/connections/northwind-okta/mapping");
	const card = page.locator("#attributes");
	await card.getByRole("button", { name: "Add a rule" }).first().click();
	await card.getByRole("textbox", { name: "From" }).fill("nickName");
	await accessible(page, "a new rule");
	await card.getByRole("button", { name: "Try" }).click();
	await expect(card.getByText(/refuses \d+ users/).first()).toBeVisible();
	await card.getByRole("textbox", { name: "From" }).fill('emails[type eq "work"].value');
	await card.getByRole("button", { name: "Try" }).click();
	await expect(card.getByText(/Tried on/)).toBeVisible();
	await accessible(page, "a trial");
	await card.getByRole("button", { name: "Apply" }).click();
	await expect(page.getByText("Applied.")).toBeVisible();
	expect((await server.do("GET", "/connections/northwind-okta")).attribute_mapping.attributes[0].target).toBe("userName");
	await card.getByRole("button", { name: "Remove this rule" }).click();
	await card.getByRole("button", { name: "Apply" }).click();
	await expect(card.getByText("No rule")).toBeVisible();
});

test("two who change the same connection see both versions", async ({ open, server, faults }) => {
	faults.allow(/status of 412/);
	const page = await open("ada", "/connections/northwind-okta/settings");
	await page.getByRole("button", { name: /A member of a group/ }).click();
	await page.getByRole("option", { name: "Refuse" }).click();
	await server.do("PATCH", "/connections/northwind-okta", { user_patch: "resource" });
	// Time enough for the page to read the other change.
	await page.waitForResponse((answer) => answer.url().endsWith("/api/v1/connections/northwind-okta"));
	await page.getByRole("button", { name: "Save" }).click();
	await expect(page.getByText("Another operator changed it", { exact: false })).toBeVisible();
	await expect(page.getByRole("row", { name: /PATCH of a person/ })).toContainText("The whole resource (200)");
	await accessible(page, "two versions of a connection");
	await page.getByRole("button", { name: "Use the current version" }).click();
	await expect(page.getByRole("button", { name: "Save" })).toHaveAttribute("aria-disabled", "true");

	await page.goto(`${server.url}/console/connections/northwind-okta/mapping`);
	const card = page.locator("#attributes");
	await card.getByRole("button", { name: "Add a rule" }).first().click();
	await card.getByRole("textbox", { name: "From" }).fill('emails[type eq "work"].value');
	await server.do("PATCH", "/connections/northwind-okta", { user_patch: "" });
	await page.waitForResponse((answer) => answer.url().endsWith("/api/v1/connections/northwind-okta"));
	await card.getByRole("button", { name: "Apply" }).click();
	await expect(card.getByText("Another operator changed it", { exact: false })).toBeVisible();
	await accessible(page, "two versions of a mapping");
	await card.getByRole("button", { name: "Use the current version" }).click();
	await expect(card.getByText("No rule")).toBeVisible();
});

test("moves people to another connection, and back", async ({ open, server }) => {
	const slug = `mv-${Date.now().toString(36)}`;
	const from = await server.do("GET", "/connections/soylent-onelogin");
	await server.do("POST", "/connections", { slug, tenant: from.tenant, type: "entra" });
	const page = await open("ada", "/connections/soylent-onelogin/move");
	await expect(page.getByText("Nothing was moved")).toBeVisible();
	await page.getByRole("button", { name: /New connection/ }).click();
	await page.getByRole("option", { name: slug }).click();
	await page.getByText("All people and groups", { exact: true }).click();
	await accessible(page, "a move");
	await page.getByRole("button", { name: "Preview" }).click();
	await expect(page.getByText(/refused with 403/)).toBeVisible();
	await expect(page.getByText(/ and 8 others\./)).toBeVisible(); // one sentence for all whose next sync does the same
	await accessible(page, "the preview of a move");
	await page.getByRole("button", { name: /^Move \d+$/ }).click();
	await expect(page.getByText("Moved.", { exact: true })).toBeVisible();
	await page.getByRole("button", { name: "Undo" }).click();
	await expect(page.getByText("Given back.", { exact: true })).toBeVisible();
	await expect(page.getByText("undone", { exact: true })).toBeVisible();
});

test("previews a disconnection, and wants the name typed", async ({ open, server, faults }) => {
	faults.allow(/status of 404/); // the connection is gone while its page is still open
	const page = await open("ada", "/connections/soylent-onelogin/disconnect");
	await expect(page.getByText("22 people become local", { exact: false })).toBeVisible();
	await page.getByText("They are suspended", { exact: true }).click();
	await expect(page.getByText(/22 people are suspended now/)).toBeVisible();
	await expect(page).toHaveURL(/mode=terminate/);
	await page.getByText("They become local", { exact: true }).click();
	await expect(page.getByText("22 people become local", { exact: false })).toBeVisible();
	await page.getByRole("button", { name: "Disconnect" }).click();
	const dialog = page.getByRole("alertdialog");
	await expect(dialog.getByRole("button", { name: "Disconnect" })).toHaveAttribute("aria-disabled", "true");
	await dialog.getByLabel(/Type soylent-onelogin/).fill("soylent-onelogin");
	await dialog.getByRole("button", { name: "Disconnect" }).click();
	await expect(page).toHaveURL(/\/companies\/soylent\/connections/);
	expect((await server.do("GET", "/tenants/soylent/users?limit=200")).items.every((u: any) => !u.connection && u.state === "active")).toBe(
		true,
	);
});

test("lets doctor play the identity provider, and nothing is left", async ({ open, server }) => {
	const before = await server.do("GET", "/tenants/northwind/users?q=doctor.example.com");
	const page = await open("ada", "/connections/northwind-okta/doctor");
	await page.getByRole("button", { name: "Run doctor" }).click();
	await expect(page.getByText(/^\d+ steps went as Okta, AIW app expects, 0 did not\.$/)).toBeVisible();
	await expect(page.getByRole("heading", { name: "Connection test" })).toBeVisible();
	await accessible(page, "what doctor found");
	expect(before.items).toHaveLength(0);
	expect((await server.do("GET", "/tenants/northwind/users?q=doctor.example.com")).items).toHaveLength(0);
});
