// Files that are chosen for an import, and are no tables.
import { expect, test } from "./test.ts";

test.use({ copy: "pages" });

for (const [what, text, sentence] of [
	["empty", "\n", "The file is empty."],
	["binary", "user_name,email\na\0b@x.example,a@x.example\n", "The file is no table: it has bytes that no text has."],
] as const) {
	test(`a file that is ${what} is not taken`, async ({ open }) => {
		const page = await open("ada", "/companies/vandelay/people/import");
		await page.locator("input[type=file]").setInputFiles({ name: "people.csv", mimeType: "text/csv", buffer: Buffer.from(text) });
		await expect(page.getByRole("alert")).toContainText(sentence);
		await expect(page.getByText("people.csv")).toHaveCount(0);
	});
}

test("a table without a row below its first line cannot be imported, and says so", async ({ open }) => {
	const page = await open("ada", "/companies/vandelay/people/import");
	await page.getByRole("textbox", { name: "Or paste it" }).fill("user_name,email\n");
	await page.getByRole("button", { name: "Preview" }).click();
	const run = page.getByRole("button", { name: "Import", exact: true });
	await expect(run).toHaveAttribute("aria-disabled", "true");
	await run.focus();
	await expect(page.getByRole("tooltip")).toHaveText("The table has no row below its first line.");
});
