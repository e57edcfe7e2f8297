// Everything that opens above a page: each dialog, side panel, menu and list of choices of the source is opened once by the keyboard. It
// has its name, no violation in either theme, fits three widths, keeps the focus inside, closes at Escape, and gives the focus back.
import { generateKeyPairSync } from "node:crypto";
import { createServer, type Server as Listener } from "node:http";
import type { AddressInfo } from "node:net";
import { stripVTControlCharacters } from "node:util";
import { patternOf, whatOpens } from "./opens.ts";
import { expect, type Locator, type Page, pictures, type Server, test, violations, widths } from "./test.ts";

test.use({
	copy: "opens",
	actionTimeout: 20_000,
	env: { DRAWBRIDGE_OUTBOUND_ALLOW: "127.0.0.0/8", DRAWBRIDGE_GOOGLE_ENDPOINT: "http://127.0.0.1:9", DRAWBRIDGE_GOOGLE_EVERY: "24h" },
});

/** One thing that opens. */
interface Opening {
	/** The line of whatOpens. */
	what: string;
	/** The name that it has; missing: that of the source, which names more than one. */
	name?: string | RegExp;
	/** The page it is on; missing: that of the opening before. */
	at?: string;
	/** Opens it by the keyboard, and gives what gets the focus back. */
	by: (page: Page) => Promise<Locator>;
	/** What is done in it before it is looked at: a further step of a wizard. */
	next?: (box: Locator, page: Page) => Promise<void>;
	/** How many dialogs are under it. */
	under?: number;
	/** How it is closed, if not by Escape. */
	away?: (box: Locator, page: Page) => Promise<void>;
}

// ---- ways to open

async function enter(button: Locator): Promise<Locator> {
	await button.focus();
	await button.press("Enter");
	return button;
}

/** A button, or the name of a row that opens something. */
function press(name: string | RegExp): Opening["by"] {
	return (page) => enter(page.getByRole("button", { name, exact: true }).first());
}

/** An entry of a menu. */
function choose(menu: string | RegExp, entry: string | RegExp): Opening["by"] {
	return async (page) => {
		const button = await press(menu)(page);
		await page.getByRole("menuitem", { name: entry }).press("Enter");
		return button;
	};
}

/** What the rows that are chosen open. */
function chosen(rows: RegExp, then: Opening["by"]): Opening["by"] {
	return async (page) => {
		await page.getByRole("row", { name: rows }).first().getByRole("checkbox").press("Space");
		return then(page);
	};
}

/** Changes answers of the API, for what the story does not have. */
async function pretend(page: Page, path: string | RegExp, change: (body: any) => unknown): Promise<void> {
	await page.route(path, async (route) => {
		if (route.request().method() !== "GET") return route.continue();
		const response = await route.fetch();
		return route.fulfill({ response, json: change(await response.json()) });
	});
}

async function stored(box: Locator): Promise<void> {
	await box.page().keyboard.press("Escape");
	await expect(box, "a secret is not lost by a slip of the hand").toBeVisible();
	await box.getByRole("checkbox").press("Space");
	await box.getByRole("button", { name: "Done" }).press("Enter");
}

const northwind = "/companies/northwind";
const okta = "/connections/northwind-okta";

const shell: Opening[] = [
	{
		what: "shell/palette Palette: Search or jump to",
		at: "/companies",
		by: async (page) => {
			await page.keyboard.press("Control+k");
			return page.locator("body");
		},
	},
	{ what: "shell/frame Account: My account", by: press("My account") },
	{ what: "shell/help Help: Help", by: press("Help") },
	{ what: "parts/table Chooser: Columns", by: press("Choose the columns") },
	{ what: "parts/form Filter", by: press(/^Plan/) },
	{ what: "parts/views Views: Views of this list", by: press("Views") },
	{ what: "company/list Companies: Add company", by: press("Add company") },
	{ what: "company/list Companies: Actions for …", by: press("Actions for Northwind Traders") },
	{ what: "company/enter Enter: Launch …", by: choose("Actions for Northwind Traders", "Launch") },
	{ what: "company/add LinkCompany: Link a company", by: choose("Add company", "Link from a bundle") },
	{ what: "company/add AddCompany: Add a company", by: choose("Add company", "New company") },
	{
		what: "company/add AddCompany: Add a company",
		by: choose("Add company", "New company"),
		next: async (box) => {
			await box.getByRole("textbox", { name: "Name" }).fill("Acme Ltd");
			await box.getByRole("button", { name: "Next" }).press("Enter");
			await expect(box.getByText("Step 2 of 2")).toBeVisible();
		},
		away: (box) => box.getByRole("button", { name: "Close" }).press("Enter"),
	},
	{
		what: "parts/form Pick",
		by: async (page) => {
			await choose("Actions for Northwind Traders", "Launch")(page);
			return enter(page.getByRole("dialog").getByRole("button", { name: /For how long/ }));
		},
	},
];

