// The states of each page: loading, failed, loaded after another try, stale; and for lists empty and nothing matches. The API between
// the page and the server holds back, refuses, empties or drops its answers.
import type { Page, Route } from "@playwright/test";
import { expect, test } from "./test.ts";

test.use({ copy: "states", env: { DRAWBRIDGE_OUTBOUND_ALLOW: "127.0.0.0/8" } });

type Mode = "hold" | "refuse" | "pass" | "drop" | "empty";

/** Answers in place of the API, except for who is signed in and how to sign in. */
class Between {
	mode: Mode = "pass";
	private released: () => void = () => undefined;
	private held = Promise.resolve();

	/** Between the page and all of the API, or a part of it. */
	static async at(page: Page, part = /\/api\/v1\/(?!me$|session)/): Promise<Between> {
		const between = new Between();
		await page.route(part, (route) => between.answer(route).catch(() => undefined));
		return between;
	}

	hold() {
		this.mode = "hold";
		this.held = new Promise((done) => {
			this.released = done;
		});
	}

	release(mode: Mode) {
		this.mode = mode;
		this.released();
	}

	private async answer(route: Route): Promise<void> {
		if (this.mode === "hold") await this.held;
		switch (this.mode) {
			case "refuse":
				return route.fulfill({
					status: 422,
					contentType: "application/problem+json",
					body: JSON.stringify({ status: 422, code: "invalid", detail: "the test refuses", request: "r-4711" }),
				});
			case "drop":
				return route.abort();
			case "empty": {
				const answer = await route.fetch();
				const body = await answer.json();
				if (!Array.isArray(body.items)) return route.fulfill({ response: answer });
				return route.fulfill({
					response: answer,
					json: { ...body, items: [], next: undefined, total: body.total === undefined ? undefined : 0 },
				});
			}
			default:
				return route.continue();
		}
	}
}

const pages = [
	"/",
	"/companies",
	"/companies/northwind",
	"/companies/northwind/people",
	"/companies/northwind/people/invitations",
	"/companies/northwind/people/deletion-requests",
	"/companies/northwind/people/auto-deletions",
	"/companies/northwind/groups",
	"/companies/northwind/groups/owners",
	"/companies/northwind/connections",
	"/companies/northwind/billing",
	"/companies/northwind/alerts",
	"/companies/northwind/audit",
	"/companies/northwind/settings",
	"/companies/northwind/hand-over",
	"/connections/northwind-okta/mapping",
	"/people?q=mira",
	"/connections",
	"/connections/northwind-okta",
	"/connections/northwind-okta/journal",
	"/alerts",
	"/billing",
	"/audit",
	"/administrators",
	"/webhooks",
	"/webhooks/portal/settings",
	"/targets",
	"/targets/crm/settings",
	"/server",
	"/settings",
	"/account",
];

test.beforeAll(async ({ server }) => {
	const nowhere = { url: "http://127.0.0.1:9/", tenants: ["northwind"] };
	await server.do("POST", "/webhooks", { ...nowhere, name: "portal", format: "events" });
	await server.do("PATCH", "/webhooks/portal", { paused: true });
	await server.do("POST", "/targets", { ...nowhere, name: "crm", secret: "a-token", paused: true });
	await server.do("POST", "/connections/hooli-jumpcloud/observation", {});
});

/** The states one after the other. The page is opened while the API holds its answers back. */
async function states(page: Page, between: Between, open: () => Promise<unknown>): Promise<void> {
	await page.clock.install();
	between.hold();
	await open();
	const main = page.getByRole("main");
	await page.clock.runFor(500);
	await expect(main.getByRole("status", { name: "Loading" }).first()).toBeVisible();
	between.release("refuse");
	await expect(
		main.getByRole("alert").filter({ hasText: "The test refuses" }).or(main.getByText("the test refuses")).first(),
	).toBeVisible();
	await expect(main.getByText("r-4711").first()).toBeVisible();
	between.mode = "pass";
	const again = main.getByRole("button", { name: "Try again" });
	while (await again.count()) {
		await again.first().click();
		await page.clock.runFor(300);
	}
	await expect(main.locator(".empty-failed")).toHaveCount(0);
	await expect(main.locator(".skeleton")).toHaveCount(0);
	between.mode = "drop";
	await page.clock.runFor(31_000);
	await expect(page.getByText(/as of \d\d:\d\d/i).first()).toBeVisible();
}

for (const path of pages) {
	test(`${path} loads, fails, is tried again, and becomes stale`, async ({ page, open, faults }) => {
		faults.allow(/Failed to load resource|ERR_FAILED/);
		await states(page, await Between.at(page), () => open("ada", path));
	});
}

/** What a page reads besides what it is about; what is said if that is empty; and filters that nothing matches. */
const parts: [path: string, read: RegExp, sentence: string, filter?: string][] = [
	["/webhooks/portal", /\/deliveries/, "Nothing was sent yet", "failed=yes"],
	["/webhooks/portal/companies", /\/progress/, "No company", "status=failing"],
	["/targets/crm", /\/progress/, "No company"],
	["/connections/hooli-jumpcloud/observe", /\/observation/, "No difference", "effect=suspend"],
	["/connections/northwind-okta/move", /\/transfers/, "No moves"],
	["/connections/globex-entra/held", /\/held\?/, "Nothing is held", "action=delete"],
	["/connections/northwind-okta/credentials", /\/tokens/, "No credential"],
];

for (const [path, read, sentence, filter] of parts) {
	test(`what ${path} lists loads, fails, is tried again, becomes stale, and can be empty`, async ({ page, open, faults }) => {
		faults.allow(/Failed to load resource|ERR_FAILED/);
		const between = await Between.at(page, new RegExp(`/api/v1/.*${read.source}`));
		await states(page, between, () => open("ada", path));
		between.mode = "empty";
		await page.reload();
		const main = page.getByRole("main");
		await expect(main.locator(".empty-title")).toContainText(sentence);
		await expect(main.locator(".empty p")).toContainText(/\w+.*\./);
		if (!filter) return;
		await open("ada", `${path}?${filter}`);
		await expect(main.getByText("Nothing matches").first()).toBeVisible();
		await main.getByRole("button", { name: "Clear all" }).first().click();
		await expect(main.locator(".empty-title")).toContainText(sentence);
	});
}

const lists: [path: string, sentence: string][] = [
	["/companies", "No company yet"],
	["/companies/northwind/people", "No people yet"],
	["/connections", "No"],
	["/alerts", "No"],
	["/audit", "No"],
	["/administrators", "No administrator"],
	["/webhooks", "No webhook"],
	["/targets", "No target"],
];

test("an empty list says what it is for, and one that is filtered that nothing matches", async ({ page, open, server }) => {
	const between = await Between.at(page);
	await open("ada", "/account");
	between.mode = "empty";
	for (const [path, sentence] of lists) {
		await page.goto(`${server.url}/console${path}`);
		await expect(page.getByRole("main").locator(".empty-title").first(), path).toContainText(sentence);
		await expect(page.getByRole("main").getByText("Nothing matches"), path).toHaveCount(0);
	}
	between.mode = "pass";
	for (const path of [
		"/companies?q=zzz",
		"/companies/northwind/people?q=zzz",
		"/connections?q=zzz",
		"/administrators?q=zzz",
		"/people?q=zzz",
	]) {
		await page.goto(`${server.url}/console${path}`);
		await expect(page.getByRole("main").getByText("Nothing matches").first(), path).toBeVisible();
		await expect(page.getByRole("main").getByRole("button", { name: "Clear all" }).first(), path).toBeVisible();
	}
});
