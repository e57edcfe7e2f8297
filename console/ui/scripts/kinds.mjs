// Writes src/pages/audit/kinds.ts from docs/events.md: the kinds of the events that applications get.
//
//     node scripts/kinds.mjs
import { readFileSync, writeFileSync } from "node:fs";
import { plain } from "./plain.mjs";

const page = readFileSync("../../docs/events.md", "utf8");
const part = page.slice(page.indexOf("## Kinds of event"), page.indexOf("The installation has its own feed"));
const rows = [...part.matchAll(/^\| `([a-z_.]+)` \| (.*?) ?\| (.*?) ?\|$/gm)];
if (rows.length < 50) throw new Error(`only ${rows.length} kinds of event were found in docs/events.md`);
const lines = rows.map(([, kind, when, data]) => `\t${JSON.stringify(kind)}: ${JSON.stringify({ when: plain(when), data: plain(data) })},`);
writeFileSync(
	"src/pages/audit/kinds.ts",
	`// Made by scripts/kinds.mjs from docs/events.md. Do not edit.\n\nexport const kinds: Record<string, { when: string; data: string }> = {\n${lines.join("\n")}\n};\n`,
);