const company: Opening[] = [
	{ what: "company/access Access: Remove the access of …?", at: northwind, by: press("Remove the access of Alan Turing") },
	{ what: "company/access GiveAccess: Give access", by: press("Give access") },
	{ what: "billing/company Change: Plan and seats", at: `${northwind}/billing`, by: press("Change") },
	{
		what: "alert/alerts Look: …",
		name: "Protected group",
		at: `${northwind}/alerts`,
		by: (page) => enter(page.getByRole("table").getByRole("button").nth(1)),
	},
	{
		what: "audit/events Events: Event …",
		at: `${northwind}/audit/events`,
		by: (page) => enter(page.getByRole("table", { name: "Events" }).getByRole("button").nth(1)),
	},
	{ what: "audit/trail Verify: Verify the trail", at: `${northwind}/audit`, by: press(/^Verify/) },
	{ what: "company/settings Edit: …", name: "New people", at: `${northwind}/settings`, by: press(/^Change: /) },
	{ what: "company/settings AppKeys: Actions for …", by: press("Actions for Vault") },
	{ what: "company/settings AppKeys: Make an application key", by: press("Make a key") },
	{ what: "company/settings AppKeys: Revoke the key of …?", by: choose("Actions for Vault", "Revoke") },
	{
		what: "company/settings AppKeys: The key of …",
		by: async (page) => {
			const button = await press("Make a key")(page);
			await page.getByRole("dialog").getByRole("textbox", { name: "Application" }).fill("Portal");
			await page.keyboard.press("Enter");
			return button;
		},
		away: stored,
	},
	{ what: "company/settings Schemas: Load a schema", by: press("Load a schema") },
	{ what: "company/settings Schemas: Remove the schema?", by: press("Remove") },
	{ what: "company/settings Keeping: Remove what is past its retention time?", by: press("Clean up now") },
	{ what: "handover/handover Before: Hand … over?", at: `${northwind}/hand-over`, by: press("Hand over") },
	{ what: "handover/deletion Deletion: Delete the company for good?", by: press("Delete the company") },
	{ what: "handover/handover After: Take … back?", at: "/companies/wayne/hand-over", by: press("Take it back") },
];

const people: Opening[] = [
	{ what: "user/add AddPerson: Add a person", at: `${northwind}/people`, by: press("Add person") },
	{ what: "user/list People: Actions for …", by: press(/^Actions for Owen/) },
	{ what: "user/list People: More", by: chosen(/Owen/, press("More")) },
	{ what: "user/bulk Bulk: … …", name: "Suspend 1 person", by: press("Suspend") },
	{
		what: "user/requests Decide: Delete … for good? | Reject the request?",
		at: `${northwind}/people/deletion-requests`,
		by: press(/^Approve the/),
	},
	{ what: "user/requests Decide: Delete … for good? | Reject the request?", by: press(/^Reject the/) },
	{
		what: "user/invitations Invitations: Actions for …",
		at: "/companies/initech/people/invitations",
		by: press("Actions for Peter Gibbons"),
	},
	{ what: "user/invitations Invitations: Act", by: chosen(/Peter/, press("Act")) },
	{ what: "user/person PersonView: More", at: `${northwind}/people/owen.nasser@northwind.example`, by: press("More") },
	{ what: "parts/rule Rule: Rule …", by: press(/^Rule /) },
	{ what: "user/dialogs Suspend: Suspend …?", by: press("Suspend") },
	{ what: "user/dialogs Simple: …", name: /^Mark .* for recovery/, by: choose("More", "Mark for recovery") },
	{ what: "user/dialogs Convert: Make … a …?", by: choose("More", "Make a guest") },
	{ what: "user/dialogs Unmanage: Release … from …?", by: choose("More", /Release from/) },
	{ what: "user/dialogs Request: Ask for the deletion of …?", by: choose("More", "Ask for the deletion") },
	{ what: "user/dialogs Delete: Delete … for good?", by: choose("More", "Delete for good") },
	{ what: "user/dialogs Release: Release …?", at: `${northwind}/people/{hold}`, by: press("Release") },
	{
		what: "user/dialogs HoldYield: Let the suspension yield to the sync? | Hold the suspension against the sync?",
		by: choose("More", /yield/),
	},
	{
		what: "user/dialogs HoldYield: Let the suspension yield to the sync? | Hold the suspension against the sync?",
		at: `${northwind}/people/{yield}`,
		by: choose("More", /Hold against/),
	},
	{
		what: "user/dialogs Simple: …",
		name: "Send the invitation again?",
		at: "/companies/initech/people/peter@initech.example",
		by: choose("More", "Send the invitation"),
	},
	{ what: "user/dialogs Simple: …", name: "Revoke the invitation?", by: choose("More", "Revoke") },
	{ what: "user/dialogs Edit: Change …", by: choose("More", "Change name") },
];

