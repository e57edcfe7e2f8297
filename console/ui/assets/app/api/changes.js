import { call } from "./client.js";
import { refresh } from "./query.js";
const wait = 25;
const begin = 5_000;
const pause = 2_000;
const listPause = 10_000;
const lists = new Set(["list-tenants", "list-connections", "list-alerts", "get-inbox", "search-users"]);
export async function follow(cache, from, signal) {
    let cursor = from ?? "";
    let listed = Date.now();
    if (cursor)
        await rest(begin, signal);
    while (!signal.aborted) {
        await visible(signal);
        const question = new AbortController();
        const leave = () => (document.hidden || signal.aborted) && question.abort();
        document.addEventListener("visibilitychange", leave);
        signal.addEventListener("abort", leave);
        try {
            const answer = await call("list-changes", { query: { cursor, wait }, signal: question.signal });
            const late = Date.now() - listed >= listPause;
            if (late)
                listed = Date.now();
            if (cursor)
                tell(cache, answer, late);
            cursor = answer.cursor;
            await rest(pause, signal);
        }
        catch {
            await rest(question.signal.aborted ? 0 : refresh, signal);
        }
        finally {
            document.removeEventListener("visibilitychange", leave);
            signal.removeEventListener("abort", leave);
        }
    }
}
function tell(cache, answer, listsToo) {
    const tenants = new Set(answer.items.map((one) => one.tenant));
    if (tenants.size === 0 && !answer.reset)
        return;
    void cache.invalidateQueries({ predicate: (query) => short(query) && (answer.reset || touches(query, tenants, listsToo)) });
}
function touches(query, tenants, listsToo) {
    const [operation, path] = query.queryKey;
    if (path?.tenant)
        return tenants.has(path.tenant);
    return path?.connection !== undefined || (listsToo && lists.has(operation));
}
function short(query) {
    const pages = query.state.data?.pages;
    return (pages?.length ?? 0) <= 2;
}
function rest(milliseconds, signal) {
    return new Promise((done) => {
        const end = () => {
            clearTimeout(timer);
            signal.removeEventListener("abort", end);
            done();
        };
        const timer = setTimeout(end, signal.aborted ? 0 : milliseconds);
        signal.addEventListener("abort", end);
    });
}
function visible(signal) {
    return new Promise((done) => {
        const look = () => {
            if (document.hidden && !signal.aborted)
                return;
            document.removeEventListener("visibilitychange", look);
            signal.removeEventListener("abort", look);
            done();
        };
        document.addEventListener("visibilitychange", look);
        signal.addEventListener("abort", look);
        look();
    });
}
