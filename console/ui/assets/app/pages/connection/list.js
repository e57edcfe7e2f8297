import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useState } from "react";
import { call } from "../../api/client.js";
import { useAction, useList } from "../../api/query.js";
import { Action, Badge, Head, More, Name, Nothing, Tag, Time } from "../../parts/basic.js";
import { useNow } from "../../parts/clock.js";
import { CompanyFilter, OrNoCompany } from "../../parts/companies.js";
import { Confirm, Consequences } from "../../parts/dialog.js";
import { choicesOf, Filter, Search } from "../../parts/form.js";
import { Empty } from "../../parts/state.js";
import { Table, TableBar } from "../../parts/table.js";
import { say } from "../../parts/toast.js";
import { connectionTypes, count, many, standing, syncStates, typeTitle } from "../../parts/words.js";
import { to, useParams, useTitle } from "../../shell/place.js";
import { Connect } from "./connect.js";
import { Spark } from "./spark.js";
export function daysLeft(c, now) {
    const ends = c.tokens.filter((t) => t.status === "live" && t.expires).map((t) => (Date.parse(t.expires ?? "") - now) / 86_400_000);
    return ends.length ? Math.max(0, Math.floor(Math.min(...ends))) : undefined;
}
function Credentials({ connection: c }) {
    const now = useNow();
    const live = c.tokens.filter((t) => t.status === "live").length;
    const left = daysLeft(c, now);
    return (_jsxs(_Fragment, { children: [live ? count(live) : _jsx(Tag, { tone: "bad", children: "none" }), " ", left !== undefined && left <= 30 && (_jsx(Tag, { tone: left <= 7 ? "bad" : "warn", children: left === 0 ? "ends today" : `ends in ${many(left, "day", "days")}` }))] }));
}
const columns = [
    {
        id: "slug",
        title: "Connection",
        sort: "slug",
        cell: (c) => (_jsxs("span", { className: "two-lines", children: [_jsx(Name, { text: c.slug, short: true }), _jsx("span", { className: "faint", children: typeTitle(c.type) })] })),
    },
    { id: "tenant", title: "Company", sort: "tenant", from: "tablet", cell: (c) => _jsx(Name, { text: c.tenant_name ?? c.tenant, short: true }) },
    { id: "health", title: "Health", sort: "health", cell: (c) => _jsx(Badge, { word: standing(c), title: c.health.why }) },
    { id: "request", title: "Last request", from: "laptop", cell: (c) => _jsx(Time, { at: c.last_request, none: "never" }) },
    { id: "success", title: "Last success", sort: "last_success", from: "tablet", cell: (c) => _jsx(Time, { at: c.last_success, none: "never" }) },
    { id: "requests", title: "Last 24 hours", from: "laptop", cell: (c) => _jsx(Spark, { connection: c }) },
    { id: "credentials", title: "Credentials", from: "laptop", cell: (c) => _jsx(Credentials, { connection: c }) },
    { id: "held", title: "Held", end: true, from: "laptop", cell: (c) => (c.held ? _jsx(Tag, { tone: "hold", children: count(c.held) }) : _jsx(Nothing, {})) },
];
export default function Connections() {
    useTitle("Connections");
    const [, set] = useParams();
    return (_jsxs(_Fragment, { children: [_jsx(Head, { title: "Connections", sub: "The identity providers that push people and groups, and the state of their sync.", children: _jsx(Action, { look: "primary", icon: "plus", right: "connection.manage", onPress: () => set({ connect: "new" }, "push"), children: "Connect an identity provider" }) }), _jsx(ConnectionTable, {})] }));
}
export function ConnectionTable({ tenant }) {
    const [params, set] = useParams();
    const q = params.get("q") ?? "";
    const sort = params.get("sort") ?? "slug";
    const down = params.get("dir") === "desc";
    const type = params.get("idp") ?? "";
    const health = params.get("health") ?? "";
    const company = params.get("company") ?? "";
    const list = useList("list-connections", {
        query: {
            tenant: tenant ?? (company || undefined),
            q,
            type: (type || undefined),
            health: (health || undefined),
            sort: sort,
            dir: down ? "desc" : "asc",
        },
    });
    const [pausing, setPausing] = useState();
    const filtered = [q, company, type, health].some((f) => f !== "");
    const clear = () => set({ q: undefined, company: undefined, idp: undefined, health: undefined, sort: undefined, dir: undefined });
    return (_jsxs(_Fragment, { children: [_jsxs(TableBar, { views: "connections", filtered: filtered, clear: clear, children: [_jsx(Search, { label: "Search connections", placeholder: "Connection or company", value: q, onChange: (text) => set({ q: text }) }), !tenant && _jsx(CompanyFilter, { value: company, onChange: (next) => set({ company: next }) }), _jsx(Filter, { label: "Identity provider", value: type, onChange: (next) => set({ idp: next }), options: choicesOf(connectionTypes) }), _jsx(Filter, { label: "Health", value: health, onChange: (next) => set({ health: next }), options: choicesOf(syncStates) })] }), _jsx(Table, { name: tenant ? "company-connections" : "connections", label: "Connections", list: list, columns: tenant ? columns.filter((c) => c.id !== "tenant") : columns, rowKey: (c) => c.slug, href: (c) => to.connection(c.slug), sort: { by: sort, down, set: (by, d) => set({ sort: by, dir: d ? "desc" : undefined }) }, filtered: filtered, clear: clear, summary: (c) => (_jsxs(_Fragment, { children: [!tenant && _jsx(Name, { text: c.tenant_name ?? c.tenant, short: true }), c.held > 0 && _jsxs(Tag, { tone: "hold", children: [count(c.held), " held"] })] })), menu: (c) => (_jsx(More, { label: `Actions for ${c.slug}`, choices: [
                        { id: "journal", text: "Journal", icon: "scroll", right: "tenant.record", href: to.connection(c.slug, "journal") },
                        { id: "credentials", text: "Credentials", icon: "key", href: to.connection(c.slug, "credentials") },
                        {
                            id: "pause",
                            text: c.paused ? "Resume" : "Pause",
                            icon: c.paused ? "play" : "pause",
                            right: "connection.manage",
                            not: c.ending ? "It is being disconnected." : undefined,
                            run: () => setPausing(c),
                            apart: true,
                        },
                    ] })), empty: _jsx(OrNoCompany, { children: _jsx(Tiles, { start: (type) => set({ connect: tenant ?? "new", type }, "push") }) }) }), _jsx(Pause, { connection: pausing, close: () => setPausing(undefined) }), _jsx(Connect, { tenant: params.get("connect") ?? "", type: params.get("type") ?? "", close: () => set({ connect: undefined, type: undefined }) })] }));
}
const about = {
    okta: "Users and groups, both kinds of app.",
    entra: "Users and groups, every forty minutes.",
    google: "Users alone, unofficial.",
    "google-directory": "Users and groups, read every ten minutes.",
    onelogin: "Users and groups.",
    jumpcloud: "Users and groups.",
    rippling: "Users and groups.",
    ping: "Users and groups.",
    generic: "Anything that speaks SCIM 2.0.",
};
function Tiles({ start }) {
    return (_jsxs(Empty, { icon: "plug", title: "No identity provider is connected", children: [_jsx("span", { children: "Choose the one that the company uses. You get a base URL and a secret, and read where its console wants them." }), _jsx("span", { className: "tiles", children: Object.entries(connectionTypes).map(([type, title]) => (_jsxs("button", { type: "button", className: "tile", onClick: () => start(type), children: [_jsx("strong", { children: title }), _jsx("span", { className: "faint", children: about[type] })] }, type))) })] }));
}
export function Pause({ connection: c, close }) {
    const update = useAction("update-connection", (now) => say(now.paused ? `${now.slug} is paused.` : `${now.slug} is resumed.`, {
        run: () => call("update-connection", { path: { connection: now.slug }, version: now.version, body: { paused: !now.paused } }),
        said: now.paused ? `${now.slug} is resumed.` : `${now.slug} is paused again.`,
    }));
    const run = async () => {
        if (c && (await update.run({ path: { connection: c.slug }, version: c.version, body: { paused: !c.paused } })))
            close();
    };
    return (_jsx(Confirm, { title: c?.paused ? `Resume ${c.slug}?` : `Pause ${c?.slug ?? ""}?`, open: c !== undefined, close: () => {
            update.clear();
            close();
        }, verb: c?.paused ? "Resume" : "Pause", failure: update.failure, running: update.running, run: () => void run(), children: _jsx(Consequences, { items: c?.paused
                ? ["The identity provider gets answers again, starting with its next request.", "It repeats by itself what it could not send."]
                : [
                    "Every request of the identity provider gets 503 with Retry-After, so that it waits and tries again.",
                    "No person is created, changed or suspended until you resume.",
                    "People can still sign in.",
                ] }) }));
}
