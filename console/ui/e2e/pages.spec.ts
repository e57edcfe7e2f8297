// Every page once, as an Owner who sees most of it: it has its heading, no violation in either theme, and no fault in the browser at
// three widths. With MANUAL=folder it leaves the pictures of the manual.
import { accessible, expect, type Page, test, widths } from "./test.ts";

test.use({ copy: "pages" });

/** The address of each page, and a heading that it has when everything has arrived. */
const pages: [name: string, path: string, heading: string | RegExp][] = [
	["home", "/", /^Good /],
	["no-page", "/nothing", "There is no such page"],
	["no-match", "/companies?q=zzzz", "Nothing matches"],
	["companies", "/companies", "Companies"],
	["company", "/companies/northwind", "Northwind Traders"],
	["people", "/companies/northwind/people", "Northwind Traders"],
	["people-suspended", "/companies/northwind/people?state=suspended", "Northwind Traders"],
	["person", "/companies/northwind/people/{yield}", "Why"],
	["person-held", "/companies/northwind/people/{hold}", "Why"],
	["invitations", "/companies/piedpiper/people/invitations", "Pied Piper"],
	["deletion-requests", "/companies/northwind/people/deletion-requests", "Northwind Traders"],
	["auto-deletions", "/companies/northwind/people/auto-deletions", "Northwind Traders"],
	["import", "/companies/northwind/people/import", "Northwind Traders"],
	["groups", "/companies/northwind/groups", "Northwind Traders"],
	["group", "/companies/northwind/groups/{finance}", "Finance"],
	["group-owners", "/companies/northwind/groups/owners", "Owners"],
	["company-connections", "/companies/northwind/connections", "Northwind Traders"],
	["company-billing", "/companies/northwind/billing", "Northwind Traders"],
	["company-alerts", "/companies/northwind/alerts", "Northwind Traders"],
	["company-audit", "/companies/northwind/audit", "Northwind Traders"],
	["company-settings", "/companies/northwind/settings", "Northwind Traders"],
	["hand-over", "/companies/northwind/hand-over", "Northwind Traders"],
	["everybody", "/people?q=mira", "People"],
	["connections", "/connections", "Connections"],
	["connection", "/connections/northwind-okta", "northwind-okta"],
	["journal", "/connections/northwind-okta/journal", "northwind-okta"],
	["credentials", "/connections/northwind-okta/credentials", "northwind-okta"],
	["mapping", "/connections/northwind-okta/mapping", "northwind-okta"],
	["held", "/connections/globex-entra/held", "globex-entra"],
	["observe", "/connections/northwind-okta/observe", "northwind-okta"],
	["move", "/connections/northwind-okta/move", "northwind-okta"],
	["doctor", "/connections/northwind-okta/doctor", "northwind-okta"],
	["connection-settings", "/connections/northwind-okta/settings", "northwind-okta"],
	["disconnect", "/connections/northwind-okta/disconnect", "northwind-okta"],
	["alerts", "/alerts", "Alerts"],
	["billing", "/billing", "Seats & billing"],
	["audit", "/audit", "Audit"],
	["audit-installation", "/audit?trail=installation", "Audit"],
	["administrators", "/administrators", "Administrators"],
	["webhooks", "/webhooks", "Webhooks"],
	["targets", "/targets", "Targets"],
	["server", "/server", "Server"],
	["settings", "/settings", "Settings"],
	["account", "/account", "My account"],
	["second-factor", "/account/mfa", /second factor/i],
];

/** Pages of which the manual has a picture. */
const manual = ["home", "companies", "company", "person", "held", "connection", "administrators"];

/** Waits until nothing is loading. */
async function settled(page: Page): Promise<void> {
	await expect(page.locator(".skeleton")).toHaveCount(0);
	await expect(page.locator("main :is(h1, h2, h3)").first()).toBeVisible();
}

/** The names of tables that are wider than the frame around them, where that does not move sideways. */
function besideFrame(): string[] {
	return [...document.querySelectorAll<HTMLElement>(".table-wrap")]
		.filter((frame) => getComputedStyle(frame).overflowX === "visible" && frame.scrollWidth > frame.clientWidth)
		.map((frame) => frame.querySelector("table")?.getAttribute("aria-label") ?? "a table");
}

for (const [name, path, heading] of pages) {
	test(`the page ${name}`, async ({ open, server }) => {
		const people = await server.do("GET", "/tenants/northwind/users?state=suspended");
		const groups = await server.do("GET", "/tenants/northwind/groups");
		const held = (mode: string) => people.items.find((u: any) => u.suspension?.mode === mode)?.id;
		const page = await open(
			"ada",
			path
				.replace("{yield}", held("yield"))
				.replace("{hold}", held("hold"))
				.replace("{finance}", groups.items.find((g: any) => g.display_name === "Finance").id),
		);
		await expect(page.getByRole("heading", { name: heading }).first()).toBeVisible();
		await settled(page);
		if (process.env.MANUAL && manual.includes(name)) {
			await page.setViewportSize({ width: 1280, height: 800 });
			await settled(page);
			await page.screenshot({ path: `${process.env.MANUAL}/console-${name}.png` });
		}
		await accessible(page, name);
		for (const pixels of [...Object.values(widths), 1280]) {
			await page.setViewportSize({ width: pixels, height: 900 });
			await settled(page);
			expect(
				await page.evaluate(() => document.documentElement.scrollWidth - innerWidth),
				`${name} is too wide at ${pixels}`,
			).toBeLessThanOrEqual(0);
			expect(await page.evaluate(besideFrame), `tables of ${name} that leave their frames at ${pixels}`).toEqual([]);
			const here = page.locator(".tabs [aria-current]");
			if (await here.count()) await expect(here, `the section of ${name} at ${pixels}`).toBeInViewport({ ratio: 0.95 }); // but for a rounded pixel
		}
	});
}

test("a page that a role may not see has a heading and no violation", async ({ open }) => {
	const page = await open("alan", "/server");
	await expect(page.getByRole("heading", { level: 1, name: "Your role may not see this page" })).toBeVisible();
	await accessible(page, "withheld");
});

test("a company that does not exist has a heading and no violation", async ({ open, faults }) => {
	faults.allow(/status of 404/);
	const page = await open("alan", "/companies/wayne");
	await expect(page.getByRole("heading", { level: 1, name: "This does not exist" })).toBeVisible();
	await accessible(page, "missing company");
});
