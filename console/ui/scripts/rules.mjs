// Writes src/parts/rules.ts from docs/rules.md, so that the console can explain the rule that it names.
//
//     node scripts/rules.mjs
import { readFileSync, writeFileSync } from "node:fs";
import { plain } from "./plain.mjs";

const page = readFileSync("../../docs/rules.md", "utf8");

const rows = [...page.matchAll(/^\| ([A-Z]\d+)( ○)? \| (.*?) \| [^|]*\|$/gm)];
if (rows.length < 50) throw new Error(`only ${rows.length} rules were found in docs/rules.md`);
const lines = rows.map(([, id, later, text]) => `\t${id}: ${JSON.stringify(plain(text) + (later ? " It is not in this version." : ""))},`);
writeFileSync(
	"src/parts/rules.ts",
	`// Made by scripts/rules.mjs from docs/rules.md. Do not edit.\n\nexport const rules: Record<string, string> = {\n${lines.join("\n")}\n};\n`,
);
