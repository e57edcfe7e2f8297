// What was done by mistake is taken back from the message that says it: with the checks of the opposite action, and only as long as it stands.
import { accessible, expect, type Page, type Server, test } from "./test.ts";

test.use({ copy: "undo" });

async function suspend(page: Page): Promise<void> {
	await page.getByRole("button", { name: "Suspend", exact: true }).click();
	await page.getByRole("alertdialog").getByRole("button", { name: "Suspend", exact: true }).click();
	await expect(page.getByText(/is suspended\./).first()).toBeVisible();
}

const person = async (server: Server, q: string) => (await server.do("GET", `/tenants/northwind/users?q=${q}`)).items[0];

test("a suspension is undone", async ({ open, server }) => {
	const page = await open("ada", "/companies/northwind/people/owen.nasser@northwind.example");
	await suspend(page);
	expect((await person(server, "owen.nasser")).state).toBe("suspended");
	await accessible(page, "a message with Undo");
	await page.getByRole("button", { name: "Undo" }).press("Enter");
	await expect(page.getByText(/is active again\./)).toBeVisible();
	expect((await person(server, "owen.nasser")).state).toBe("active");
	await expect(page.getByRole("button", { name: "Suspend", exact: true })).toBeVisible();
});

test("what another operator changed meanwhile is not undone", async ({ open, server }) => {
	const page = await open("ada", "/companies/northwind/people/owen.nasser@northwind.example");
	await suspend(page);
	const { id } = await person(server, "owen.nasser");
	await server.do("POST", `/tenants/northwind/users/${id}/hold`);
	await page.getByRole("button", { name: "Undo" }).click();
	await expect(page.getByText(/was changed meanwhile\. Nothing was undone\./)).toBeVisible();
	expect((await person(server, "owen.nasser")).suspension.mode).toBe("hold");
	await server.do("POST", `/tenants/northwind/users/${id}/release`);
});

test("the suspension of many is undone for all of them, or for none", async ({ open, server, faults }) => {
	faults.allow(/status of 409/);
	const page = await open("ada", "/companies/northwind/people?state=active&sort=user_name");
	const rows = page.getByRole("table", { name: "People" }).getByRole("row");
	await rows.nth(2).getByRole("checkbox").press("Space");
	await rows.nth(3).getByRole("checkbox").press("Space");
	await page.getByRole("button", { name: "Suspend", exact: true }).click();
	const dialog = page.getByRole("dialog", { name: "Suspend 2 people" });
	await dialog.getByRole("button", { name: "Suspend", exact: true }).click();
	await dialog.getByRole("button", { name: "Close" }).last().click();
	const before = (await server.do("GET", "/tenants/northwind")).users.suspended;
	await page.getByRole("button", { name: "Undo" }).click();
	await expect(page.getByText("2 people are active again.")).toBeVisible();
	expect((await server.do("GET", "/tenants/northwind")).users.suspended).toBe(before - 2);
});

test("a pause is undone, unless the connection was changed", async ({ open, server, faults }) => {
	faults.allow(/status of 412/);
	const page = await open("ada", "/connections");
	const pause = async () => {
		await page.getByRole("button", { name: "Actions for northwind-okta" }).click();
		await page.getByRole("menuitem", { name: "Pause" }).click();
		await page.getByRole("dialog").getByRole("button", { name: "Pause" }).click();
		await expect(page.getByText("northwind-okta is paused.")).toBeVisible();
	};
	const paused = async () => (await server.do("GET", "/connections/northwind-okta")).paused;
	await pause();
	await page.getByRole("button", { name: "Undo" }).click();
	await expect(page.getByText("northwind-okta is resumed.")).toBeVisible();
	expect(await paused()).toBe(false);
	await pause();
	await server.do("PATCH", "/connections/northwind-okta", { paused: false });
	await server.do("PATCH", "/connections/northwind-okta", { paused: true });
	await page.getByRole("button", { name: "Undo" }).click();
	await expect(page.locator(".toast-bad")).toBeVisible();
	expect(await paused()).toBe(true);
	await server.do("PATCH", "/connections/northwind-okta", { paused: false });
});

test("a person is put back into a group of the company's own, but not into one with rights", async ({ open, server }) => {
	const group = await server.do("POST", "/tenants/northwind/groups", { display_name: "Day shift" });
	await server.do("PUT", `/tenants/northwind/groups/${group.id}/members/owen.nasser@northwind.example`);
	await server.do("PUT", "/tenants/northwind/groups/administrators/members/owen.nasser@northwind.example");
	const page = await open("ada", `/companies/northwind/groups/${group.id}`);
	const takeOut = async () => {
		await page.getByRole("button", { name: /Take .*Owen.* out/ }).click();
		await page.getByRole("alertdialog").getByRole("button", { name: "Take out" }).click();
		await expect(page.getByText(/is taken out of/)).toBeVisible();
	};
	await takeOut();
	await page.getByRole("button", { name: "Undo" }).click();
	await expect(page.getByText(/is in the group again\./)).toBeVisible();
	expect((await server.do("GET", `/tenants/northwind/groups/${group.id}/members`)).items).toHaveLength(1);
	await page.goto(`${server.url}/console/companies/northwind/groups/administrators`);
	await takeOut();
	await expect(page.getByRole("button", { name: "Undo" })).toHaveCount(0);
});
