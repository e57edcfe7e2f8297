// Fails for an operation of the API that no page of the console uses, unless it is listed here with the reason.
//
//     node scripts/operations.mjs
import { readdirSync, readFileSync } from "node:fs";

const without = {
	"begin-doctor": "drawbridge doctor calls it: it plays over the network; the page lets the server play",
	"end-doctor": "drawbridge doctor calls it",
	"end-oidc": "the OpenID provider sends the browser there",
	"get-seats": "the overview of a company has the same numbers",
	"list-audit": "the bare trail is for programs; the pages search it",
	"list-provider-audit": "the bare trail is for programs; the pages search it",
	"list-provider-events": "the feed is for programs",
	"list-subscriptions": "the panel of an administrator reads one at a time",
};

const sources = readdirSync("src", { recursive: true, withFileTypes: true })
	.filter((f) => f.isFile() && /\.tsx?$/.test(f.name) && f.name !== "schema.ts")
	.map((f) => readFileSync(`${f.parentPath}/${f.name}`, "utf8"))
	.join("\n");
const schema = readFileSync("src/api/schema.ts", "utf8");
const routes = schema.slice(schema.indexOf("export const routes"), schema.indexOf("export const creates"));
const operations = [...routes.matchAll(/^\t"?([\w-]+)"?: "[A-Z]+ /gm)].map((m) => m[1]);

const unused = operations.filter((o) => !sources.includes(`"${o}"`) && !(o in without));
const stale = Object.keys(without).filter((o) => !operations.includes(o) || sources.includes(`"${o}"`));
for (const o of unused) console.log(`no page uses the operation ${o}: use it, or give the reason in scripts/operations.mjs`);
for (const o of stale) console.log(`scripts/operations.mjs lists ${o}, which a page uses or which does not exist`);
if (unused.length || stale.length) process.exit(1);
console.log(`${operations.length} operations, ${Object.keys(without).length} of them without a page for a reason`);
