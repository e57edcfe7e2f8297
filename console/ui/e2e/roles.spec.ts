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
