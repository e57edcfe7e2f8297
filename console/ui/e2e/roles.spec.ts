// Each role walks through the navigation. What it lacks says which right is missing, and nothing that it may open fails.
import { expect, type Page, test } from "./test.ts";

test.use({ copy: "roles" });

const open = ["Home", "Companies", "People", "Connections", "Alerts", "Targets", "Settings"];

/** What each role may not open, of the navigation. */
const closed: Record<string, string[]> = {
	ada: [],
	grace: ["Server"],
	edsger: ["Seats & billing", "Server"],
	barbara: ["Seats & billing", "Administrators", "Webhooks", "Server"],
	alan: ["Seats & billing", "Audit", "Administrators", "Webhooks", "Server"],
	margaret: ["Seats & billing", "Administrators", "Webhooks", "Server"],
};

/** Nothing is wider than a phone: not even what only a screen reader reads. */
async function fits(page: Page, where: string): Promise<void> {
	const before = page.viewportSize();
	await page.setViewportSize({ width: 390, height: 900 });
	await expect
		.poll(() => page.evaluate(() => document.documentElement.scrollWidth - innerWidth), { message: `${where} is too wide for a phone` })
		.toBeLessThanOrEqual(0);
	if (before) await page.setViewportSize(before);
}

test("what a role may not read or do stays where it is, and says which right is missing", async ({ open: visit, server }) => {
	const people = await server.do("GET", "/tenants/northwind/users?state=suspended");
	const lack = (right: string) => `Your role, Help desk, lacks the right ${right}.`;
	const withheld: [path: string, title: string, right: string][] = [
		["/", "Today", "tenant.record"],
		["/companies/northwind", "Who has access", "operator.read"],
		["/companies/northwind", "Recent activity", "tenant.record"],
		["/companies/northwind/billing", "Daily counts and ledger", "tenant.billing"],
		[`/companies/northwind/people/${people.items[0].id}`, "Seat", "tenant.billing"],
		[`/companies/northwind/people/${people.items[0].id}`, "Requests about this person", "tenant.record"],
		[`/companies/northwind/people/${people.items[0].id}`, "History", "tenant.record"],
		["/companies/northwind/groups/owners", "History", "tenant.record"],
		["/connections/northwind-okta", "Last requests", "tenant.record"],
		["/settings", "Provider", "operator.read"],
		["/settings", "Second factor", "operator.read"],
		["/settings", "Mail", "server.manage"],
		["/settings", "Configuration of the server", "server.manage"],
	];
	for (const [path, title, right] of withheld) {
		const page = await visit("alan", path);
		const card = page.locator(".card").filter({ has: page.getByRole("heading", { name: title, exact: true }) });
		await expect(card, `${path}: ${title}`).toContainText(lack(right));
	}
	const page = await visit("alan", "/companies/northwind/groups/owners");
	const out = page.getByRole("button", { name: /^Take .* out$/ }).first();
	await expect(out).toHaveAttribute("aria-disabled", "true");
	await out.focus();
	await expect(page.getByRole("tooltip")).toHaveText(lack("group.manage"));
	await visit("margaret", "/companies/vandelay");
	await expect(page.getByRole("button", { name: "Connect", exact: true })).toHaveAttribute("aria-disabled", "true");
	await expect(page.getByRole("button", { name: "Connect an identity provider" })).toHaveAttribute("aria-disabled", "true");
	await visit("margaret", "/audit");
	await expect(page.getByRole("button", { name: "This installation" })).toHaveAttribute("aria-disabled", "true");
});

for (const [who, lacks] of Object.entries(closed)) {
	test(`${who} sees what the role allows`, async ({ open: visit, server }) => {
		const page = await visit(who, "/");
		const navigation = page.getByRole("navigation", { name: "Main" });
		const role = server.player(who).role;
		for (const name of [...open, "Seats & billing", "Audit", "Administrators", "Webhooks", "Server"]) {
			if (lacks.includes(name)) {
				const item = navigation.getByRole("button", { name: new RegExp(`^${name}`) });
				await expect(item, `${role}: ${name}`).toHaveAttribute("aria-disabled", "true");
				continue;
			}
			await navigation.getByRole("link", { name: new RegExp(`^${name}`) }).click();
			await expect(page.locator("main h1").first()).toBeVisible();
			await expect(page.locator(".empty-failed"), `${role}: ${name}`).toHaveCount(0);
			await fits(page, `${role}: ${name}`);
		}
		// A company, each of its sections.
		await page.goto(`${server.url}/console/companies/northwind`);
		const sections = page.getByRole("navigation", { name: "Sections of the company" });
		await expect(sections).toBeVisible();
		for (const link of await sections.getByRole("link").allInnerTexts()) {
			await sections.getByRole("link", { name: link.replace(/\d+$/, "").trim() }).click();
			await expect(page.locator(".skeleton")).toHaveCount(0);
			await expect(page.locator(".empty-failed"), `${role}: ${link}`).toHaveCount(0);
			await fits(page, `${role}: ${link}`);
		}
	});
}
