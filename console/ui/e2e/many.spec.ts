// What 10,000 companies cost.
import { expect, test } from "./test.ts";

test.use({ copy: "many", story: "many" });

test("are searched and sorted by the server, a page at a time", async ({ open }) => {
	const page = await open("ada", "/companies?sort=seats&dir=desc");
	const rows = page.getByRole("table", { name: "Companies" }).getByRole("row");
	await expect(rows.nth(20)).toBeVisible({ timeout: 60_000 });
	await expect(page.getByText("10,000 companies")).toBeVisible();
	expect(await rows.count()).toBeLessThanOrEqual(200);
	await page.getByLabel("Search companies").fill("company-09999");
	await expect(rows).toHaveCount(2, { timeout: 60_000 });

	// A list of choices and the palette ask the server, too.
	await page.keyboard.press("Control+k");
	await expect(page.getByRole("searchbox", { name: "Search or jump to" })).toBeFocused();
	await page.keyboard.type("company-09998");
	await expect(page.getByRole("menuitem", { name: /company-09998/ })).toBeVisible({ timeout: 60_000 });
	await page.keyboard.press("Escape");
	await page.goto(page.url().replace(/companies.*/, "connections?connect=new"));
	const company = page.getByRole("dialog").getByRole("combobox", { name: "Company" });
	await company.fill("company-09997");
	await page.getByRole("option", { name: /company-09997/ }).click({ timeout: 60_000 });
	expect(await page.getByRole("option").count()).toBeLessThanOrEqual(200);
});