const groups: Opening[] = [
	{ what: "group/list AddGroup: Add a group", at: `${northwind}/groups`, by: press("Add group") },
	{ what: "group/group AddMember: Add a member to …", at: `${northwind}/groups/owners`, by: press("Add a member") },
	{
		what: "parts/form Find",
		by: async (page) => {
			await press("Add a member")(page);
			const field = page.getByRole("combobox", { name: "Person" });
			await field.press("ArrowDown");
			return field;
		},
	},
	{ what: "group/group Members: Take … out of …?", at: `${northwind}/groups/owners`, by: press(/^Take .* out$/) },
	{ what: "group/group GroupView: More", at: `${northwind}/groups/{finance}`, by: press("More") },
	{ what: "group/group Unmanage: Release … from …?", by: choose("More", /Release from/) },
	{ what: "group/group Delete: Delete … for good?", by: choose("More", "Delete for good") },
	{ what: "group/group Rename: Rename …", at: `${northwind}/groups/{own}`, by: choose("More", "Rename") },
];

const connections: Opening[] = [
	{ what: "connection/list ConnectionTable: Actions for …", at: "/connections", by: press("Actions for northwind-okta") },
	{ what: "connection/list Pause: Resume …? | Pause …?", by: choose("Actions for northwind-okta", "Pause") },
	{ what: "connection/list Pause: Resume …? | Pause …?", by: choose("Actions for oceanic-google", "Resume") },
	{ what: "connection/connect Connect: Connect … | Connect an identity provider", by: press("Connect an identity provider") },
	{
		what: "connection/connect Connect: Connect … | Connect an identity provider",
		at: "/connections?connect=vandelay&type=okta",
		by: async (page) => {
			await page.getByRole("dialog").getByRole("button", { name: "Next" }).press("Enter");
			await expect(page.getByText("Step 2 of 3")).toBeVisible();
			return page.locator("body");
		},
		away: async (box) => {
			await box.getByRole("checkbox").press("Space");
			await box.getByRole("button", { name: "Next" }).press("Enter");
			await expect(box.getByText("No request yet.")).toBeVisible();
			await looks(box, "the first requests");
			await box.getByRole("button", { name: "To the connection" }).press("Enter");
		},
	},
	{
		what: "connection/journal Detail: … … | Request",
		name: /^(POST|PATCH|GET) /,
		at: `${okta}/journal`,
		by: (page) => enter(page.getByRole("table").getByRole("button").first()),
	},
	{ what: "connection/credentials Credentials: Actions for …", at: `${okta}/credentials`, by: press(/^Actions for/) },
	{ what: "connection/credentials Credentials: Revoke ……?", by: choose(/^Actions for/, "Revoke") },
	{ what: "connection/credentials Rotate: Make a new credential", by: press("Rotate") },
	{
		what: "connection/credentials Credentials: A new credential",
		by: async (page) => {
			const button = await press("Rotate")(page);
			await page.getByRole("dialog").getByRole("button", { name: "Make it" }).press("Enter");
			return button;
		},
		away: stored,
	},
	{ what: "connection/held HeldReview: Discard …? | Release …?", at: "/connections/globex-entra/held", by: press("Discard all") },
	{ what: "connection/held HeldReview: Discard …? | Release …?", by: press("Release all") },
	{
		what: "connection/observe Promote: Promote …?",
		at: "/connections/hooli-jumpcloud/observe",
		by: async (page) => {
			const button = page.getByRole("button", { name: "Promote" });
			await expect(button, "there is nothing to promote").toHaveAttribute("aria-disabled", "true");
			await pretend(page, "**/observation", (o) => ({ ...o, changes: 2 }));
			await page.reload();
			await expect(button).not.toHaveAttribute("aria-disabled");
			return press("Promote")(page);
		},
	},
	{ what: "connection/observe Drop: Drop the observed changes?", by: press("Drop") },
	{ what: "connection/pull Runs: Read the directory of … now?", at: "/connections/tailspin-google-directory/runs", by: press("Sync now") },
	{ what: "connection/disconnect Preview: Disconnect …?", at: `${okta}/disconnect`, by: press("Disconnect") },
];

