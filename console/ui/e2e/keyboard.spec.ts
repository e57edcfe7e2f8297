// A morning without a mouse.
import type { Page } from "@playwright/test";
import { expect, test } from "./test.ts";

test.use({ copy: "keyboard" });

/** Presses Tab until something has the focus. */
async function tabTo(page: Page, role: string, name: RegExp): Promise<void> {
	for (let i = 0; i < 80; i++) {
		await page.keyboard.press("Tab");
		const here = page.locator(":focus");
		if ((await here.count()) === 0) continue;
		if (await here.and(page.getByRole(role as "button", { name })).count()) return;
	}
	throw new Error(`Tab does not reach ${role} ${name}`);
}

test("signs in, adds a company and comes back to where it was", async ({ page, server }) => {
	const edsger = server.player("edsger");
	await page.goto(`${server.url}/console/`);
	await expect(page.getByRole("textbox", { name: "E-mail" })).toBeFocused();
	await page.keyboard.type(edsger.email);
	await page.keyboard.press("Tab");
	await page.keyboard.type(edsger.password);
	await page.keyboard.press("Enter");
	await expect(page.getByRole("navigation", { name: "Main" })).toBeVisible();
	await page.keyboard.press("Control+k");
	await expect(page.getByRole("searchbox", { name: "Search or jump to" })).toBeFocused();
	await page.keyboard.type("compan");
	await expect(page.getByRole("menuitem", { name: /Companies/ })).toBeVisible();
	await page.keyboard.press("Enter");
	await expect(page.getByRole("heading", { name: "Companies" })).toBeVisible();

	await tabTo(page, "button", /Add company|Add a company/);
	await page.keyboard.press("Enter");
	await expect(page.getByRole("menuitem", { name: /New company/ })).toBeFocused();
	await page.keyboard.press("Enter");
	await expect(page.getByRole("dialog", { name: "Add a company" })).toBeVisible();
	await page.keyboard.type("Keyboard Works");
	await page.keyboard.press("Escape"); // a form with text is not closed by a slip
	await expect(page.getByRole("dialog", { name: "Add a company" })).toBeVisible();
	await page.keyboard.press("Enter");
	await expect(page.getByText("Step 2 of 2", { exact: false })).toBeVisible();
	await tabTo(page, "button", /Add the company/);
	await page.keyboard.press("Enter");
	// What comes next was left as it is: an identity provider is connected.
	await expect(page.getByRole("dialog", { name: "Connect an identity provider" })).toBeVisible();
	await expect(page.getByRole("combobox", { name: "Company" })).toHaveValue("Keyboard Works");
});

test("moves through a table by the arrow keys, and the focus returns after a dialog", async ({ open }) => {
	const page = await open("ada", "/companies/northwind/people?q=simon");
	await page.getByRole("link", { name: /Simon Moretti/ }).focus();
	await page.keyboard.press("Enter");
	await expect(page.getByRole("heading", { name: "Simon Moretti" })).toBeVisible();
	await tabTo(page, "button", /^Suspend$/);
	await page.keyboard.press("Enter");
	await expect(page.getByRole("alertdialog")).toBeVisible();
	await page.keyboard.press("Escape");
	await expect(page.getByRole("alertdialog")).toBeHidden();
	await expect(page.getByRole("button", { name: "Suspend", exact: true })).toBeFocused();
	await page.goBack();
	const table = page.getByRole("table", { name: "People" });
	await expect(page.getByRole("link", { name: /Simon Moretti/ }), "the way back returns to the link that was followed").toBeFocused();
	await page.getByRole("button", { name: "Clear all" }).first().click();
	await expect(table.getByRole("row")).toHaveCount(46);
	await table.getByRole("row").nth(1).getByRole("link").focus();
	await page.keyboard.press("ArrowDown");
	await expect(table.getByRole("row").nth(2).getByRole("link").first()).toBeFocused();
});

test("where the system chooses the colours, one still sees where one is, how full it is, and how the sync went", async ({ open }) => {
	const page = await open("ada", "/companies/northwind");
	await page.emulateMedia({ forcedColors: "active" });
	const colour = (selector: string) =>
		page
			.locator(selector)
			.first()
			.evaluate((e) => getComputedStyle(e).backgroundColor + getComputedStyle(e).backgroundImage);
	const ground = await colour("body");
	for (const part of [".meter-fill", ".strip-cell-good"]) expect(await colour(part), part).not.toBe(ground);
	await expect(page.locator("[aria-current] > .nav-item, .nav-here[aria-current] .nav-item").first()).toHaveCSS("outline-style", "solid");
});

