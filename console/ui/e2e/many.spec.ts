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
});
