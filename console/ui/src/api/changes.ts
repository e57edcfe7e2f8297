// What changes on the server: what a page shows about a company is read again as soon as something in the company changes.

import type { Query, QueryClient } from "@tanstack/react-query";
import { type Answer, call } from "./client.ts";
import { refresh } from "./query.ts";

/** How long the server waits for a change, in seconds. */
const wait = 25;
/** The first question comes after the page has loaded, and the next ones after a pause: what changes all the time is read again that often. What changes in the meantime is in the answer. */
const begin = 5_000;
const pause = 2_000;
/** How often lists over all companies are read again at most, because in one of many companies something always changes. */
const listPause = 10_000;

/** Lists over all companies. */
const lists = new Set(["list-tenants", "list-connections", "list-alerts", "get-inbox", "search-users"]);

/**
 * Reads again what changes after from, as long as the page is visible and signal does not end it. from is a cursor that is older than
 * everything that was read; without one it begins now.
 */
export async function follow(cache: QueryClient, from: string | undefined, signal: AbortSignal): Promise<void> {
	let cursor = from ?? "";
	let listed = Date.now();
	if (cursor) await rest(begin, signal);
	while (!signal.aborted) {
		await visible(signal);
		const question = new AbortController();
		const leave = () => (document.hidden || signal.aborted) && question.abort();
		document.addEventListener("visibilitychange", leave);
		signal.addEventListener("abort", leave);
		try {
			const answer = await call("list-changes", { query: { cursor, wait }, signal: question.signal });
			const late = Date.now() - listed >= listPause;
			if (late) listed = Date.now();
			if (cursor) tell(cache, answer, late);
			cursor = answer.cursor;
			await rest(pause, signal);
		} catch {
			await rest(question.signal.aborted ? 0 : refresh, signal);
		} finally {
			document.removeEventListener("visibilitychange", leave);
			signal.removeEventListener("abort", leave);
		}
	}
}

function tell(cache: QueryClient, answer: Answer<"list-changes">, listsToo: boolean) {
	const tenants = new Set(answer.items.map((one) => one.tenant));
	if (tenants.size === 0 && !answer.reset) return;
	void cache.invalidateQueries({ predicate: (query) => short(query) && (answer.reset || touches(query, tenants, listsToo)) });
}

function touches(query: Query, tenants: Set<string>, listsToo: boolean): boolean {
	const [operation, path] = query.queryKey as [string, Record<string, string> | undefined];
	if (path?.tenant) return tenants.has(path.tenant);
	return path?.connection !== undefined || (listsToo && lists.has(operation));
}

/** A list of many pages is not read again by itself: that would be as many requests. */
function short(query: Query): boolean {
	const pages = (query.state.data as { pages?: unknown[] } | undefined)?.pages;
	return (pages?.length ?? 0) <= 2;
}

function rest(milliseconds: number, signal: AbortSignal): Promise<void> {
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

function visible(signal: AbortSignal): Promise<void> {
	return new Promise((done) => {
		const look = () => {
			if (document.hidden && !signal.aborted) return;
			document.removeEventListener("visibilitychange", look);
			signal.removeEventListener("abort", look);
			done();
		};
		document.addEventListener("visibilitychange", look);
		signal.addEventListener("abort", look);
		look();
	});
}
