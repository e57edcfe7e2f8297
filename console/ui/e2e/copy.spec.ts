// What an operator takes along: ids and links.
import { accessible, expect, type Page, test } from "./test.ts";

test.use({ copy: "copy", permissions: ["clipboard-read", "clipboard-write"] });

const clipboard = (page: Page) => page.evaluate(() => navigator.clipboard.readText());

test("ids and links of what is open are copied", async ({ open, server, page }) => {
	const [person] = (await server.do("GET", "/tenants/northwind/users?q=owen.nasser")).items;
	await open("ada", `/companies/northwind/people/${person.id}`);
	await page.getByRole("button", { name: "Copy the id" }).click();
	expect(await clipboard(page)).toBe(person.id);
	await page.getByRole("button", { name: "Copy the link to this person" }).click();
	expect(await clipboard(page)).toBe(page.url());
	await open("ada", "/connections/northwind-okta");
	await page.getByRole("button", { name: "Copy the id of the connection" }).press("Enter");
	await expect.poll(() => clipboard(page)).toBe("northwind-okta");
	await accessible(page, "a connection with its id");
	await open("ada", "/connections/northwind-okta/journal");
	await page.getByRole("table").getByRole("button").first().click();
	const request = page.getByRole("dialog");
	await request.getByRole("button", { name: "Copy the request id" }).click();
	const id = await clipboard(page);
	expect(new URL(page.url()).searchParams.get("request")).toBe(id);
	await request.getByRole("button", { name: "Copy the link to this request" }).click();
	expect(await clipboard(page)).toContain(`request=${encodeURIComponent(id)}`);
});

test("the id of a request that failed is copied", async ({ open, page, faults }) => {
	faults.allow(/status of 422/);
	const answer = { status: 422, code: "invalid", detail: "the test refuses", request: "r-4711" };
	await page.route("**/api/v1/tenants?*", (route) =>
		route.fulfill({ status: 422, contentType: "application/problem+json", body: JSON.stringify(answer) }),
	);
	await open("ada", "/companies");
	await page.getByRole("alert").getByRole("button", { name: "Copy the request id" }).click();
	expect(await clipboard(page)).toBe("r-4711");
});
