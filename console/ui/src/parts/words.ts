// Words for the API's values, and numbers, dates and sentences in the reader's form.

import type { Connection, Operator, User } from "../api/schema.ts";

export type Tone = "good" | "warn" | "bad" | "info" | "quiet" | "hold";

/** A value as a word, with the tone and the shape in which it is shown. */
export interface Word {
	text: string;
	tone: Tone;
}

export const userStates: Record<User["state"], Word> = {
	active: { text: "Active", tone: "good" },
	invited: { text: "Invited", tone: "info" },
	awaiting_confirmation: { text: "To confirm", tone: "warn" },
	suspended: { text: "Suspended", tone: "quiet" },
	recovery: { text: "Recovery", tone: "info" },
};

export const healthStates: Record<string, Word> = {
	healthy: { text: "Healthy", tone: "good" },
	quiet: { text: "Quiet", tone: "warn" },
	failing: { text: "Failing", tone: "bad" },
	never_connected: { text: "Never connected", tone: "quiet" },
	paused: { text: "Paused", tone: "hold" },
	ending: { text: "Ending", tone: "hold" },
	observing: { text: "Observed", tone: "hold" },
};

/** What a connection can be asked for by: its health. */
export const syncStates: Record<string, string> = {
	healthy: "Healthy",
	quiet: "Quiet",
	failing: "Failing",
	never_connected: "Never connected",
};

export const operatorStates: Record<Operator["status"], Word> = {
	active: { text: "Active", tone: "good" },
	pending: { text: "Pending", tone: "info" },
	suspended: { text: "Suspended", tone: "quiet" },
};

export const tenantStates: Record<string, Word> = {
	active: { text: "Active", tone: "good" },
	unlinking: { text: "Leaving", tone: "warn" },
	unlinked: { text: "Left", tone: "quiet" },
	gone: { text: "Deleted", tone: "quiet" },
};

export const roleTitles: Record<Operator["role"], string> = {
	owner: "Owner",
	administrator_billing: "Administrator with Billing",
	administrator: "Administrator",
	technician: "Technician",
	help_desk: "Help desk",
	read_only: "Read-only",
};

export const connectionTypes: Record<Connection["type"], string> = {
	okta: "Okta",
	entra: "Microsoft Entra ID",
	google: "Google catalogue app",
	onelogin: "OneLogin",
	jumpcloud: "JumpCloud",
	rippling: "Rippling",
	ping: "PingOne",
	"google-directory": "Google Workspace",
	generic: "Another SCIM client",
};

export const alertKinds: Record<string, string> = {
	protected_group: "Protected group",
	brake: "Unusual removals",
	sync: "Sync health",
	token: "Credential",
	seats: "Seats",
	webhook: "Webhook",
	target: "Target",
};

export const builtInGroups: Record<string, string> = {
	owners: "Owners",
	administrators: "Administrators",
	team_members: "Team Members",
	security: "Security",
	provision_managers: "Provision Managers",
};

/** A value of the API without a word of its own, as people write it. */
export function plain(value: string): string {
	const text = value.replaceAll("_", " ").replaceAll("-", " ");
	return text.charAt(0).toUpperCase() + text.slice(1);
}

export function roleTitle(role: string): string {
	return roleTitles[role as Operator["role"]] ?? plain(role);
}

export function typeTitle(type: string): string {
	return connectionTypes[type as Connection["type"]] ?? plain(type);
}

// ---- numbers

/** A format that is made when it is first used: the first one starts the Intl of the browser, which takes longer than the sign-in page. */
function later<T>(make: () => T): () => T {
	let made: T | undefined;
	return () => {
		made ??= make();
		return made;
	};
}

const whole = later(() => new Intl.NumberFormat("en-GB"));
const tenth = later(() => new Intl.NumberFormat("en-GB", { minimumFractionDigits: 1, maximumFractionDigits: 1 }));
const plurals = later(() => new Intl.PluralRules("en-GB"));

export function count(n: number): string {
	return whole().format(n);
}

export function decimal(n: number): string {
	return tenth().format(n);
}

/** "1 person", "2 people". */
export function many(n: number, one: string, other: string): string {
	return `${whole().format(n)} ${plurals().select(n) === "one" ? one : other}`;
}

export function people(n: number): string {
	return many(n, "person", "people");
}

export function bytes(n: number): string {
	const units = ["B", "KB", "MB", "GB", "TB"];
	let at = 0;
	let size = n;
	while (size >= 1000 && at < units.length - 1) {
		size /= 1000;
		at++;
	}
	return `${at === 0 ? size : size.toPrecision(3).replace(/\.?0+$/, "")} ${units[at]}`;
}

/** An amount in a currency, as the API writes it: a decimal with two places. */
export function money(amount: string, currency: string): string {
	const value = Number(amount);
	if (!Number.isFinite(value)) return `${amount} ${currency}`;
	try {
		return new Intl.NumberFormat("en-GB", { style: "currency", currency, currencyDisplay: "code" }).format(value);
	} catch {
		return `${amount} ${currency}`;
	}
}

// ---- times

