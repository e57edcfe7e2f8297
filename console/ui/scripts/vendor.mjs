// Builds assets/vendor: third-party code as two modules, the fonts, and the licences of everything in it.
import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { build } from "vite";

await build({ configFile: "vendor.config.mjs", logLevel: "error" });

const fonts = "node_modules/@fontsource-variable/inter/files/";
copyFileSync(`${fonts}inter-latin-wght-normal.woff2`, "assets/vendor/inter-latin.woff2");
copyFileSync(`${fonts}inter-latin-ext-wght-normal.woff2`, "assets/vendor/inter-latin-ext.woff2");

/** Every package that is needed at run time, directly or not, in the order of their names. */
function packages() {
	const lock = JSON.parse(readFileSync("package-lock.json", "utf8")).packages;
	return Object.keys(lock)
		.filter((path) => path && !lock[path].dev && !lock[path].optional && !lock[path].peer)
		.sort();
}

const parts = [];
for (const path of packages()) {
	const about = JSON.parse(readFileSync(`${path}/package.json`, "utf8"));
	const file = readdirSync(path).find((name) => /^licen[cs]e/i.test(name));
	const text = file && existsSync(`${path}/${file}`) ? readFileSync(`${path}/${file}`, "utf8").trim() : `License: ${about.license}`;
	parts.push(`${about.name} ${about.version}\n${"-".repeat(60)}\n${text}\n`);
}
writeFileSync("assets/vendor/LICENSES.txt", parts.join("\n"));