test("the way back returns to where the list was", async ({ open }) => {
	const page = await open("ada", "/companies");
	await page.setViewportSize({ width: 1024, height: 400 });
	const last = page.getByRole("link", { name: /Umbrella Logistics/ });
	await last.scrollIntoViewIfNeeded();
	await expect.poll(() => page.evaluate(() => history.state?.scroll ?? 0)).toBeGreaterThan(0);
	const before = await page.evaluate(() => history.state.scroll);
	await last.click();
	await expect(page.getByRole("heading", { name: "Umbrella Logistics" })).toBeVisible();
	await expect.poll(() => page.evaluate(() => scrollY)).toBe(0);
	await page.goBack();
	await expect(last).toBeFocused();
	await expect.poll(() => page.evaluate(() => scrollY)).toBe(before);
});

test("a side panel that is higher than the window can be read to its end", async ({ open }) => {
	const page = await open("ada", "/administrators?q=donald");
	await page.setViewportSize({ width: 1024, height: 420 });
	await page.getByRole("button", { name: /Donald/ }).focus();
	await page.keyboard.press("Enter");
	const panel = page.getByRole("dialog", { name: /Donald Knuth/ });
	await expect(panel.getByRole("tab", { name: "Details" })).toBeVisible();
	await expect(panel.getByRole("button", { name: "Close" })).toBeInViewport();
	const last = panel.getByRole("button").last();
	await expect(last).not.toBeInViewport();
	for (let i = 0; i < 60 && !(await last.evaluate((e) => e === document.activeElement)); i++) await page.keyboard.press("Tab");
	await expect(last).toBeFocused();
	await expect(last).toBeInViewport();
	// The head stays, so that the panel can be closed.
	await expect(panel.getByRole("button", { name: "Close" })).toBeInViewport();
});

test("keeps what is typed in a field with a list when the dialog or the page scrolls", async ({ open, page }) => {
	await page.setViewportSize({ width: 900, height: 420 });
	await open("ada", "/webhooks");
	await page.getByRole("button", { name: "Add webhook" }).first().click();
	const dialog = page.getByRole("dialog", { name: "Add a webhook" });
	const field = dialog.getByRole("combobox", { name: "Add a company" });
	await field.fill("vandel");
	const option = page.getByRole("option", { name: /Vandelay/ });
	await expect(option).toBeVisible();
	const before = await field.boundingBox();
	const moved = await dialog.evaluate((element) => {
		let box: Element | null = element;
		while (box && (box.scrollHeight <= box.clientHeight || getComputedStyle(box).overflowY === "visible")) box = box.parentElement;
		box?.scrollBy(0, -40);
		return box?.scrollTop;
	});
	expect(moved, "the dialog scrolls").toBeDefined();
	await expect.poll(async () => (await field.boundingBox())?.y).toBeGreaterThan(before?.y ?? 0);
	await expect(field).toHaveValue("vandel");
	const list = page.getByRole("listbox");
	await expect
		.poll(async () => Math.abs(((await list.boundingBox())?.y ?? 0) - ((await field.boundingBox())?.y ?? 0)), {
			message: "the list stays at its field",
		})
		.toBeLessThan(60);
	await option.click();
	await expect(dialog.getByRole("list", { name: "Companies that are chosen" })).toContainText("Vandelay");
});

test("goes to the first and the last row of a table, and an open line of a trail is in the address", async ({ open, page }) => {
	await open("ada", "/companies/northwind/audit");
	const rows = page.getByRole("table", { name: "Audit trail" }).getByRole("row");
	const button = (n: number) => rows.nth(n).getByRole("button").first();
	await button(1).focus();
	await page.keyboard.press("ArrowDown");
	await expect(button(2)).toBeFocused();
	await page.keyboard.press("End");
	await expect(rows.last().getByRole("button")).toBeFocused();
	await page.keyboard.press("Home");
	await expect(button(1)).toBeFocused();
	await page.keyboard.press("Enter");
	await expect(button(1)).toHaveAttribute("aria-expanded", "true");
	await expect(page).toHaveURL(/line=northwind/);
	await page.reload();
	await expect(button(1)).toHaveAttribute("aria-expanded", "true");
});

test("the palette opens nothing that was found for an earlier text", async ({ context, page, server }) => {
	await server.signIn(context, "ada");
	await page.goto(`${server.url}/console/`);
	await expect(page.getByRole("navigation", { name: "Main" })).toBeVisible();
	await page.keyboard.press("Control+k");
	await expect(page.getByRole("searchbox", { name: "Search or jump to" })).toBeFocused();
	await page.keyboard.type("co");
	await expect(page.getByRole("menuitem", { name: /Contoso/ })).toBeVisible();
	let answer = () => {};
	const held = new Promise<void>((resolve) => {
		answer = resolve;
	});
	await page.route(/\/api\/v1\/tenants\?.*\bq=com/, async (route) => {
		await held;
		await route.continue();
	});
	await page.keyboard.type("mpan");
	await expect(page.getByRole("menuitem", { name: /Contoso/ })).toBeHidden();
	await page.keyboard.press("Enter");
	await expect(page.getByRole("heading", { name: "Companies", level: 1 })).toBeVisible();
	answer();
	await page.unrouteAll({ behavior: "wait" });
});
