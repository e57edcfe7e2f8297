// Ranks of roles: no operator gives away more than they have.

import type { Operator } from "../api/schema.ts";

const ranks: Operator["role"][] = ["owner", "administrator_billing", "administrator", "technician", "help_desk", "read_only"];

/** Whether a role is above another. */
export function above(role: string, other: string): boolean {
	return ranks.indexOf(role as Operator["role"]) < ranks.indexOf(other as Operator["role"]);
}
