// Prints a line for each test that failed, and the sum at the end.
import type { FullResult, Reporter, TestCase, TestResult } from "@playwright/test/reporter";

export default class Lines implements Reporter {
	private passed = 0;
	private failed = 0;

	onTestEnd(test: TestCase, result: TestResult) {
		const name = test.titlePath().slice(3).join(" › ");
		if (result.status === test.expectedStatus && result.status !== "skipped") {
			this.passed++;
			if (process.env.VERBOSE) console.log(`ok    ${(result.duration / 1000).toFixed(1).padStart(5)} s  ${name}`);
			return;
		}
		this.failed++;
		console.log(`FAIL  ${(result.duration / 1000).toFixed(1).padStart(5)} s  ${name} (${result.status})`);
		for (const error of result.errors) console.log(indent(error.message ?? error.value ?? ""), indent(error.snippet ?? ""));
		for (const a of result.attachments) if (a.path) console.log(indent(a.path));
	}

	/** What a test measured. */
	onStdOut(text: string | Buffer) {
		process.stdout.write(text);
	}

	onError(error: { message?: string }) {
		this.failed++;
		console.log(`FAIL  ${error.message}`);
	}

	onEnd(result: FullResult) {
		console.log(`${this.passed} passed, ${this.failed} failed in ${Math.round(result.duration / 1000)} s`);
	}
}

function indent(text: string): string {
	return (
		text
			// biome-ignore lint/suspicious/noControlCharactersInRegex: colours of the terminal
			.replace(/\u001b\[\d+m/g, "")
			.split("\n")
			.map((line) => `      ${line}`)
			.join("\n")
	);
}
