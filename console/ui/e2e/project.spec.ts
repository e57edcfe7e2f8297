// Google projects: one is added, shared, used by a connection, detached and deleted.
import { generateKeyPairSync } from "node:crypto";
import { accessible, expect, test } from "./test.ts";

test.use({ copy: "project", actionTimeout: 20_000 });

function key(id: string) {
	const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
	return JSON.stringify({
		type: "service_account",
		project_id: "bridge",
		private_key_id: id,
		private_key: privateKey.export({ type: "pkcs8", format: "pem" }),
		client_email: "bridge@project.example",
		client_id: "10203",
	});
}

test("a Google project is added, shared, used, detached, given another key, and deleted", async ({ open, server, faults }) => {
	test.slow();
	faults.allow(/status of 4(04|12|22)/);
	const page = await open("ada", "/google-projects");
	await expect(page.getByText("No Google project")).toBeVisible();
	await page.getByRole("button", { name: "Add Google project" }).first().click();
	const add = page.getByRole("dialog", { name: "Add a Google project" });
	await add.getByRole("textbox", { name: "Name" }).fill("shared");
	await add.getByLabel("Key of the service account").fill("no key");
	await accessible(page, "add a Google project");
	await add.getByRole("button", { name: "Add", exact: true }).click();
	await expect(add.getByText(/not the JSON key of a service account/).last()).toBeVisible();
	await add.getByLabel("Key of the service account").fill(key("key-1"));
	await add.getByRole("button", { name: "Add", exact: true }).click();
	await expect(page.getByRole("heading", { name: "shared" })).toBeVisible();
	await expect(page.getByText("10203")).toBeVisible();
	expect(await page.content()).not.toContain("PRIVATE KEY");

	await page.getByRole("button", { name: "Share with a company" }).click();
	const share = page.getByRole("dialog", { name: "Share shared with a company" });
	await share.getByRole("combobox", { name: "Company" }).fill("vandelay");
	await page.getByRole("option", { name: /Vandelay/ }).click();
	await share.getByRole("button", { name: "Share", exact: true }).click();
	const row = page.getByRole("table", { name: "Companies of the Google project" }).getByRole("row", { name: /Vandelay/ });
	await expect(row).toBeVisible();
	await accessible(page, "a Google project");

	// A new connection of the company may choose it in place of a key.
	await page.goto(`${server.url}/console/connections?connect=vandelay`);
	const connect = page.getByRole("dialog", { name: "Connect an identity provider" });
	await connect.getByText("Google Workspace", { exact: true }).click();
	await connect.getByLabel("Administrator").fill("admin@vandelay.example");
	await connect.getByRole("button", { name: /A key of its own/ }).click();
	await page.getByRole("option", { name: "Google project shared" }).click();
	await accessible(page, "a connection with a Google project");
	await connect.getByRole("button", { name: "Connect", exact: true }).click();
	await expect(page).toHaveURL(/\/connections\/vandelay-google-directory/);
	await page.getByRole("link", { name: "Runs" }).click();
	await expect(page.getByRole("link", { name: "shared" })).toBeVisible();

	await page.goto(`${server.url}/console/google-projects/shared`);
	await row.getByRole("button", { name: /Actions for Vandelay/ }).click();
	await page.getByRole("menuitem", { name: "Detach" }).click();
	const detach = page.getByRole("alertdialog");
	await expect(detach.getByText(/vandelay-google-directory: nothing is changed any more/i)).toBeVisible();
	await accessible(page, "detach a Google project");
	await detach.getByRole("button", { name: "Detach", exact: true }).click();
	await expect(page.getByText("No company", { exact: true })).toBeVisible();
	expect((await server.do("GET", "/connections/vandelay-google-directory")).google.detached).toBe(true);
	await page.goto(`${server.url}/console/connections/vandelay-google-directory/runs`);
	await expect(page.getByText(/The Google project shared was detached/)).toBeVisible();

	await page.goto(`${server.url}/console/google-projects/shared`);
	await page.getByRole("button", { name: "Replace the key" }).click();
	const rotate = page.getByRole("dialog", { name: "Replace the key" });
	await rotate.getByLabel("Key of the service account").fill(key("key-2"));
	await rotate.getByRole("button", { name: "Replace", exact: true }).click();
	await expect(page.getByText("key-2")).toBeVisible();
	await page.getByRole("button", { name: "Actions for shared" }).click();
	await page.getByRole("menuitem", { name: "Delete" }).click();
	await page.getByRole("alertdialog").getByRole("button", { name: "Delete", exact: true }).click();
	await expect(page.getByText("No Google project")).toBeVisible();
});
