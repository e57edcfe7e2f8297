// A confirmation whose preview is empty cannot be sent, and says why.
import { expect, test } from "./test.ts";

test.use({ copy: "preview" });

test("an action that would change nothing is not offered", async ({ open, page }) => {
	await page.route("**/suspend?dry_run=true", async (route) => {
		const response = await route.fetch();
		return route.fulfill({ response, json: { ...(await response.json()), changes: [] } });
	});
	const sent: string[] = [];
	page.on("request", (request) => request.method() === "POST" && /\/suspend$/.test(request.url()) && sent.push(request.url()));
	await open("ada", "/companies/northwind/people/owen.nasser@northwind.example");
	await page.getByRole("button", { name: "Suspend", exact: true }).click();
	const dialog = page.getByRole("alertdialog", { name: /Suspend Owen/ });
	await expect(dialog.getByText("Nothing would change.")).toBeVisible();
	const button = dialog.getByRole("button", { name: "Suspend", exact: true });
	await expect(button).toHaveAttribute("aria-disabled", "true");
	await button.focus();
	await expect(page.getByRole("tooltip")).toHaveText("Nothing would change.");
	await button.press("Enter");
	expect(sent).toEqual([]);
});

test("what is past its retention time is removed only if there is something", async ({ open, page }) => {
	let answer = { events: 0, tombstones: 0 };
	await page.route("**/trim?dry_run=true", (route) => route.fulfill({ json: { tenant: "northwind", ...answer } }));
	await open("ada", "/companies/northwind/settings");
	await page.getByRole("button", { name: "Clean up now" }).click();
	const dialog = page.getByRole("dialog", { name: "Remove what is past its retention time?" });
	const button = dialog.getByRole("button", { name: "Remove" });
	await expect(button).toHaveAttribute("aria-disabled", "true");
	await button.focus();
	await expect(page.getByRole("tooltip")).toHaveText("Nothing is past its retention time.");
	await dialog.getByRole("button", { name: "Cancel" }).click();
	answer = { events: 3, tombstones: 0 };
	await page.getByRole("button", { name: "Clean up now" }).click();
	await expect(button).not.toHaveAttribute("aria-disabled");
});

test("a table of people who are there already is not imported", async ({ open, server }) => {
	const [person] = (await server.do("GET", "/tenants/northwind/users?q=owen.nasser")).items;
	const page = await open("ada", "/companies/northwind/people/import");
	await page.setInputFiles("input[type=file]", {
		name: "people.csv",
		mimeType: "text/csv",
		buffer: Buffer.from(`userName,email\n${person.user_name},${person.emails[0]}\n`),
	});
	await page.getByRole("button", { name: "Preview" }).click();
	await expect(page.getByRole("button", { name: "Import", exact: true })).toHaveAttribute("aria-disabled", "true");
});
