// Runs once before all tests: builds the server, and makes the data folders on which it is started. KEEP_BINARY keeps the server that an
// earlier run built, and serves the pages from the disk, for a developer who changes only tests and pages.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";

export const output = resolve(import.meta.dirname, "output");
export const binary = `${output}/drawbridge`;

export default function stage() {
	const root = resolve(import.meta.dirname, "../../..");
	mkdirSync(output, { recursive: true });
	const go = (...args: string[]) =>
		execFileSync("go", args, { cwd: root, stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, CGO_ENABLED: "0" } });
	if (!(existsSync(binary) && process.env.KEEP_BINARY)) {
		go("build", "-buildvcs=false", "-o", binary, "./cmd/drawbridge");
		go("build", "-buildvcs=false", "-o", `${output}/stage`, "./cmd/drawbridge/e2e/stage");
	}
	make("story");
	if (!process.env.ONLY_STORY) {
		make("crowd", "--people", "100000");
		make("many", "--companies", "10000");
	}
}

/** Makes one folder. KEEP_STAGE keeps what an earlier run made. */
function make(name: string, ...args: string[]) {
	const data = `${output}/${name}`;
	if (existsSync(`${data}.json`) && process.env.KEEP_STAGE) return;
	rmSync(data, { recursive: true, force: true });
	const told = execFileSync(`${output}/stage`, ["--data", data, ...args], { stdio: ["ignore", "pipe", "inherit"], maxBuffer: 1 << 24 });
	writeFileSync(`${data}.json`, told);
}
