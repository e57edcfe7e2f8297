import { accessible, expect, test } from "./test.ts";

test.use({ copy: "observe" });

/** Writes a person as the identity provider of a connection does. */
async function push(server: any, connection: string, userName: string): Promise<number> {
	const made = await server.do("POST", `/connections/${connection}/tokens`, {});
	const answer = await fetch(`${made.base_url}/Users`, {
		method: "POST",
		headers: { Authorization: `Bearer ${made.secret}`, "Content-Type": "application/scim+json" },
		body: JSON.stringify({
			schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"],
			userName,
			active: true,
			emails: [{ value: userName, primary: true }],
		}),
	});
	return answer.status;
}

test("observes an identity provider, and promotes what it wrote", async ({ open, server, faults }) => {
	faults.allow(/status of 409/); // the observation has ended while its page is still open
	const page = await open("ada", "/connections/stark-entra/observe");
	await expect(page.getByText("No seat is taken", { exact: false })).toBeVisible();
	await accessible(page, "before observe mode");
	await page.getByRole("button", { name: "Start to observe" }).click();
	await expect(page.getByRole("heading", { name: "No difference" })).toBeVisible();
	await expect(page.getByRole("heading", { level: 1 }).locator("..")).toContainText("Observed");
	expect(await push(server, "stark-entra", "pepper@stark.example")).toBe(201);
	const row = page.getByRole("table", { name: "Observed changes" }).getByRole("row", { name: /pepper@stark\.example/ });
	await expect(row).toContainText("Create");
	await expect(page.getByRole("columnheader", { name: "Matched by" })).toBeVisible();
	await accessible(page, "a difference");
	const people = async () => (await server.do("GET", "/tenants/stark/users?q=pepper")).items.length;
	expect(await people()).toBe(0);
	await page.getByRole("button", { name: "Promote" }).click();
	const dialog = page.getByRole("dialog", { name: "Promote 1 change?" });
	await accessible(page, "promote");
	await dialog.getByRole("button", { name: "Promote" }).click();
	await expect(page.getByRole("button", { name: "Start to observe" })).toBeVisible();
	expect(await people()).toBe(1);
});

test("drops what was observed, and the company is as it was", async ({ open, server, faults }) => {
	faults.allow(/status of 409/);
	await server.do("POST", "/connections/hooli-jumpcloud/observation", {});
	expect(await push(server, "hooli-jumpcloud", "gavin@hooli.example")).toBe(201);
	const page = await open("barbara", "/connections/hooli-jumpcloud");
	await page.getByRole("link", { name: "Look at the difference" }).click();
	await expect(page.getByRole("row", { name: /gavin@hooli\.example/ })).toBeVisible();
	await page.getByRole("button", { name: "Drop" }).click();
	const dialog = page.getByRole("alertdialog", { name: "Drop the observed changes?" });
	await dialog.getByRole("button", { name: "Drop" }).click();
	await expect(page.getByRole("button", { name: "Start to observe" })).toBeVisible();
	expect((await server.do("GET", "/tenants/hooli/users?q=gavin")).items).toHaveLength(0);
});

test("a role that may only look sees the difference and cannot promote it", async ({ open, server }) => {
	await server.do("POST", "/connections/northwind-okta/observation", {});
	const page = await open("alan", "/connections/northwind-okta/observe");
	await expect(page.getByRole("heading", { name: "What a promotion changes" })).toBeVisible();
	await expect(page.getByRole("button", { name: "Promote" })).toHaveAttribute("aria-disabled", "true");
	await server.do("DELETE", "/connections/northwind-okta/observation");
});
