// Writes src/api/schema.ts from the OpenAPI document of the operator API: one type for each schema, and one row for each operation.
//
//     node scripts/schema.mjs [DOCUMENT]        DOCUMENT: ../openapi.json
import { readFileSync, writeFileSync } from "node:fs";

const document = JSON.parse(readFileSync(process.argv[2] ?? "../openapi.json", "utf8"));
const prefix = "/api/v1";
const out = [];

/** A property name, quoted where it is no identifier. */
const key = (name) => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name));

/** The last part of a reference, as the name of a type. */
const named = (ref) => ref.split("/").pop();

/** A schema as a TypeScript type. */
function type(schema) {
	if (!schema) return "unknown";
	if (schema.$ref) return named(schema.$ref);
	if (schema.oneOf) return schema.oneOf.map(type).join(" | ");
	if (schema.enum) return schema.enum.map((v) => JSON.stringify(v)).join(" | ");
	const types = [schema.type].flat().filter(Boolean);
	const one = (t) => {
		switch (t) {
			case "string":
				return "string";
			case "integer":
			case "number":
				return "number";
			case "boolean":
				return "boolean";
			case "null":
				return "null";
			case "array": {
				const item = type(schema.items);
				return /[|&]/.test(item) ? `(${item})[]` : `${item}[]`;
			}
			case "object":
				if (schema.properties) return `{ ${fields(schema).join(" ")} }`;
				return `Record<string, ${typeof schema.additionalProperties === "object" ? type(schema.additionalProperties) : "unknown"}>`;
		}
		return "unknown";
	};
	return types.length ? types.map(one).join(" | ") : "unknown";
}

function fields(schema) {
	const required = new Set(schema.required ?? []);
	return Object.entries(schema.properties ?? {})
		.filter(([name]) => name !== "$schema")
		.map(([name, property]) => `${key(name)}${required.has(name) ? "" : "?"}: ${type(property)};`);
}

out.push("// Made by scripts/schema.mjs from console/openapi.json. Do not edit.", "");
for (const [name, schema] of Object.entries(document.components.schemas)) {
	if (!schema.properties) {
		out.push(`export type ${name} = ${type(schema)};`, "");
		continue;
	}
	const required = new Set(schema.required ?? []);
	out.push(`export interface ${name} {`);
	for (const [field, property] of Object.entries(schema.properties)) {
		if (field === "$schema") continue;
		if (property.description) out.push(`\t/** ${property.description.replaceAll("*/", "* /")} */`);
		out.push(`\t${key(field)}${required.has(field) ? "" : "?"}: ${type(property)};`);
	}
	out.push("}", "");
}

const operations = [];
for (const [path, methods] of Object.entries(document.paths)) {
	for (const [method, operation] of Object.entries(methods)) {
		if (operation.operationId) operations.push({ path, method, ...operation });
	}
}
operations.sort((a, b) => (a.operationId < b.operationId ? -1 : 1));

const rows = (list) => {
	if (!list.length) return "Record<never, never>";
	return `{ ${list.map((p) => `${key(p.name)}${p.required ? "" : "?"}: ${type(p.schema)};`).join(" ")} }`;
};

/** Whether an operation can say what it would do. */
const dry = (o) => (o.parameters ?? []).some((p) => p.name === "dry_run" && previewed(o));
const previewed = (o) => answers(o).includes("Preview");

/** The types of all answers of success. */
function answers(o) {
	return Object.entries(o.responses)
		.filter(([status]) => status.startsWith("2"))
		.flatMap(([, r]) => {
			const schema = r.content?.["application/json"]?.schema;
			return schema ? (schema.oneOf ?? [schema]).map(type) : ["undefined"];
		});
}

/** The type of what an operation answers when it is done. What it would do is a Preview, which has a call of its own. */
function answerOf(o) {
	const done = answers(o).filter((t) => t !== "Preview");
	return done.length ? done.join(" | ") : "undefined";
}

out.push("/** What each operation takes and gives. dry: it can be asked what it would do. */", "export interface Operations {");
for (const o of operations) {
	const parameters = o.parameters ?? [];
	const body = o.requestBody?.content?.["application/json"]?.schema;
	const answer = answerOf(o);
	out.push(`\t/** ${o.summary} */`);
	out.push(`\t${key(o.operationId)}: {`);
	out.push(`\t\tpath: ${rows(parameters.filter((p) => p.in === "path"))};`);
	out.push(`\t\tquery: ${rows(parameters.filter((p) => p.in === "query"))};`);
	out.push(`\t\tbody: ${body ? type(body) : "undefined"};`);
	out.push(`\t\tanswer: ${answer};`);
	out.push(`\t\tdry: ${dry(o)};`);
	out.push("\t};");
}
out.push("}", "");

out.push(
	"/** Method and path of each operation; the path is below /api/v1. */",
	"export const routes: Record<keyof Operations, string> = {",
);
for (const o of operations) out.push(`\t${key(o.operationId)}: "${o.method.toUpperCase()} ${o.path.replace(prefix, "")}",`);
out.push("};", "");

out.push("/** Operations that take an Idempotency-Key. */", "export const creates: ReadonlySet<string> = new Set([");
for (const o of operations) if ((o.parameters ?? []).some((p) => p.name === "Idempotency-Key")) out.push(`\t"${o.operationId}",`);
out.push("]);", "");

writeFileSync("src/api/schema.ts", out.join("\n"));
