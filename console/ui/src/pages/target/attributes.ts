// The attributes of a person that targets get, and what is wrong with a rule about one. The server checks the same.

import type { TargetRule } from "../../api/schema.ts";
import type { Option } from "../../parts/form.tsx";

const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/** Attributes with one value, by path, in words. */
export const texts: Record<string, string> = {
	userName: "User name",
	displayName: "Display name",
	"name.formatted": "Full name",
	"name.familyName": "Last name",
	"name.givenName": "First name",
	"name.middleName": "Middle name",
	"name.honorificPrefix": "Title before the name",
	"name.honorificSuffix": "Suffix after the name",
	nickName: "Nickname",
	profileUrl: "Address of the profile",
	title: "Job title",
	userType: "Type of user",
	preferredLanguage: "Preferred language",
	locale: "Locale",
	timezone: "Time zone",
	[`${enterprise}:employeeNumber`]: "Employee number",
	[`${enterprise}:costCenter`]: "Cost centre",
	[`${enterprise}:organization`]: "Organization",
	[`${enterprise}:division`]: "Division",
	[`${enterprise}:department`]: "Department",
};

/** Attributes with several values, which can only be left out. */
export const lists: Record<string, string> = {
	emails: "E-mail addresses",
	phoneNumbers: "Phone numbers",
	addresses: "Postal addresses",
};

const options = (of: Record<string, string>): Option[] => Object.entries(of).map(([id, about]) => ({ id, text: id, about }));

export const attributes = options({ ...texts, ...lists });
export const sources = options({ email: "Primary e-mail address", ...texts });

/** Those of some options that a typed text may mean; all of them where it is one already. */
export function matching(all: Option[], text: string): Option[] {
	const wanted = text.trim().toLowerCase();
	if (all.some((o) => o.id === text)) return all;
	return all.filter((o) => o.id.toLowerCase().includes(wanted) || o.about?.toLowerCase().includes(wanted));
}

/** What is wrong with the attribute of a rule. */
export function wrongAttribute(rules: TargetRule[], at: number): string | undefined {
	const name = rules[at]?.attribute ?? "";
	if (!name) return undefined;
	if (!(name in texts) && !(name in lists)) return `No attribute “${name}” is sent. Choose one of the list.`;
	return rules.findIndex((r) => r.attribute === name) < at ? "There is another rule for it already." : undefined;
}

/** What is wrong with the source of a rule. */
export function wrongSource({ source }: TargetRule): string | undefined {
	return !source || source === "email" || source in texts ? undefined : `There is no attribute “${source}”. Choose one of the list.`;
}
