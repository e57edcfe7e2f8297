// An application on SCIMMY, in memory, on a free port of 127.0.0.1. It prints its URL.
import { randomUUID } from "node:crypto";
import express from "express";
import SCIMMY from "scimmy";
import SCIMMYRouters from "scimmy-routers";

/** Keeps the resources of a type. The values of the attribute unique differ, in any case. */
function keep(type, unique) {
	const all = new Map();
	const find = (id) => {
		const found = all.get(id);
		if (!found) throw new SCIMMY.Types.Error(404, null, `there is no ${id}`);
		return found;
	};
	const lower = (r) => String(r[unique] ?? "").toLowerCase();
	type.ingress((resource, instance) => {
		const next = JSON.parse(JSON.stringify(instance));
		const before = resource.id ? find(resource.id) : undefined;
		for (const other of all.values()) {
			if (other.id !== resource.id && lower(other) === lower(next)) throw new SCIMMY.Types.Error(409, "uniqueness", `${next[unique]} is taken`);
		}
		const now = new Date();
		const stored = { ...next, id: resource.id ?? randomUUID(), meta: { created: before?.meta.created ?? now, lastModified: now } };
		all.set(stored.id, stored);
		return stored;
	});
	type.egress((resource) => {
		if (resource.id) return find(resource.id);
		return resource.filter ? resource.filter.match([...all.values()]) : [...all.values()];
	});
	type.degress((resource) => {
		find(resource.id);
		all.delete(resource.id);
	});
	SCIMMY.Resources.declare(type);
}

SCIMMY.Resources.User.extend(SCIMMY.Schemas.EnterpriseUser, false);
keep(SCIMMY.Resources.User, "userName");
keep(SCIMMY.Resources.Group, "displayName");

const token = process.argv[2];
const app = express();
app.use(
	"/scim",
	new SCIMMYRouters({
		type: "bearer",
		handler: (req) => {
			if (req.header("Authorization") !== `Bearer ${token}`) throw new Error("wrong token");
			return "drawbridge";
		},
	}),
);
const server = app.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}/scim`));
process.stdin.on("end", () => process.exit(0)).resume(); // it ends with the test
