// What the first page costs.
import { expect, test } from "./test.ts";

test.use({ copy: "size" });

test("is small, and asks seldom", async ({ page, server, faults }) => {
	faults.allow(/status of 401/); // nobody is signed in yet
	let bytes = 0;
	let requests = 0;
	page.on("requestfinished", async (request) => {
		if (!request.url().includes("/console/")) return;
		requests++;
		bytes += (await request.sizes()).responseBodySize;
	});
	await page.goto(`${server.url}/console/`);
	await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
	await page.waitForLoadState("networkidle");
	expect(requests).toBeLessThanOrEqual(30);
	expect(bytes).toBeLessThanOrEqual(260_000);
	console.log(`first load: ${Math.round(bytes / 1000)} KB in ${requests} requests`);
});
