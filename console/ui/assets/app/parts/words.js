export const userStates = {
    active: { text: "Active", tone: "good" },
    invited: { text: "Invited", tone: "info" },
    awaiting_confirmation: { text: "To confirm", tone: "warn" },
    suspended: { text: "Suspended", tone: "quiet" },
    recovery: { text: "Recovery", tone: "info" },
};
export const healthStates = {
    healthy: { text: "Healthy", tone: "good" },
    quiet: { text: "Quiet", tone: "warn" },
    failing: { text: "Failing", tone: "bad" },
    never_connected: { text: "Never connected", tone: "quiet" },
    paused: { text: "Paused", tone: "hold" },
    ending: { text: "Ending", tone: "hold" },
    observing: { text: "Observed", tone: "hold" },
};
export const syncStates = {
    healthy: "Healthy",
    quiet: "Quiet",
    failing: "Failing",
    never_connected: "Never connected",
};
export const operatorStates = {
    active: { text: "Active", tone: "good" },
    pending: { text: "Pending", tone: "info" },
    suspended: { text: "Suspended", tone: "quiet" },
};
export const tenantStates = {
    active: { text: "Active", tone: "good" },
    unlinking: { text: "Leaving", tone: "warn" },
    unlinked: { text: "Left", tone: "quiet" },
    gone: { text: "Deleted", tone: "quiet" },
};
export const roleTitles = {
    owner: "Owner",
    administrator_billing: "Administrator with Billing",
    administrator: "Administrator",
    technician: "Technician",
    help_desk: "Help desk",
    read_only: "Read-only",
};
export const connectionTypes = {
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
export const alertKinds = {
    protected_group: "Protected group",
    brake: "Unusual removals",
    sync: "Sync health",
    token: "Credential",
    seats: "Seats",
    webhook: "Webhook",
    target: "Target",
};
export const builtInGroups = {
    owners: "Owners",
    administrators: "Administrators",
    team_members: "Team Members",
    security: "Security",
    provision_managers: "Provision Managers",
};
export function plain(value) {
    const text = value.replaceAll("_", " ").replaceAll("-", " ");
    return text.charAt(0).toUpperCase() + text.slice(1);
}
export function roleTitle(role) {
    return roleTitles[role] ?? plain(role);
}
export function typeTitle(type) {
    return connectionTypes[type] ?? plain(type);
}
function later(make) {
    let made;
    return () => {
        made ??= make();
        return made;
    };
}
const whole = later(() => new Intl.NumberFormat("en-GB"));
const tenth = later(() => new Intl.NumberFormat("en-GB", { minimumFractionDigits: 1, maximumFractionDigits: 1 }));
const plurals = later(() => new Intl.PluralRules("en-GB"));
export function count(n) {
    return whole().format(n);
}
export function decimal(n) {
    return tenth().format(n);
}
export function many(n, one, other) {
    return `${whole().format(n)} ${plurals().select(n) === "one" ? one : other}`;
}
export function people(n) {
    return many(n, "person", "people");
}
export function bytes(n) {
    const units = ["B", "KB", "MB", "GB", "TB"];
    let at = 0;
    let size = n;
    while (size >= 1000 && at < units.length - 1) {
        size /= 1000;
        at++;
    }
    return `${at === 0 ? size : size.toPrecision(3).replace(/\.?0+$/, "")} ${units[at]}`;
}
export function money(amount, currency) {
    const value = Number(amount);
    if (!Number.isFinite(value))
        return `${amount} ${currency}`;
    try {
        return new Intl.NumberFormat("en-GB", { style: "currency", currency, currencyDisplay: "code" }).format(value);
    }
    catch {
        return `${amount} ${currency}`;
    }
}
const exactFormat = later(() => new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "long" }));
const minuteFormat = later(() => new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" }));
const dayFormat = later(() => new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" }));
const shortDayFormat = later(() => new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" }));
const clockFormat = later(() => new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" }));
const secondFormat = later(() => new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" }));
export function exact(at) {
    return exactFormat().format(new Date(at));
}
export function minute(at) {
    return minuteFormat().format(new Date(at));
}
export function clock(at) {
    return clockFormat().format(new Date(at));
}
export function second(at) {
    return secondFormat().format(new Date(at));
}
export function day(at) {
    return dayFormat().format(new Date(at));
}
export function shortDay(at) {
    return shortDayFormat().format(new Date(at));
}
export function localDay(text) {
    const [y, m, d] = text.split("-").map(Number);
    return dayFormat().format(new Date(y ?? 0, (m ?? 1) - 1, d ?? 1));
}
export function isoDay(at) {
    return `${at.getFullYear()}-${String(at.getMonth() + 1).padStart(2, "0")}-${String(at.getDate()).padStart(2, "0")}`;
}
const steps = [
    [60, "second"],
    [60, "minute"],
    [24, "hour"],
    [30, "day"],
    [12, "month"],
    [Number.POSITIVE_INFINITY, "year"],
];
const relativeFormat = later(() => new Intl.RelativeTimeFormat("en-GB", { numeric: "auto", style: "long" }));
export function relative(at, now) {
    let n = (new Date(at).getTime() - now) / 1000;
    if (Math.abs(n) < 45)
        return n > 5 ? "in a few seconds" : "just now";
    for (const [size, unit] of steps) {
        if (Math.round(Math.abs(n)) < size)
            return relativeFormat().format(Math.round(n), unit);
        n /= size;
    }
    return exact(at);
}
export function lasting(seconds) {
    const s = Math.round(seconds);
    if (s < 60)
        return `${s} s`;
    if (s < 3600)
        return `${Math.floor(s / 60)} min${s % 60 && s < 600 ? ` ${s % 60} s` : ""}`;
    if (s < 86_400)
        return `${Math.floor(s / 3600)} h${s % 3600 >= 60 ? ` ${Math.floor((s % 3600) / 60)} min` : ""}`;
    return many(Math.round(s / 86_400), "day", "days");
}
export function tidy(text) {
    return text.replace(/[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g, " ").trim();
}
export function clientName(agent) {
    if (!agent)
        return "A browser or program";
    const browsers = [
        [/Edg\//, "Edge"],
        [/Firefox\//, "Firefox"],
        [/OPR\//, "Opera"],
        [/Chrome\//, "Chrome"],
        [/Safari\//, "Safari"],
    ];
    const systems = [
        [/iPhone|iPad/, "iOS"],
        [/Android/, "Android"],
        [/Windows/, "Windows"],
        [/Macintosh/, "macOS"],
        [/Linux/, "Linux"],
    ];
    const found = (all) => all.find(([mark]) => mark.test(agent))?.[1];
    const browser = found(browsers);
    if (!browser)
        return tidy(agent);
    const system = found(systems);
    return system ? `${browser} on ${system}` : browser;
}
const settings = {
    admin: "Administrator",
    credentials: "A new key of the service account",
    customer: "Customer ID",
    groups: "Groups",
    query: "People",
};
export function forConsole(text) {
    return text
        .replace(/(?<![\w.“"-])tenant(s?)(?![\w-]|\.\w)/g, (_, many) => (many ? "companies" : "company"))
        .replace(/ \(drawbridge [^)]*\)/g, "")
        .replace(/\bthe setting google\.([a-z]+)/g, (all, name) => (settings[name] ? `the setting “${settings[name]}”` : all));
}
export function sentence(text) {
    const clean = forConsole(tidy(text));
    if (!clean)
        return "";
    return clean.charAt(0).toUpperCase() + clean.slice(1) + (/[.!?:…]$/.test(clean) ? "" : ".");
}
export function slugOf(name) {
    return name
        .normalize("NFKD")
        .replace(/[\u0300-\u036f]/g, "")
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, "-")
        .replace(/^-+|-+$/g, "")
        .slice(0, 40)
        .replace(/-+$/, "");
}
export function list(items) {
    return new Intl.ListFormat("en-GB", { type: "conjunction" }).format(items);
}
export function standing(c) {
    if (c.ending)
        return healthStates.ending;
    if (c.paused)
        return healthStates.paused;
    if (c.observing)
        return healthStates.observing;
    return healthStates[typeof c.health === "string" ? c.health : c.health.state] ?? { text: "Unknown", tone: "quiet" };
}
