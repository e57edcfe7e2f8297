// Each role walks through the navigation. What it lacks says which right is missing, and nothing that it may open fails.
import { expect, test } from "./test.ts";

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
		}
		// A company, each of its sections.
		await page.goto(`${server.url}/console/companies/northwind`);
		const sections = page.getByRole("navigation", { name: "Sections of the company" });
		await expect(sections).toBeVisible();
		for (const link of await sections.getByRole("link").allInnerTexts()) {
			await sections.getByRole("link", { name: link.replace(/\d+$/, "").trim() }).click();
			await expect(page.locator(".skeleton")).toHaveCount(0);
			await expect(page.locator(".empty-failed"), `${role}: ${link}`).toHaveCount(0);
		}
	});
}
