import { defineConfig } from "@playwright/test";

export default defineConfig({
	testDir: "e2e",
	outputDir: "e2e/output/results",
	globalSetup: "./e2e/stage.ts",
	fullyParallel: false,
	workers: 2,
	retries: 0,
	forbidOnly: true,
	timeout: 180_000,
	expect: { timeout: 20_000 },
	reporter: "./e2e/reporter.ts",
	use: {
		browserName: "chromium",
		launchOptions: { executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] },
		viewport: { width: 1440, height: 900 },
		locale: "en-GB",
		timezoneId: "Europe/London",
		contextOptions: { reducedMotion: "reduce" },
		screenshot: "only-on-failure",
	},
});