const operators: Opening[] = [
	{ what: "parts/companies CompanyFilter: Filter by company", at: "/administrators", by: press("Company") },
	{ what: "operator/panel OperatorPanel: Add an administrator", at: "/administrators", by: press("Add administrator") },
	{ what: "operator/panel Existing: …", name: "Donald Knuth", by: press(/Donald Knuth/) },
	...["Permissions & access", "Mails"].map(
		(tab): Opening => ({
			what: "operator/panel Existing: …",
			name: "Donald Knuth",
			by: press(/Donald Knuth/),
			next: async (box) => {
				await box.getByRole("tab", { name: tab }).click();
				await expect(box.getByRole("tabpanel", { name: tab })).toBeVisible();
			},
		}),
	),
	{ under: 1, what: "operator/panel Details: Suspend … …?", at: "/administrators?open={donald}", by: press("Suspend") },
	{ under: 1, what: "operator/panel Details: End the account of … …?", by: press("End the account") },
	{ under: 1, what: "operator/panel LinkDialog: …", name: "Reset the password", by: press("Reset the password") },
	{
		what: "operator/panel LinkBox: One-time link",
		under: 1,
		by: async (page) => {
			const button = await press("Reset the password")(page);
			await page.getByRole("checkbox", { name: /Show the link/ }).press("Space");
			await page.getByRole("button", { name: "Show the link" }).press("Enter");
			return button;
		},
		away: stored,
	},
	{ under: 1, what: "operator/panel Details: Restore … …?", at: "/administrators?open={ken}", by: press("Restore") },
];

const installation: Opening[] = [
	{ what: "account/account Factor: Remove the second factor? | New recovery codes", at: "/account", by: press("New recovery codes") },
	{
		what: "account/account Factor: Store your recovery codes",
		by: async (page) => {
			await page.route("**/api/v1/me/mfa/recovery-codes", (route) =>
				route.fulfill({ json: { codes: Array.from({ length: 10 }, (_, i) => `abcd-efgh-ijk${i}`) } }),
			);
			const button = await press("New recovery codes")(page);
			await page.getByLabel("Six digits, or a recovery code").fill("123456");
			await page.keyboard.press("Enter");
			return button;
		},
		away: stored,
	},
	{ what: "account/account Sessions: End this session?", by: press("End") },
	{ what: "account/account Keys: Make an API key", by: press("Make a key") },
	{
		what: "account/account Keys: Your API key",
		by: async (page) => {
			const button = await press("Make a key")(page);
			await page.getByRole("dialog").getByRole("button", { name: "Make it" }).press("Enter");
			return button;
		},
		away: stored,
	},
	{
		what: "settings/settings Factor: No longer require it of everybody? | Require a second factor of everybody?",
		at: "/settings",
		by: press("Require it of everybody"),
	},
	{ what: "server/server Jobs: Actions for …", at: "/server", by: press("Actions for snapshot") },
	{ what: "server/server Jobs: …: what it would do | …: what it did", by: choose("Actions for snapshot", "Say what it would do") },
	{ what: "server/server Checked: The store was checked", by: press("Check the store") },
	{ what: "server/server Outbox: Actions for the mail to …", by: press(/^Actions for the mail/) },
	{ what: "server/server Outbox: Drop the mail to …?", by: choose(/^Actions for the mail/, "Look, or drop") },
	{ what: "server/server Keeping: Remove what is past its retention time?", by: press("Clean up now") },
];