const exactFormat = later(() => new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "long" }));
const minuteFormat = later(() => new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" }));
const dayFormat = later(() => new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" }));
const shortDayFormat = later(() => new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" }));
const clockFormat = later(() => new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" }));
const secondFormat = later(() => new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" }));

export function exact(at: string | Date): string {
	return exactFormat().format(new Date(at));
}

export function minute(at: string | Date): string {
	return minuteFormat().format(new Date(at));
}

export function clock(at: string | Date): string {
	return clockFormat().format(new Date(at));
}

export function second(at: string | Date): string {
	return secondFormat().format(new Date(at));
}

export function day(at: string | Date): string {
	return dayFormat().format(new Date(at));
}

export function shortDay(at: string | Date): string {
	return shortDayFormat().format(new Date(at));
}

/** A local date such as 2026-03-01, which has no zone. */
export function localDay(text: string): string {
	const [y, m, d] = text.split("-").map(Number);
	return dayFormat().format(new Date(y ?? 0, (m ?? 1) - 1, d ?? 1));
}

/** The date of a Date in the form of the API, in the reader's zone. */
export function isoDay(at: Date): string {
	return `${at.getFullYear()}-${String(at.getMonth() + 1).padStart(2, "0")}-${String(at.getDate()).padStart(2, "0")}`;
}

const steps: [number, Intl.RelativeTimeFormatUnit][] = [
	[60, "second"],
	[60, "minute"],
	[24, "hour"],
	[30, "day"],
	[12, "month"],
	[Number.POSITIVE_INFINITY, "year"],
];
const relativeFormat = later(() => new Intl.RelativeTimeFormat("en-GB", { numeric: "auto", style: "long" }));

/** "3 minutes ago", "in 2 days". */
export function relative(at: string | Date, now: number): string {
	let n = (new Date(at).getTime() - now) / 1000;
	if (Math.abs(n) < 45) return n > 5 ? "in a few seconds" : "just now";
	for (const [size, unit] of steps) {
		// What rounds to a whole hour is an hour, not sixty minutes.
		if (Math.round(Math.abs(n)) < size) return relativeFormat().format(Math.round(n), unit);
		n /= size;
	}
	return exact(at);
}

/** "1 h 5 min", "40 s". */
export function lasting(seconds: number): string {
	const s = Math.round(seconds);
	if (s < 60) return `${s} s`;
	if (s < 3600) return `${Math.floor(s / 60)} min${s % 60 && s < 600 ? ` ${s % 60} s` : ""}`;
	if (s < 86_400) return `${Math.floor(s / 3600)} h${s % 3600 >= 60 ? ` ${Math.floor((s % 3600) / 60)} min` : ""}`;
	return many(Math.round(s / 86_400), "day", "days");
}

// ---- names

/** A text of others without characters that control the layout: line breaks, and marks that turn the direction of what follows. */
export function tidy(text: string): string {
	// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
	return text.replace(/[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g, " ").trim();
}

/** The browser and the system that a User-Agent names, or the text as it is where it names no browser. */
export function clientName(agent: string | undefined): string {
	if (!agent) return "A browser or program";
	const browsers: [RegExp, string][] = [
		[/Edg\//, "Edge"],
		[/Firefox\//, "Firefox"],
		[/OPR\//, "Opera"],
		[/Chrome\//, "Chrome"],
		[/Safari\//, "Safari"],
	];
	const systems: [RegExp, string][] = [
		[/iPhone|iPad/, "iOS"],
		[/Android/, "Android"],
		[/Windows/, "Windows"],
		[/Macintosh/, "macOS"],
		[/Linux/, "Linux"],
	];
	const found = (all: [RegExp, string][]) => all.find(([mark]) => mark.test(agent))?.[1];
	const browser = found(browsers);
	if (!browser) return tidy(agent);
	const system = found(systems);
	return system ? `${browser} on ${system}` : browser;
}

/** The labels of the settings that messages of the server name. */
const settings: Record<string, string> = {
	admin: "Administrator",
	credentials: "A new key of the service account",
	customer: "Customer ID",
	groups: "Groups",
	query: "People",
};

/**
 * A message of the server without the commands that it names in brackets, and with the labels of settings. A tenant is a company here; the
 * names of rights and fields stay.
 */
export function forConsole(text: string): string {
	return text
		.replace(/(?<![\w.“"-])tenant(s?)(?![\w-]|\.\w)/g, (_, many: string) => (many ? "companies" : "company"))
		.replace(/ \(drawbridge [^)]*\)/g, "")
		.replace(/\bthe setting google\.([a-z]+)/g, (all, name: string) => (settings[name] ? `the setting “${settings[name]}”` : all));
}

/** A sentence of the server, with a capital at its beginning and a full stop at its end. */
export function sentence(text: string): string {
	const clean = forConsole(tidy(text));
	if (!clean) return "";
	return clean.charAt(0).toUpperCase() + clean.slice(1) + (/[.!?:…]$/.test(clean) ? "" : ".");
}

/** What a name becomes as the slug of a company. */
export function slugOf(name: string): string {
	return name
		.normalize("NFKD")
		.replace(/[\u0300-\u036f]/g, "")
		.toLowerCase()
		.replace(/[^a-z0-9]+/g, "-")
		.replace(/^-+|-+$/g, "")
		.slice(0, 40)
		.replace(/-+$/, "");
}

/** "a", "a and b", "a, b and c". */
export function list(items: string[]): string {
	return new Intl.ListFormat("en-GB", { type: "conjunction" }).format(items);
}

/** The state of a connection, in one word. */
export function standing(c: { health: string | { state: string }; paused: boolean; ending?: unknown; observing?: unknown }): Word {
	if (c.ending) return healthStates.ending!;
	if (c.paused) return healthStates.paused!;
	if (c.observing) return healthStates.observing!;
	return healthStates[typeof c.health === "string" ? c.health : c.health.state] ?? { text: "Unknown", tone: "quiet" };
}
