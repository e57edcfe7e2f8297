// The events of a company as its applications get them.
import { accessible, expect, test } from "./test.ts";

test.use({ copy: "events" });

test("what happens is added, and an event gives its JSON and the cursor after it", async ({ open, server }) => {
	const page = await open("ada", "/companies/northwind/audit");
	await page.getByRole("navigation", { name: "Audit" }).getByRole("link", { name: "Events" }).click();
	const table = page.getByRole("table", { name: "Events" });
	await expect(table.getByRole("row").nth(1)).toBeVisible();
	const { last } = await server.do("GET", "/tenants/northwind/events?limit=1");
	await expect(table.getByRole("row").nth(1)).toContainText(String(last));
	await accessible(page, "events");

	await server.do("POST", "/tenants/northwind/users/owen.nasser@northwind.example/suspend", {});
	const row = table.getByRole("row", { name: /user\.suspended.*owen/ }).first();
	await expect(row, "without a reload").toBeVisible({ timeout: 40_000 });
	await row.getByRole("button").first().press("Enter");
	const dialog = page.getByRole("dialog", { name: /^Event \d+$/ });
	await expect(dialog.getByText('"kind": "user.suspended"')).toBeVisible();
	await expect(dialog.getByText(/^northwind\.\d+\.[0-9a-f]{12}$/)).toBeVisible();
	await accessible(page, "an event");
	await page.keyboard.press("Escape");

	await page.getByRole("button", { name: "Kind", exact: true }).click();
	await page.getByRole("option", { name: "user.suspended" }).click();
	await expect(page).toHaveURL(/kind=user\.suspended/);
	await expect(table.getByRole("row", { name: /user\.created/ })).toHaveCount(0);
	await page.getByText("Kinds of event").first().click();
	await expect(page.getByRole("row", { name: /end their sessions now/ })).toBeVisible();
	await page.getByRole("button", { name: "Sample of user.suspended" }).click();
	await expect(dialog).toBeVisible();
	await server.do("POST", "/tenants/northwind/users/owen.nasser@northwind.example/release", {});
});

test("older events are loaded, and nothing is added while it is not live", async ({ open, server }) => {
	for (let i = 0; i < 60; i++) {
		await server.do("POST", "/tenants/northwind/users/owen.nasser@northwind.example/suspend", {});
		await server.do("POST", "/tenants/northwind/users/owen.nasser@northwind.example/release", {});
	}
	const page = await open("ada", "/companies/northwind/audit/events");
	const table = page.getByRole("table", { name: "Events" });
	await expect(table.getByRole("row")).toHaveCount(101);
	await page.getByRole("switch", { name: "Live" }).press("Space");
	await server.do("POST", "/tenants/northwind/users/owen.nasser@northwind.example/suspend", {});
	await page.getByRole("button", { name: "Load older ones" }).click();
	await expect.poll(() => table.getAttribute("aria-rowcount")).not.toBe("101");
	await page.keyboard.press("Control+Home");
	await expect(table.getByRole("row").nth(1)).toContainText("user.released");
	await page.getByRole("switch", { name: "Live" }).press("Space");
	await expect(table.getByRole("row").nth(1)).toContainText("user.suspended");
});

test("a role without the trail has no events", async ({ open, page }) => {
	await open("help_desk", "/companies/northwind/audit/events");
	await expect(page.getByText(/lacks the right tenant\.record/).first()).toBeVisible();
});
