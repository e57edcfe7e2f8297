// Names as they come from outside: very long, from right to left, and with markup in them. They are text, and nothing gets wider.
import { accessible, expect, type Page, test, widths } from "./test.ts";

test.use({ copy: "names" });

const names = {
	long: "Maximiliane".repeat(30).slice(0, 300),
	words: `${"Anna Maria Theresia ".repeat(15)}Holm`,
	arabic: "\u0644\u064a\u0644\u0649 \u062d\u062f\u0627\u062f \u0628\u0646\u062a \u0639\u0645\u0631 \u0627\u0644\u0645\u0635\u0631\u064a",
	markup: '<img src=x onerror="document.title=1"><script>alert(1)</script>&amp;',
};

async function fits(page: Page, where: string): Promise<void> {
	for (const width of Object.values(widths)) {
		await page.setViewportSize({ width, height: 900 });
		await expect
			.poll(() => page.evaluate(() => document.documentElement.scrollWidth - innerWidth), { message: `${where} at ${width}` })
			.toBeLessThanOrEqual(0);
	}
	await page.setViewportSize({ width: 1440, height: 900 });
}

let token: { base_url: string; secret: string };

test.beforeAll(async ({ server }) => {
	token = await server.do("POST", "/connections/tailspin-okta/tokens", {});
});

/** Writes a person and a group as an identity provider does. */
async function push(name: string, email: string): Promise<void> {
	const write = async (kind: string, body: object) => {
		const answer = await fetch(`${token.base_url}/${kind}`, {
			method: "POST",
			headers: { Authorization: `Bearer ${token.secret}`, "Content-Type": "application/scim+json" },
			body: JSON.stringify({ schemas: [`urn:ietf:params:scim:schemas:core:2.0:${kind.slice(0, -1)}`], displayName: name, ...body }),
		});
		expect(answer.status, await answer.clone().text()).toBe(201);
		return answer.json();
	};
	const user = await write("Users", {
		userName: email,
		active: true,
		name: { familyName: name },
		emails: [{ value: email, primary: true }],
	});
	await write("Groups", { members: [{ value: user.id }] });
}

test("an address is read from left to right, also where its first part is not", async ({ open }) => {
	const page = await open("ada", "/companies/alnoor/people");
	const address = page.getByRole("row").locator("bdi", { hasText: "\u0644\u064a\u0644\u0649.\u062d\u062f\u0627\u062f@alnoor.example" });
	await expect(address).toHaveCSS("direction", "ltr");
	await expect(page.getByRole("link", { name: "\u0644\u064a\u0644\u0649 \u062d\u062f\u0627\u062f" }).locator("bdi").first()).toHaveCSS(
		"direction",
		"rtl",
	);
});

for (const [kind, name] of Object.entries(names)) {
	test(`a person and a group with a name that is ${kind}`, async ({ open }) => {
		const email = `${kind}@tailspin.example`;
		await push(name, email);
		const page = await open("ada", `/companies/tailspin/people?q=${encodeURIComponent(email)}`);
		const row = page.getByRole("table", { name: "People" }).getByRole("row").nth(1);
		await expect(row).toContainText(email);
		await fits(page, "people");

		await row.getByRole("link").first().click();
		const shown = name.slice(0, 60);
		await expect(page.getByRole("heading", { level: 1 })).toContainText(shown);
		await fits(page, "a person");
		await page.getByRole("button", { name: "Suspend", exact: true }).click();
		const dialog = page.getByRole("alertdialog");
		await expect(dialog.getByRole("heading", { level: 2 })).toContainText(shown.slice(0, 20));
		await fits(page, "a dialog");
		await accessible(page, `a dialog about a name that is ${kind}`);
		await page.keyboard.press("Escape");

		await page.getByRole("link", { name }).click();
		await expect(page.getByRole("heading", { level: 1 })).toContainText(shown);
		await fits(page, "a group");
		await page.getByRole("button", { name: "More", exact: true }).click();
		await page.getByRole("menuitem", { name: "Delete for good" }).click();
		await fits(page, "deleting a group");
		await page.keyboard.press("Escape");

		await page.keyboard.press("Control+k");
		await expect(page.getByRole("searchbox", { name: "Search or jump to" })).toBeFocused();
		await page.keyboard.type(email);
		await expect(page.getByRole("menuitem", { name: new RegExp(email) })).toBeVisible();
		await fits(page, "the palette");
		expect(await page.title()).not.toBe("1");
	});
}

test("a company is shown with its name, also where only its slug is known", async ({ open, page, server }) => {
	await open("ada", "/companies/northwind/hand-over");
	await page.getByRole("button", { name: "Hand over" }).click();
	await expect(page.getByRole("alertdialog", { name: "Hand Northwind Traders over?" })).toBeVisible();
	await page.keyboard.press("Escape");
	await page.route("**/api/v1/tenants/northwind/audit/search*", async (route) => {
		const response = await route.fetch();
		const answer = await response.json();
		answer.items[0] = { ...answer.items[0], action: "events.trim", subject: { kind: "tenant", id: "northwind" }, reason: undefined };
		return route.fulfill({ response, json: answer });
	});
	await page.goto(`${server.url}/console/companies/northwind/audit`);
	await expect(page.getByRole("table", { name: "Audit trail" })).toContainText("removed old events of Northwind Traders");
});