const outbound: Opening[] = [
	{ what: "webhook/list Add: Add a webhook", at: "/webhooks", by: press("Add webhook") },
	{
		what: "webhook/deliveries Deliveries: …",
		name: /\./,
		at: "/webhooks/portal",
		by: (page) => enter(page.locator("tbody").getByRole("button").first()),
	},
	{ what: "webhook/progress Progress: Actions for …", at: "/webhooks/portal/companies", by: press("Actions for Northwind Traders") },
	{ what: "webhook/progress Progress: Deliver events of … again", by: choose("Actions for Northwind Traders", "Deliver again") },
	{ what: "webhook/progress Skip: Skip event … of …?", by: choose("Actions for Northwind Traders", /^Skip/) },
	{ what: "webhook/webhook WebhookHead: Actions for …", by: press("Actions for portal") },
	{ what: "webhook/webhook WebhookHead: Delete …?", by: choose("Actions for portal", "Delete") },
	{ what: "webhook/webhook WebhookHead: Rotate the secret?", by: choose("Actions for portal", "Rotate the secret") },
	{
		what: "webhook/form Secret: The secret of the webhook",
		by: async (page) => {
			const button = await choose("Actions for portal", "Rotate the secret")(page);
			await page.getByRole("dialog").getByRole("button", { name: "Rotate" }).press("Enter");
			return button;
		},
		away: stored,
	},
	{ what: "project/list Add: Add a Google project", at: "/google-projects", by: press("Add Google project") },
	{ what: "project/project ProjectHead: Actions for …", at: "/google-projects/shared", by: press("Actions for shared") },
	{ what: "project/project ProjectHead: Replace the key", by: press("Replace the key") },
	{ what: "project/project ProjectHead: Delete the Google project …?", by: choose("Actions for shared", "Delete") },
	{ what: "project/project Companies: Share … with a company", by: press("Share with a company") },
	{ what: "project/project Companies: Actions for …", by: press("Actions for Northwind Traders") },
	{ what: "project/project Detach: Detach … from …?", by: choose("Actions for Northwind Traders", "Detach") },
	{ what: "target/list Add: Add a target", at: "/targets", by: press("Add target") },
	{ what: "target/target TargetHead: Actions for …", at: "/targets/crm", by: press("Actions for crm") },
	{ what: "target/target TargetHead: Replace the credential", by: choose("Actions for crm", "Replace the credential") },
	{ what: "target/target TargetHead: Delete …?", by: choose("Actions for crm", "Delete") },
	{
		what: "parts/form Find",
		at: "/targets/crm/settings",
		by: async (page) => {
			await press("Add a rule")(page);
			const field = page.getByRole("combobox", { name: "Attribute" });
			await field.press("ArrowDown");
			return field;
		},
	},
	{ what: "target/companies Companies: Share … with a company", at: "/targets/crm", by: press("Share with a company") },
	{ what: "target/companies Companies: Actions for …", by: press("Actions for Northwind Traders") },
	{ what: "target/companies Companies: Groups of …", by: choose("Actions for Northwind Traders", "Change its groups") },
	{ what: "target/companies Companies: Plan for …", by: choose("Actions for Northwind Traders", "Show the plan") },
	{ what: "target/companies Companies: Who was refused in …", by: choose("Actions for Northwind Traders", "Show who was refused") },
	{
		what: "target/companies Run: Compare … with …?",
		by: async (page) => {
			await pretend(page, "**/api/v1/targets/crm", (target) => ({ ...target, status: "delivering" }));
			await pretend(page, "**/api/v1/targets/crm/progress*", ({ items, ...list }) => ({
				...list,
				items: items.map((p: any) => ({ ...p, held: 3 })),
			}));
			await expect(page.getByRole("button", { name: "Pause" })).toBeVisible();
			return choose("Actions for Northwind Traders", "Compare and send now")(page);
		},
	},
	{ what: "target/companies Release: Release … removals of …?", by: choose("Actions for Northwind Traders", "Release held removals") },
	{ what: "target/companies Detach: Detach … from …?", by: choose("Actions for Northwind Traders", "Detach") },
];

