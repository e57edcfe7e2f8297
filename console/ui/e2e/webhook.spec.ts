// Webhooks, with a receiver of the test's own.
import { createServer, type Server as Receiver } from "node:http";
import type { AddressInfo } from "node:net";
import { accessible, expect, test } from "./test.ts";

test.use({ copy: "webhook", env: { DRAWBRIDGE_OUTBOUND_ALLOW: "127.0.0.0/8" } });

let receiver: Receiver;
let status = 204;
const taken: string[] = [];

test.beforeAll(async () => {
	receiver = createServer((req, res) => {
		let body = "";
		req.on("data", (part) => {
			body += part;
		});
		req.on("end", () => {
			if (status < 300) taken.push(JSON.parse(body).type);
			res.writeHead(status).end(status < 300 ? undefined : `<b>no</b> ${"x".repeat(5000)}`);
		});
	});
	await new Promise<void>((done) => receiver.listen(0, "127.0.0.1", done));
});

test.afterAll(() => {
	receiver.close();
});

test("a webhook is added, tried, fails, goes on, and is deleted", async ({ open, server, faults }) => {
	faults.allow(/status of 4(04|12|22)/);
	const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hooks`;
	const page = await open("ada", "/webhooks");
	await expect(page.getByText("No webhook")).toBeVisible();
	await page.getByRole("button", { name: "Add webhook" }).first().click();
	const add = page.getByRole("dialog", { name: "Add a webhook" });
	await add.getByLabel("Name").fill("portal");
	await add.getByLabel("URL").fill("http://10.0.0.1/");
	await add.getByRole("combobox", { name: "Add a company" }).fill("northw");
	await page.getByRole("option", { name: /Northwind/ }).click();
	await accessible(page, "add a webhook");
	await add.getByRole("button", { name: "Add", exact: true }).click();
	await expect(add.getByText(/10\.0\.0\.1|HTTPS|https/).last()).toBeVisible();
	await add.getByLabel("URL").fill(url);
	await add.getByRole("button", { name: "Add", exact: true }).click();
	const secret = page.getByRole("dialog", { name: "The secret of the webhook" });
	await expect(secret.getByText(/^whsec_/)).toBeVisible();
	await secret.getByText("I have stored it").click();
	await secret.getByRole("button", { name: "Done" }).click();
	await expect(page.getByRole("heading", { name: "portal" })).toBeVisible();
	await expect(page).toHaveURL(/\/webhooks\/portal$/);
	expect(await page.content()).not.toContain("whsec_");

	await page.getByRole("button", { name: "Send a test" }).click();
	await expect(page.getByText("The receiver accepted the test message: 204", { exact: false })).toBeVisible();
	expect(taken).toContain("webhook.test");
	const deliveries = page.getByRole("table", { name: "Deliveries" });
	await expect(deliveries.getByText("webhook.attached")).toBeVisible();
	await accessible(page, "deliveries");

	// The receiver fails. The answer is kept, and not more than its begin.
	status = 500;
	await server.do("POST", "/tenants/northwind/appkeys", { name: "one event" });
	await expect(page.getByText("the receiver answered 500", { exact: false }).first()).toBeVisible();
	// The result of the test before the failure is out of date.
	await expect(page.getByText("The receiver accepted the test message", { exact: false })).toHaveCount(0);
	await page.getByRole("button", { name: "Event", exact: true }).click();
	await page.getByRole("option", { name: "webhook.attached" }).click();
	await expect(page).toHaveURL(/kind=webhook\.attached/);
	await expect(deliveries.getByText("token.created")).toHaveCount(0);
	await page.getByRole("button", { name: "Clear all" }).click();
	await page.getByRole("button", { name: "Time", exact: true }).click();
	await page.getByLabel("From").fill("2001-01-01T00:00");
	await page.getByLabel("To", { exact: true }).fill("2001-01-02T00:00");
	await expect(page.getByRole("heading", { name: "Nothing matches" })).toBeVisible();
	await page.getByRole("button", { name: "Clear all" }).first().click();
	await page.locator(".switch", { hasText: "Failed only" }).click();
	await expect(page).toHaveURL(/failed=yes/);
	await expect(deliveries.getByText("webhook.attached")).toHaveCount(0);
	await deliveries.getByRole("button", { name: "token.created" }).first().click();
	const attempt = page.getByRole("dialog", { name: "token.created" });
	await expect(attempt.getByText("the receiver answered 500")).toBeVisible();
	expect((await attempt.locator("pre").innerText()).length).toBeLessThanOrEqual(256);
	await page.keyboard.press("Escape");

	// Each company: how much waits, when it is tried again, and what to do about an event that cannot be taken.
	await page
		.getByRole("link", { name: /^Companies \d|^Companies$/ })
		.last()
		.click();
	const progress = page.getByRole("table", { name: "Progress of each company" });
	const row = progress.getByRole("row", { name: /Northwind Traders/ });
	await expect(row.getByText("Failing")).toBeVisible();
	await expect(row.locator("time").first()).toBeVisible();
	await accessible(page, "progress");
	await row.getByRole("button", { name: "Actions for Northwind Traders" }).click();
	await page.getByRole("menuitem", { name: /^Skip event \d+/ }).click();
	await page.getByRole("alertdialog").getByRole("button", { name: "Skip" }).click();
	await expect(page.getByText("The event is skipped.")).toBeVisible();
	await expect(row.getByText("Delivering")).toBeVisible();
	status = 204;
	await row.getByRole("button", { name: "Actions for Northwind Traders" }).click();
	await page.getByRole("menuitem", { name: "Deliver again" }).click();
	const again = page.getByRole("dialog", { name: /Northwind Traders again/ });
	await again.getByText("A time", { exact: true }).click();
	await again.getByLabel("Time of the first event").fill(new Date(Date.now() - 86_400_000).toISOString().slice(0, 16));
	await again.getByRole("button", { name: "Deliver again" }).click();
	await expect.poll(() => taken.includes("token.created")).toBe(true);

	await page.getByRole("button", { name: "Pause" }).click();
	await expect(page.getByText("Paused", { exact: true }).first()).toBeVisible();
	await page.getByRole("button", { name: "Resume" }).click();
	await expect(page.getByRole("button", { name: "Pause" })).toBeVisible();

	// Another operator changes it meanwhile: both versions are shown.
	await page.getByRole("link", { name: "Settings" }).last().click();
	await page.getByLabel("Kinds of event").fill("user.*");
	await server.do("PATCH", "/webhooks/portal", { events: ["seats.*"] });
	await page.getByRole("button", { name: "Save" }).click();
	await expect(page.getByText("Another operator changed it", { exact: false })).toBeVisible();
	await accessible(page, "two versions of a webhook");
	await page.getByRole("button", { name: "Save mine over it" }).click();
	await expect(page.getByText("Saved.")).toBeVisible();
	await page.getByRole("combobox", { name: "Add a company" }).fill("globex");
	await page.getByRole("option", { name: /Globex/ }).click();
	await expect(page.getByRole("list", { name: "Companies that are chosen" })).toContainText("Globex Corporation");
	await page.getByRole("button", { name: "Preview" }).click();
	await expect(page.getByText("What will happen")).toBeVisible();
	await expect(page.getByText(/In the audit trail: .*webhook/).first()).toBeVisible();
	await accessible(page, "preview of a webhook");
	expect((await server.do("GET", "/webhooks/portal")).tenants).toEqual(["northwind"]);
	await page.getByRole("button", { name: "Save" }).click();
	await expect.poll(async () => (await server.do("GET", "/webhooks/portal")).tenants).toEqual(["globex", "northwind"]);

	// How many of the last attempts succeeded, in the list, too.
	const { sent_24h: sent, taken_24h: good } = await server.do("GET", "/webhooks/portal");
	expect(good).toBeLessThan(sent);
	await page.getByRole("link", { name: "Webhooks", exact: true }).first().click();
	await expect(page.getByRole("table", { name: "Webhooks" }).getByText(/^\d+ %$/)).toBeVisible();
	await page.getByRole("table", { name: "Webhooks" }).getByRole("link", { name: "portal" }).click();

	await page.getByRole("button", { name: "Actions for portal" }).click();
	await page.getByRole("menuitem", { name: "Rotate the secret" }).click();
	await page.getByRole("dialog").getByRole("button", { name: "Rotate" }).click();
	await expect(secret.getByText(/^whsec_/)).toBeVisible();
	await secret.getByText("I have stored it").click();
	await secret.getByRole("button", { name: "Done" }).click();
	await page.getByRole("button", { name: "Actions for portal" }).click();
	await page.getByRole("menuitem", { name: "Delete" }).click();
	await page.getByRole("alertdialog").getByRole("button", { name: "Delete" }).click();
	await expect(page.getByText("No webhook")).toBeVisible();
});

test("an audit webhook gets the lines of companies and of the installation", async ({ open, server }) => {
	const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hooks`;
	status = 204;
	const page = await open("ada", "/webhooks?add=new");
	const add = page.getByRole("dialog", { name: "Add a webhook" });
	await add.getByLabel("Name").fill("siem");
	await add.getByText("Signed audit lines, for an application").click();
	await expect(add.getByLabel("Kinds of event")).toHaveCount(0);
	await add.getByLabel("URL").fill(url);
	await add.getByRole("combobox", { name: "Add a company" }).fill("globex");
	await page.getByRole("option", { name: /Globex/ }).click();
	await add.getByText("The audit lines of the installation, too").click();
	await accessible(page, "add an audit webhook");
	await add.getByRole("button", { name: "Add", exact: true }).click();
	const secret = page.getByRole("dialog", { name: "The secret of the webhook" });
	await secret.getByText("I have stored it").click();
	await secret.getByRole("button", { name: "Done" }).click();
	await expect(page.getByText("Globex Corporation and the installation")).toBeVisible();
	await expect(page.getByText("All audit lines")).toBeVisible();

	// A line of the company and one of the installation arrive, and each is named by where it is from.
	await server.do("POST", "/tenants/globex/appkeys", { name: "one line" });
	const deliveries = page.getByRole("table", { name: "Deliveries" });
	await expect(deliveries.getByRole("row", { name: /audit\.line Globex Corporation/ }).nth(1)).toBeVisible();
	await expect(deliveries.getByRole("row", { name: /This installation/ }).first()).toBeVisible();
	await expect.poll(() => taken.includes("audit.line")).toBe(true);
	await page
		.getByRole("link", { name: /^Companies/ })
		.last()
		.click();
	await expect(page.getByRole("row", { name: /This installation/ }).getByText("Delivering")).toBeVisible();
	await accessible(page, "progress of an audit webhook");
	await page.getByRole("link", { name: "Settings" }).last().click();
	await page.getByText("The audit lines of the installation, too").click();
	await page.getByRole("button", { name: "Save" }).click();
	await expect.poll(async () => (await server.do("GET", "/webhooks/siem")).installation).toBe(false);
	await server.do("DELETE", "/webhooks/siem");
});

test("a role that may not change webhooks does not see them", async ({ open }) => {
	const page = await open("alan", "/webhooks");
	await expect(page.getByText("Your role may not see this page")).toBeVisible();
});
