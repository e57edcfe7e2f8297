// Targets, with an application of the test's own that speaks a little SCIM.
import { type Server as Application, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { accessible, expect, test } from "./test.ts";

test.use({ copy: "target", actionTimeout: 20_000, env: { DRAWBRIDGE_OUTBOUND_ALLOW: "127.0.0.0/8" } });

const list = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
const records = new Map<string, Record<string, unknown>>();
let application: Application;
let broken = false;
let token = "";

/** What the application answers to a request. */
function answer(method: string, path: string, body: string): [number, unknown?] {
	const [, kind = "", id = "", query = ""] = /^\/([^/?]+)\/?([^?]*)\??(.*)$/.exec(path) ?? [];
	if (broken) return [503];
	if (method === "POST") {
		const made = { ...JSON.parse(body), id: `r${records.size + 1}` };
		if (made.userName?.startsWith("mira")) return [400, { status: "400", detail: "mira may not come in" }];
		records.set(`${kind}/${made.id}`, made);
		return [201, made];
	}
	const one = records.get(`${kind}/${id}`);
	if (method === "PATCH") return [one ? 204 : 404];
	if (id) return one ? [200, one] : [404];
	const wanted = /(\w+) eq "(.*)"/.exec(decodeURIComponent(query.replaceAll("+", " ")));
	const found = [...records].filter(([key, r]) => key.startsWith(`${kind}/`) && (!wanted || r[wanted[1]!] === wanted[2])).map(([, r]) => r);
	return [200, { schemas: [list], totalResults: found.length, startIndex: 1, itemsPerPage: found.length, Resources: found }];
}

test.beforeAll(async () => {
	application = createServer((req, res) => {
		let body = "";
		req.on("data", (part) => {
			body += part;
		});
		req.on("end", () => {
			token = req.headers.authorization ?? "";
			const [status, out] = answer(req.method ?? "", req.url ?? "", body);
			res.writeHead(status, { "Content-Type": "application/scim+json" }).end(out === undefined ? undefined : JSON.stringify(out));
		});
	});
	await new Promise<void>((done) => application.listen(0, "127.0.0.1", done));
});

test.afterAll(() => {
	application.close();
});

test("a target is added, planned, resumed, shared, detached, given another credential, and deleted", async ({ open, server, faults }) => {
	test.slow();
	faults.allow(/status of 4(04|12|22)/);
	const url = `http://127.0.0.1:${(application.address() as AddressInfo).port}`;
	const page = await open("ada", "/targets");
	await expect(page.getByText("No target")).toBeVisible();
	await page.getByRole("button", { name: "Add target" }).first().click();
	const add = page.getByRole("dialog", { name: "Add a target" });
	await add.getByRole("textbox", { name: "Name" }).fill("crm");
	await add.getByLabel("URL").fill("http://10.0.0.1/");
	await add.getByLabel("Bearer token").fill("the-first-token");
	await add.getByRole("combobox", { name: "Add a company" }).click();
	await add.getByRole("combobox", { name: "Add a company" }).fill("northw");
	await page.getByRole("option", { name: /Northwind/ }).click();
	await accessible(page, "add a target");
	await add.getByRole("button", { name: "Add", exact: true }).click();
	await expect(add.getByText(/10\.0\.0\.1|HTTPS|https/).last()).toBeVisible();
	await add.getByLabel("URL").fill(url);
	await add.getByRole("button", { name: "Add", exact: true }).click();
	await expect(page.getByRole("heading", { name: "crm" })).toBeVisible();
	await expect(page).toHaveURL(/\/targets\/crm$/);
	await expect(page.getByText("Paused", { exact: true }).first()).toBeVisible();
	expect(await page.content()).not.toContain("the-first-token");

	await page.getByRole("button", { name: "Check" }).click();
	await expect(page.getByText("It works", { exact: false })).toBeVisible();
	expect(token).toBe("Bearer the-first-token");
	const companies = page.getByRole("table", { name: "Companies of the target" });
	const row = companies.getByRole("row", { name: /Northwind Traders/ });
	await accessible(page, "companies of a target");

	// The plan is looked at with the keyboard, before anything is sent.
	await row.getByRole("button", { name: "Actions for Northwind Traders" }).focus();
	await page.keyboard.press("Enter");
	await expect(page.getByRole("menuitem", { name: "Show the plan" })).toBeFocused();
	await page.keyboard.press("Enter");
	const plan = page.getByRole("dialog", { name: "Plan for Northwind Traders" });
	await expect(plan.getByText("Create").first()).toBeVisible();
	expect(records.size).toBe(0);
	await page.keyboard.press("Escape");
	await expect(plan).toHaveCount(0);

	await page.getByRole("button", { name: "Resume" }).click();
	await expect(page.getByRole("button", { name: "Pause" })).toBeVisible();
	await expect.poll(() => records.size, { timeout: 20_000 }).toBeGreaterThan(3);
	await expect(row.getByText("In step")).toBeVisible({ timeout: 20_000 });
	await row.getByRole("button", { name: "Actions for Northwind Traders" }).click();
	await page.getByRole("menuitem", { name: "Show who was refused" }).click();
	const refused = page.getByRole("dialog", { name: "Who was refused in Northwind Traders" });
	await expect(refused.getByText("mira may not come in", { exact: false }).first()).toBeVisible();
	await accessible(page, "who was refused");
	await page.keyboard.press("Escape");

	// The application fails: the reason is there, and when it is tried again.
	broken = true;
	await row.getByRole("button", { name: "Actions for Northwind Traders" }).click();
	await page.getByRole("menuitem", { name: "Compare and send now" }).click();
	await page.getByRole("dialog").getByRole("button", { name: "Compare and send" }).click();
	await expect(page.getByText(/^A run of crm for .* begins\.$/)).toBeVisible();
	await expect(row.getByText("Failing")).toBeVisible({ timeout: 20_000 });
	await expect(page.getByText(/503/).first()).toBeVisible();
	// What the check found before is out of date, and the whole reason can be read on a narrow screen.
	await expect(page.getByText("It works", { exact: false })).toHaveCount(0);
	await page.setViewportSize({ width: 1024, height: 900 });
	await expect(row.getByText("The application answered 503.")).toBeVisible();
	expect(
		await companies.evaluate((table) => (table.parentElement?.scrollWidth ?? 0) - (table.parentElement?.clientWidth ?? 0)),
		"the table of companies moves sideways",
	).toBeLessThanOrEqual(0);
	await page.setViewportSize({ width: 1440, height: 900 });
	await accessible(page, "a target that fails");
	broken = false;

	await page.getByRole("button", { name: "Share with a company" }).click();
	const share = page.getByRole("dialog", { name: "Share crm with a company" });
	await share.getByRole("combobox", { name: "Company" }).fill("globex");
	await page.getByRole("option", { name: /Globex/ }).click();
	await share.getByRole("button", { name: "Share" }).click();
	const other = companies.getByRole("row", { name: /Globex Corporation/ });
	await expect(other).toBeVisible();
	await other.getByRole("button", { name: "Actions for Globex Corporation" }).click();
	await page.getByRole("menuitem", { name: "Change its groups" }).click();
	const groups = page.getByRole("dialog", { name: "Groups of Globex Corporation" });
	await groups.getByLabel("Only these groups").fill("no such group");
	await groups.getByRole("button", { name: "Save" }).click();
	await expect(groups.getByText("no such group", { exact: false }).last()).toBeVisible();
	await page.keyboard.press("Escape");
	await other.getByRole("button", { name: "Actions for Globex Corporation" }).click();
	await page.getByRole("menuitem", { name: "Detach" }).click();
	await page.getByRole("alertdialog").getByRole("button", { name: "Detach" }).click();
	await expect(other).toHaveCount(0);

	// Another operator changes it meanwhile: both versions are shown.
	await page.getByRole("link", { name: "Settings" }).last().click();
	await page.getByText("Delete them there").click();
	await server.do("PATCH", "/targets/crm", { people: "members" });
	await page.getByRole("button", { name: "Save" }).click();
	await expect(page.getByText("Another operator changed it", { exact: false })).toBeVisible();
	await page.getByRole("heading", { name: "crm" }).scrollIntoViewIfNeeded();
	await accessible(page, "two versions of a target");
	await page.getByRole("button", { name: "Save mine over it" }).click();
	await expect(page.getByText("Saved.")).toBeVisible();
	expect((await server.do("GET", "/targets/crm")).on_leave).toBe("delete");

	// What is sent otherwise: first what cannot be, then what can.
	await page.getByRole("button", { name: "Add a rule" }).click();
	const attribute = page.getByRole("combobox", { name: "Attribute" });
	const wrong = page.getByText("No attribute “shoeSize” is sent. Choose one of the list.");
	await attribute.fill("shoeSize");
	await expect(wrong).toBeVisible();
	await page.keyboard.press("Tab");
	await expect(wrong).toBeVisible();
	await accessible(page, "mapping of a target");
	await attribute.fill("first na");
	await page.getByRole("option", { name: /name\.givenName/ }).click();
	await expect(attribute).toHaveValue("name.givenName");
	await expect(wrong).toHaveCount(0);
	await attribute.fill("userName");
	await page.getByRole("combobox", { name: "From" }).fill("email");
	await page.keyboard.press("Tab");
	await page.getByRole("button", { name: "Add a rule" }).click();
	await attribute.last().fill("userName");
	await page.keyboard.press("Tab");
	await expect(page.getByText("There is another rule for it already.")).toBeVisible();
	await attribute.last().fill("title");
	await page.keyboard.press("Tab");
	await page
		.getByRole("button", { name: /What is sent/ })
		.last()
		.click();
	await page.getByRole("option", { name: "A constant" }).click();
	await page.getByLabel("Value").fill("Colleague");
	await page.getByRole("button", { name: "Save" }).click();
	await expect(page.getByText("userName from email; title is “Colleague”")).toBeVisible();
	expect((await server.do("GET", "/targets/crm")).mapping).toEqual([
		{ attribute: "userName", source: "email" },
		{ attribute: "title", constant: "Colleague" },
	]);
	await page.getByRole("button", { name: "Remove the rule for title" }).click();
	await page.getByRole("button", { name: "Save" }).click();
	await expect.poll(async () => (await server.do("GET", "/targets/crm")).mapping).toHaveLength(1);

	// All companies, and back to those by name.
	await page.getByText("All companies", { exact: true }).click();
	await page.getByRole("button", { name: "Save" }).click();
	await expect.poll(async () => (await server.do("GET", "/targets/crm")).all).toBe(true);
	await page.getByRole("navigation", { name: "Sections of the target" }).getByRole("link", { name: "Companies" }).click();
	await expect(companies.getByRole("row", { name: /Globex Corporation/ })).toBeVisible();
	await expect(page.getByRole("button", { name: "Share with a company" })).toHaveAttribute("aria-disabled", "true");
	await page.getByRole("link", { name: "Settings" }).last().click();
	await page.getByText("Those that it is shared with").click();
	await expect(page.getByText("Nothing more is sent of companies", { exact: false })).toBeVisible();
	await page.getByRole("button", { name: "Save" }).click();
	await expect.poll(async () => (await server.do("GET", "/targets/crm")).all).toBe(false);

	await page.getByRole("button", { name: "Actions for crm" }).click();
	await page.getByRole("menuitem", { name: "Replace the credential" }).click();
	const replace = page.getByRole("dialog", { name: "Replace the credential" });
	await replace.getByLabel("Bearer token").fill("the-second-token");
	await replace.getByRole("button", { name: "Replace" }).click();
	await expect(page.getByText("The credential is replaced.")).toBeVisible();
	await page.getByRole("button", { name: "Check" }).click();
	await expect.poll(() => token).toBe("Bearer the-second-token");

	await page.getByRole("button", { name: "Actions for crm" }).click();
	await page.getByRole("menuitem", { name: "Delete" }).click();
	await page.getByRole("alertdialog").getByRole("button", { name: "Delete" }).click();
	await expect(page.getByText("No target")).toBeVisible();
	expect(records.size).toBeGreaterThan(3);
});

test("a role that may not change targets sees them, and what it lacks", async ({ open }) => {
	const page = await open("alan", "/targets");
	await expect(page.getByText("No target")).toBeVisible();
	await expect(page.getByRole("button", { name: "Add target" }).first()).toHaveAttribute("aria-disabled", "true");
});
