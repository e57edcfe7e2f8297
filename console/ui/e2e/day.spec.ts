// A day of a provider in each of the six roles, without the command line: what the role is for works, and what it lacks is disabled with
// the reason.
import { expect, type Page, type Server, test } from "./test.ts";

test.use({ copy: "day" });

/** Signs in on the sign-in page, with a code where there is a second factor. */
async function arrive(page: Page, server: Server, who: string): Promise<void> {
	const p = server.player(who);
	await page.goto(`${server.url}/console/`);
	await page.getByLabel("E-mail").fill(p.email);
	await page.getByRole("textbox", { name: "Password" }).fill(p.password);
	await page.getByRole("button", { name: "Sign in" }).click();
	if (p.secret) {
		await page.getByLabel("Six digits").fill(await server.code(p));
		await page.getByRole("button", { name: "Sign in" }).click();
	}
	await expect(page.getByRole("heading", { name: /^Good / })).toBeVisible();
}

async function go(page: Page, server: Server, path: string): Promise<void> {
	await page.goto(`${server.url}/console${path}`);
	await expect(page.locator("main h1, main h2").first()).toBeVisible();
}

/** The button is there, does nothing, and says which right is missing. */
async function lacks(page: Page, name: string | RegExp, right: string): Promise<void> {
	const button = page.locator("main").getByRole("button", { name }).first();
	await expect(button).toHaveAttribute("aria-disabled", "true");
	await button.click({ force: true });
	await expect(page.getByText(`lacks the right ${right}.`).first()).toBeVisible();
	await expect(page.getByRole("dialog")).toHaveCount(0);
}

async function addCompany(page: Page, server: Server, name: string): Promise<void> {
	await go(page, server, "/companies");
	await page.getByRole("button", { name: "Add company" }).click();
	await page.getByRole("menuitem", { name: "New company" }).click();
	const dialog = page.getByRole("dialog", { name: "Add a company" });
	await dialog.getByLabel("Name", { exact: false }).first().fill(name);
	await dialog.getByRole("button", { name: "Next" }).click();
	await dialog.getByLabel("Later").check({ force: true });
	await dialog.getByRole("button", { name: "Add the company" }).click();
	await expect(page.getByRole("heading", { name: "First steps" })).toBeVisible();
}

/** Suspends an active person after the preview, and ends the suspension. */
async function suspendAndRelease(page: Page, server: Server, company: string, person: string): Promise<void> {
	await go(page, server, `/companies/${company}/people?q=${encodeURIComponent(person)}`);
	await page.getByRole("table", { name: "People" }).getByRole("rowheader").first().getByRole("link").click();
	await expect(page.getByText("What the next sync will do")).toBeVisible();
	await page.getByRole("button", { name: "Suspend" }).click();
	const dialog = page.getByRole("alertdialog", { name: /^Suspend / });
	await expect(dialog.getByText(/Seats in use: \d+ → \d+/)).toBeVisible();
	await dialog.getByLabel("Reason").fill("Ticket 4711");
	await dialog.getByRole("button", { name: "Suspend" }).click();
	await expect(dialog).toBeHidden();
	await expect(page.getByText("The suspension ends.", { exact: false }).first()).toBeVisible();
	await page.getByRole("button", { name: "Release" }).click();
	await page
		.getByRole("dialog", { name: /^Release / })
		.getByRole("button", { name: "Release" })
		.click();
	await expect(page.getByRole("button", { name: "Suspend" })).toBeVisible();
}

async function acknowledge(page: Page, server: Server, company: string): Promise<void> {
	await go(page, server, `/companies/${company}/alerts`);
	await page
		.getByRole("button", { name: /^Acknowledge: / })
		.first()
		.click();
	await page.getByRole("dialog").getByRole("button", { name: "Acknowledge" }).click();
	await expect(page.getByRole("dialog")).toHaveCount(0);
}

async function searchAudit(page: Page, server: Server, path: string, who: string): Promise<void> {
	await go(page, server, path);
	await page.getByLabel("Who did it").fill(who);
	await expect(page).toHaveURL(/actor=/);
	await expect(page.locator("main").getByRole("row").nth(1)).toBeVisible();
}

const signedOut = /status of 40[13]/; // no operator is signed in at first, and a page asks what a role lacks

test("an Owner: companies, held removals, administrators, settings, server", async ({ page, server, faults }) => {
	faults.allow(signedOut);
	await arrive(page, server, "ada");
	await page.getByRole("link", { name: /held removals of globex-entra/ }).click();
	await expect(page.getByRole("table", { name: "Held removals" }).getByRole("row")).toHaveCount(15);
	await page.getByRole("button", { name: "Discard all" }).click();
	await page.getByRole("dialog").getByRole("button", { name: "Discard", exact: true }).click();
	await expect(page.getByRole("heading", { name: "Nothing is held" })).toBeVisible();
	await addCompany(page, server, "Cyberdyne Systems");
	await searchAudit(page, server, "/audit", "Ada");
	await go(page, server, "/administrators");
	await page.getByRole("button", { name: /Donald Knuth/ }).click();
	const panel = page.getByRole("dialog", { name: /Donald Knuth/ });
	await panel.getByRole("tab", { name: /Permissions/ }).click();
	await panel.getByText("These", { exact: true }).click();
	await panel.getByRole("combobox", { name: "Add a company" }).fill("cyber");
	await page.getByRole("option", { name: /Cyberdyne/ }).click();
	await panel.getByRole("button", { name: "Save" }).first().click();
	await expect(page.getByText("Saved.")).toBeVisible();
	await go(page, server, "/server");
	await page.getByRole("button", { name: "Back up now" }).click();
	await expect.poll(async () => (await server.do("GET", "/backups")).items.length, { timeout: 60_000 }).toBeGreaterThan(0);
});

