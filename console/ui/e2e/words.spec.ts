// Words and times as people read them.
import { relative } from "../src/parts/words.ts";
import { expect, test } from "./test.ts";

test.use({ copy: "pages" });

test("a time that rounds to the next unit is said in that unit", () => {
	const now = Date.parse("2026-03-01T12:00:00Z");
	const before = (seconds: number) => relative(new Date(now - seconds * 1000), now);
	const minute = 60;
	const hour = 60 * minute;
	const day = 24 * hour;
	expect([before(59.6), before(59.6 * minute), before(23.6 * hour), before(29.7 * day), before(11.7 * 30 * day)]).toEqual([
		"1 minute ago",
		"1 hour ago",
		"yesterday",
		"last month",
		"last year",
	]);
	expect([before(59.4), before(59.4 * minute), before(23.4 * hour)]).toEqual(["59 seconds ago", "59 minutes ago", "23 hours ago"]);
});

test("each kind of mail and each line of a trail has words of its own", async ({ open, server }) => {
	await server.do("POST", "/jobs/health/run");
	const page = await open("ada", "/account");
	await expect(page.getByRole("checkbox", { name: /^Idle seats/ })).toBeVisible();
	await expect(page.getByRole("checkbox", { name: /^\w+\.\w+/ })).toHaveCount(0);
	await open("ada", "/audit?action=seats.snapshot");
	await expect(page.getByRole("button", { name: /^The server counted the seats of \d+ \w+ \d{4}/ }).first()).toBeVisible();
	await open("ada", "/audit?action=connection.health");
	await expect(page.getByRole("button", { name: /^The server found the connection contoso-entra quiet/ }).first()).toBeVisible();
});
