// What a company of 100,000 people costs.
import { expect, test } from "./test.ts";

test.use({ copy: "crowd", story: "crowd" });

test("shows few of them at once, finds one, and goes on to the next page", async ({ open }) => {
	const page = await open("ada", "/companies/acme/people");
	const rows = page.getByRole("table", { name: "People" }).getByRole("row");
	await expect(rows.nth(20)).toBeVisible();
	for (let least = 200; least <= 800; least += 200) {
		await expect
			.poll(async () => {
				await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
				return Number.parseInt((await page.getByText(/^\d+ shown$/).innerText()).replace(/\D/g, ""), 10);
			})
			.toBeGreaterThanOrEqual(least);
		expect(await rows.count()).toBeLessThanOrEqual(200);
	}
	await page.getByLabel("Search people").fill("p099999");
	await expect(page.getByRole("link", { name: /p099999@acme\.example/ })).toBeVisible();
	await expect(rows).toHaveCount(2);
});