test("an Administrator with Billing: seats and plans, but no server", async ({ page, server, faults }) => {
	faults.allow(signedOut);
	await arrive(page, server, "grace");
	await go(page, server, "/billing");
	await page.getByRole("link", { name: /Initech/ }).click();
	await page.getByRole("button", { name: "Change" }).first().click();
	const dialog = page.getByRole("dialog");
	await dialog.getByLabel("Purchased seats").fill("26");
	await dialog.getByRole("button", { name: "Save" }).click();
	await expect.poll(async () => (await server.do("GET", "/tenants/initech/seats")).purchased).toBe(26);
	await acknowledge(page, server, "soylent");
	await searchAudit(page, server, "/companies/initech/audit", "Grace");
	await go(page, server, "/companies/initech/hand-over");
	await lacks(page, "Hand over", "tenant.hand_over");
	await lacks(page, "Delete the company", "tenant.delete");
});

test("an Administrator: suspends and releases, changes settings, but neither plans nor hand-over", async ({ page, server, faults }) => {
	faults.allow(signedOut);
	await arrive(page, server, "edsger");
	const [own] = (await server.do("GET", "/operators/edsger@msp.example")).tenants;
	await suspendAndRelease(page, server, "northwind", "priya.reid");
	await go(page, server, "/companies/northwind/billing");
	await lacks(page, "Change", "tenant.billing");
	await go(page, server, `/companies/${own}/settings`);
	await page
		.getByRole("button", { name: /^Change: / })
		.first()
		.click();
	await expect(page.getByRole("dialog")).toBeVisible();
	await page.keyboard.press("Escape");
	await go(page, server, "/administrators");
	await expect(page.getByRole("row", { name: /Alan Turing/ })).toBeVisible();
	await go(page, server, "/companies/northwind/hand-over");
	await lacks(page, "Hand over", "tenant.hand_over");
});

test("a Technician: adds a company, connects it, and changes no settings", async ({ page, server, faults }) => {
	faults.allow(signedOut);
	await arrive(page, server, "barbara");
	await addCompany(page, server, "Tyrell Corporation");
	await go(page, server, "/companies/tyrell-corporation/connections");
	await page.getByRole("button", { name: /Okta/ }).first().click();
	const wizard = page.getByRole("dialog", { name: /Connect/ });
	await wizard.getByRole("button", { name: "Next" }).click();
	await expect(wizard.getByText("This is shown once.", { exact: false })).toBeVisible();
	const [base, token] = (await wizard.locator(".secret code, .secret .code-text, .secret pre").allInnerTexts()).map((t) => t.trim());
	await wizard.getByText("I have stored the secret").click();
	await wizard.getByRole("button", { name: "Next" }).click();
	await expect(wizard.getByText("No request yet.")).toBeVisible();
	await fetch(`${base}/Users`, { headers: { Authorization: `Bearer ${token}` } });
	await expect(wizard.getByText("It works: requests arrive", { exact: false })).toBeVisible();
	await wizard.getByRole("button", { name: "To the connection" }).click();
	await suspendAndRelease(page, server, "northwind", "rosa.rossi");
	await acknowledge(page, server, "northwind");
	await go(page, server, "/companies/northwind/settings");
	await lacks(page, /^Change: /, "tenant.update");
	await go(page, server, "/companies/northwind/billing");
	await lacks(page, "Change", "tenant.billing");
});

test("the Help desk: finds a person, suspends and releases them, and asks for a deletion", async ({ page, server, faults }) => {
	faults.allow(signedOut);
	await arrive(page, server, "alan");
	await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "People" }).click();
	await page.getByLabel(/Search/).fill("noor.bauer");
	await page.getByRole("link", { name: /Noor Bauer/ }).click();
	await expect(page.getByText("What the next sync will do")).toBeVisible();
	await suspendAndRelease(page, server, "northwind", "yuki.adeyemi");
	await page.getByRole("button", { name: "More", exact: true }).click();
	await expect(page.getByRole("menuitem", { name: /Delete for good/ })).toContainText("lacks the right user.delete");
	await page.keyboard.press("Escape");
	await go(page, server, "/companies/northwind/people");
	await lacks(page, "Add person", "user.manage");
	await go(page, server, "/companies/northwind/alerts");
	await lacks(page, /^Acknowledge: /, "tenant.alert");
	await go(page, server, "/connections/northwind-okta");
	await lacks(page, "Pause", "connection.manage");
});

test("Read-only: reads everything in the companies, and changes nothing", async ({ page, server, faults }) => {
	faults.allow(signedOut);
	await arrive(page, server, "margaret");
	await searchAudit(page, server, "/companies/northwind/audit", "local");
	await go(page, server, "/connections/northwind-okta/journal");
	await expect(page.getByRole("table").getByRole("row").nth(1)).toBeVisible();
	await go(page, server, "/companies/northwind");
	await lacks(page, "Launch", "tenant.enter");
	await go(page, server, "/companies/northwind/people?q=aisha");
	await page.getByRole("link", { name: /Aisha Holm/ }).click();
	await lacks(page, "Suspend", "user.suspend");
	await go(page, server, "/connections/northwind-okta/credentials");
	await lacks(page, "Rotate", "credential.manage");
	await go(page, server, "/companies");
	await page.getByRole("button", { name: "Add company" }).click();
	await expect(page.getByRole("menuitem", { name: /New company/ })).toContainText("lacks the right tenant.create");
});