/** On a phone. */
const phone: Opening[] = [
	{ what: "shell/frame Frame: Navigation", at: "/companies", by: press("Open the navigation") },
	{ what: "parts/basic Tabs: More…", at: northwind, by: press("More sections") },
];

/** Asks for something that a session is not enough for. */
function lacks(status: number, field?: string): Opening["by"] {
	return async (page) => {
		await page.route("**/suspend", (route) =>
			route.fulfill({ status, contentType: "application/problem+json", body: JSON.stringify({ status, code: "refused", field }) }),
		);
		await press("Suspend")(page);
		return enter(page.getByRole("alertdialog").getByRole("button", { name: "Suspend" }));
	};
}

const session: Opening[] = [
	{ what: "shell/session Prove: Show that it is you", under: 2, at: "/administrators?open={donald}", by: lacks(403, "session") },
	{
		what: "shell/session SignInAgain: Your session has ended",
		under: 2,
		at: "/administrators?open={donald}",
		by: async (page) => {
			// The page asks whether the session is alive, before it says that it has ended.
			await page.route("**/api/v1/me", (route) => route.fulfill({ status: 401, contentType: "application/problem+json", body: "{}" }));
			return lacks(401)(page);
		},
		away: async (box, page) => {
			await page.keyboard.press("Escape");
			await expect(box, "there is no way around it").toBeVisible();
			const me = await page.request.get(new URL("/api/v1/me", page.url()).href);
			await page.route("**/api/v1/session", async (route) => route.fulfill({ json: await me.json() }));
			await page.unroute("**/api/v1/me");
			await page.unroute("**/suspend");
			await page.route("**/suspend", (route) => route.fulfill({ status: 409, contentType: "application/problem+json", body: "{}" }));
			await box.getByLabel("Password").fill("a password");
			await page.keyboard.press("Enter");
			await expect(box).toBeHidden();
		},
	},
	{
		what: "shell/session Ending: You will be signed out soon",
		at: "/companies",
		by: async (page) => {
			await pretend(page, "**/api/v1/me", (me) => ({ ...me, idle_until: new Date(Date.now() + 60_000).toISOString() }));
			await page.reload();
			return page.locator("body");
		},
		away: async (box, page) => {
			await page.unroute("**/api/v1/me");
			await box.getByRole("button", { name: "Stay signed in" }).press("Enter");
			await expect(box).toBeHidden();
		},
	},
];

const all = { shell, company, people, groups, connections, operators, installation, outbound, phone, session };

test("each dialog, menu and list of the source is opened here", () => {
	const opened = new Set(Object.values(all).flatMap((list) => list.map((o) => o.what)));
	expect([...opened].sort()).toEqual([...new Set(whatOpens())].sort());
	// Where the source says nothing about the name, the test does.
	const nameless = Object.values(all).flatMap((list) =>
		list.filter((o) => !o.name && o.what.includes(":") && patternOf(o.what).test("anything at all")),
	);
	expect(nameless.map((o) => o.what)).toEqual([]);
});

// ---- what must hold

/** No violation in either theme, and nothing wider than three windows. */
async function looks(box: Locator, name: string): Promise<void> {
	const page = box.page();
	await expect(page.locator(".skeleton"), `${name} has arrived`).toHaveCount(0);
	expect(await violations(page, "light"), `${name} and the page under it`).toEqual([]);
	expect(await violations(page, "dark", box), `${name}, dark`).toEqual([]);
	await page.emulateMedia({ colorScheme: "light" });
	const before = page.viewportSize();
	for (const pixels of Object.values(widths).filter((pixels) => pixels <= (before?.width ?? 0))) {
		await page.setViewportSize({ width: pixels, height: 900 });
		await expect.poll(() => box.evaluate(tooWide), { message: `${name} at ${pixels}` }).toEqual([]);
	}
	if (before) await page.setViewportSize(before);
	await pictures(page, `opens ${name}`);
}

