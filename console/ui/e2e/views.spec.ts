// Filters that are kept under a name, and the filter by company.
import { accessible, expect, test } from "./test.ts";

test.use({ copy: "views" });

test("administrators are found by the company that they have access to", async ({ open, page }) => {
	await open("ada", "/administrators");
	const table = page.getByRole("table", { name: "Administrators" });
	await expect(table.getByRole("row", { name: /Alan Turing/ })).toBeVisible();
	const before = await table.getByRole("row").count();
	await page.getByRole("button", { name: "Company", exact: true }).click();
	await page.getByRole("combobox", { name: "Company" }).fill("northw");
	await page.getByRole("option", { name: /Northwind/ }).click();
	await expect(page.getByRole("button", { name: /^Company: Northwind/ })).toBeVisible();
	await expect(page).toHaveURL(/company=northwind/);
	await expect.poll(() => table.getByRole("row").count()).toBeLessThan(before);
	await expect(table.getByRole("row", { name: /Ada Lovelace/ }), "who has all companies has this one, too").toBeVisible();
	await page.getByRole("button", { name: /^Company: / }).click();
	await page.getByRole("button", { name: "All companies" }).click();
	await expect.poll(() => table.getByRole("row").count()).toBe(before);
});

test("a view of a list is kept for one operator, and opened again", async ({ open, page, context }) => {
	await open("ada", "/companies");
	await page.getByRole("button", { name: "Views" }).click();
	const views = page.getByRole("dialog", { name: "Views of this list" });
	await expect(views.getByRole("button", { name: "Keep" }), "nothing is filtered").toHaveAttribute("aria-disabled", "true");
	await page.keyboard.press("Escape");
	await page.getByRole("searchbox", { name: /Search/ }).fill("north");
	await expect(page).toHaveURL(/q=north/);
	await page.getByRole("button", { name: "Views" }).click();
	await views.getByRole("textbox", { name: "Keep what is shown as" }).fill("<b>North</b>");
	await accessible(page, "views of a list");
	await page.keyboard.press("Enter");
	await expect(views.getByRole("link", { name: "<b>North</b>" })).toBeVisible();
	await page.keyboard.press("Escape");
	await expect(page.getByRole("button", { name: "View: <b>North</b>" })).toBeVisible();

	await open("ada", "/companies");
	await expect(page.getByRole("row", { name: /Globex/ })).toBeVisible();
	await page.getByRole("button", { name: "Views" }).click();
	await views.getByRole("link", { name: "<b>North</b>" }).press("Enter");
	await expect(page).toHaveURL(/q=north/);
	await expect(page.getByRole("row", { name: /Globex/ })).toHaveCount(0);
	await expect(views).toBeHidden();

	await page.goto("about:blank"); // an open page would go on asking, without its session
	await context.clearCookies();
	await open("alan", "/companies");
	await page.getByRole("button", { name: "Views" }).click();
	await expect(views).toBeVisible();
	await expect(views.getByRole("link")).toHaveCount(0);
	await page.goto("about:blank");
	await context.clearCookies();

	await open("ada", "/companies?q=north");
	await page.getByRole("button", { name: /^View: / }).click();
	await views.getByRole("button", { name: "Remove the view <b>North</b>" }).click();
	await page.keyboard.press("Escape");
	await expect(page.getByRole("button", { name: "Views" })).toBeVisible();
});

test("a view keeps the filters, and not what is open", async ({ open, page }) => {
	const away = async () => {
		await expect(page.getByRole("dialog")).toBeVisible();
		await page.keyboard.press("Escape");
		await expect(page.getByRole("dialog")).toBeHidden();
	};
	await open("ada", "/connections?company=northwind&health=healthy&connect=new&type=okta");
	await away();
	await expect(page.getByRole("button", { name: "Company: Northwind Traders" })).toBeVisible();
	await expect(page.getByRole("table", { name: "Connections" }).getByRole("row")).toHaveCount(2);
	await open("ada", "/companies/northwind/people?type=member&add=person");
	await away();
	await page.getByRole("button", { name: "Views" }).click();
	await page.getByRole("textbox", { name: "Keep what is shown as" }).fill("Members");
	await page.keyboard.press("Enter");
	const link = page.getByRole("dialog", { name: "Views of this list" }).getByRole("link", { name: "Members" });
	await expect(link).toHaveAttribute("href", /\?type=member$/);
});

test("what is damaged in the storage of the browser counts as no view", async ({ open, page }) => {
	await open("ada", "/companies");
	await expect(page.getByRole("button", { name: "Views" })).toBeVisible();
	const id = (await (await page.request.get(new URL("/api/v1/me", page.url()).href)).json()).operator.id;
	for (const text of ["{", '{"name":1}', '[null,{"name":"x"}]']) {
		await page.evaluate(([key, value]) => localStorage.setItem(key as string, value as string), [`drawbridge.views.${id}.companies`, text]);
		await page.reload();
		await page.getByRole("button", { name: "Views" }).click();
		await expect(page.getByRole("dialog", { name: "Views of this list" }).getByRole("link")).toHaveCount(0);
	}
});