/** What is wider than its place: the page, what opened, or something in it that does not scroll. */
function tooWide(box: Element): string[] {
	const found: string[] = [];
	if (document.documentElement.scrollWidth > innerWidth) found.push("the page");
	const place = box.getBoundingClientRect();
	if (place.left < -0.5 || place.right > innerWidth + 0.5)
		found.push(`what opened: ${Math.round(place.left)} to ${Math.round(place.right)}`);
	for (const element of box.querySelectorAll("*")) {
		if (element.closest(".scroll, .scroll-x, .visually-hidden, svg, [hidden], [aria-hidden=true]")) continue;
		const { left, right, width } = element.getBoundingClientRect();
		if (width && (left < place.left - 1 || right > place.right + 1))
			found.push(`${element.tagName} ${element.className}: ${element.textContent?.slice(0, 40)}`);
	}
	return found.slice(0, 3);
}

/** Tab goes through everything in a dialog, shows where it is, and stays inside. */
async function tabs(box: Locator, name: string): Promise<void> {
	const page = box.page();
	const wanted = await box.evaluate((element) => {
		const all = [...element.querySelectorAll<HTMLElement>("a[href], button, input, textarea, summary, [tabindex='0']")].filter(
			(e) =>
				e.tabIndex >= 0 &&
				!e.matches(":disabled, [type=file]") &&
				!e.closest("[hidden], [inert], [aria-hidden=true]") &&
				e.checkVisibility(),
		);
		// Of radio buttons with one name, Tab reaches one; of the tabs and items of a list, too.
		const groups = new Set<string>();
		for (const e of all) {
			const group = e.closest("[role=radiogroup], [role=tablist], [role=menu], [role=listbox], [role=group] > [role=spinbutton]");
			e.dataset.stop = group ? `${[...element.querySelectorAll("*")].indexOf(group)}` : `own ${all.indexOf(e)}`;
			groups.add(e.dataset.stop);
		}
		return [...groups];
	});
	const reached = new Set<string>();
	for (let i = 0; i < wanted.length + 3 && reached.size < wanted.length; i++) {
		const here = await page.evaluate(() => {
			const e = document.activeElement as HTMLElement;
			const { top, bottom } = e.getBoundingClientRect();
			const inside = e.closest<HTMLElement>("[data-stop]");
			return {
				stop: inside?.dataset.stop ?? "",
				text: `${e.tagName} ${e.getAttribute("aria-label") ?? e.textContent?.slice(0, 30)}`,
				seen: bottom > 0 && top < innerHeight,
				dialog: !!e.closest("[role=dialog], [role=alertdialog]"),
			};
		});
		expect(here.dialog, `${name}: the focus leaves for ${here.text}`).toBe(true);
		expect(here.seen, `${name}: the focus is out of sight at ${here.text}`).toBe(true);
		if (here.stop) reached.add(here.stop);
		await page.keyboard.press("Tab");
	}
	const missed = await box.evaluate(
		(element, stops) =>
			[...element.querySelectorAll<HTMLElement>("[data-stop]")]
				.filter((e) => !stops.includes(e.dataset.stop ?? ""))
				.map((e) => e.outerHTML.slice(0, 120)),
		[...reached],
	);
	expect(missed, `${name}: Tab does not reach`).toEqual([]);
}

async function opens(page: Page, o: Opening): Promise<void> {
	const from = await o.by(page);
	const under = o.under ?? 0;
	const list = o.what.includes(":") ? undefined : page.getByRole("listbox");
	const above = page.locator("[role=dialog], [role=alertdialog], [role=menu]:not(.palette-list)");
	await expect(list ?? above.nth(under)).toBeVisible();
	const box = list ?? above.nth(under);
	if (!list) await expect(box).toHaveAccessibleName(o.name ?? patternOf(o.what));
	await o.next?.(box, page);
	// The focus goes into it. It stays in a field whose choices are searched by typing.
	if (list && (await from.getAttribute("role")) === "combobox") await expect(from).toBeFocused();
	else await expect.poll(() => box.evaluate((e) => e.contains(document.activeElement)), { message: "the focus goes into it" }).toBe(true);
	await looks(box, o.what);
	if (!list && (await box.getAttribute("role")) !== "menu") await tabs(box, o.what);
	if (o.away) await o.away(box, page);
	else {
		if (!list) await box.focus(); // the first Escape would close the tooltip of a button
		await page.keyboard.press("Escape");
		await expect(box, "Escape closes it").toBeHidden();
	}
	await expect(from, "the focus returns").toBeFocused();
}

/** A receiver of events that takes none, and an application that is empty. */
let outside: Listener;

test.beforeAll(async ({ server }) => {
	outside = createServer((req, res) => {
		if (req.url?.startsWith("/hooks")) return res.writeHead(500).end("no");
		return res.writeHead(200, { "Content-Type": "application/scim+json" }).end(
			JSON.stringify({
				schemas: ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
				totalResults: 0,
				startIndex: 1,
				itemsPerPage: 0,
				Resources: [],
			}),
		);
	});
	await new Promise<void>((done) => outside.listen(0, "127.0.0.1", done));
	const url = `http://127.0.0.1:${(outside.address() as AddressInfo).port}`;
	await server.do("POST", "/webhooks", { name: "portal", format: "events", url: `${url}/hooks`, tenants: ["northwind"] });
	await server.do("POST", "/targets", { name: "crm", url, secret: "a-token", tenants: ["northwind"], paused: true });
	await server.do("POST", "/tenants/northwind/groups", { display_name: "Night shift" });
	await server.do("POST", "/connections/hooli-jumpcloud/observation", {});
	await server.do("POST", "/tenants/northwind/schemas", {
		resource_type: "User",
		definition: {
			id: "urn:example:params:scim:schemas:extension:acme:2.0:User",
			name: "Acme",
			attributes: [{ name: "badge", type: "string", multiValued: false }],
		},
	});
	const [owner] = (await server.do("GET", "/tenants/wayne/users?limit=1")).items;
	await server.do("PUT", `/tenants/wayne/groups/owners/members/${owner.id}`);
	await server.do("POST", "/tenants/wayne/unlink", {});
	const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
	const account = {
		type: "service_account",
		private_key: privateKey.export({ type: "pkcs8", format: "pem" }),
		client_email: "bridge@project.example",
		client_id: "1",
		project_id: "bridge",
		private_key_id: "one",
	};
	await server.do("POST", "/google-projects", { name: "shared", credentials: JSON.stringify(account), tenants: ["northwind"] });
	await server.do("POST", "/connections", {
		tenant: "tailspin",
		type: "google-directory",
		google: { admin: "admin@tailspin.example", credentials: JSON.stringify(account) },
	});
});

test.afterAll(() => {
	outside.close();
});

for (const [name, list] of Object.entries(all)) {
	test(`what opens: ${name}`, async ({ open, server, page, faults }) => {
		test.slow();
		if (name === "session") faults.allow(/status of 40[139]/);
		if (name === "phone") await page.setViewportSize({ width: 390, height: 900 });
		const places = await placesOf(server);
		const failures: string[] = [];
		let at = "";
		let fresh = false;
		for (const o of list) {
			if (o.at) at = o.at.replace(/\{(\w+)\}/g, (_, id: string) => places[id] ?? id);
			try {
				if (o.at || !fresh) await open("ada", at);
				fresh = true;
				await expect(page.locator("main :is(h1, h2)").first()).toBeVisible();
				await opens(page, o);
			} catch (error) {
				failures.push(`${o.what} at ${at}: ${stripVTControlCharacters(String(error)).slice(0, 1200)}`);
				fresh = false;
			}
		}
		expect(failures.join("\n\n")).toBe("");
	});
}

async function placesOf(server: Server): Promise<Record<string, string>> {
	const people = (await server.do("GET", "/tenants/northwind/users?state=suspended")).items;
	const groups = (await server.do("GET", "/tenants/northwind/groups")).items;
	const operators = (await server.do("GET", "/operators")).items;
	const operator = (first: string) => operators.find((o: any) => o.first_name === first)?.id;
	return {
		hold: people.find((u: any) => u.suspension?.mode === "hold")?.id,
		yield: people.find((u: any) => u.suspension?.mode === "yield")?.id,
		finance: groups.find((g: any) => g.display_name === "Finance")?.id,
		own: groups.find((g: any) => g.display_name === "Night shift")?.id,
		donald: operator("Donald"),
		ken: operator("Ken"),
	};
}
