// Hooks on the API: what is read is kept and refreshed by the query cache; what changes something is an action.

import { QueryClient, useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useRef, useState } from "react";
import { type Answer, type Ask, call, Failure, type Foreseeable, failureOf, foresee, newKey, type Operation } from "./client.ts";
import { creates, type Preview } from "./schema.ts";

/** How often what is on the screen is read again. */
export const refresh = 30_000;

export function newCache(): QueryClient {
	return new QueryClient({
		defaultOptions: {
			queries: {
				staleTime: 5_000,
				gcTime: 10 * 60_000,
				retry: (count, error) => count < 2 && error instanceof Failure && error.passing && !error.unreachable,
				retryDelay: (count, error) => (error instanceof Failure && error.retryAfter ? error.retryAfter * 1000 : 500 * 2 ** count),
				refetchOnWindowFocus: true,
				networkMode: "always",
			},
			mutations: { networkMode: "always" },
		},
	});
}

/** The name of what was read in the cache. It begins with the operation, so that all answers of one can be dropped together. */
export function keyOf<O extends Operation>(operation: O, ask: Pick<Ask<O>, "path" | "query"> = {}): readonly unknown[] {
	return [operation, ask.path ?? {}, ask.query ?? {}];
}

export interface ReadOptions {
	/** false: not yet. */
	enabled?: boolean;
	/** Milliseconds between two reads while the page is visible; false: only when it is opened. */
	every?: number | false;
	/** What was read for another query stays until the new answer is there. */
	keep?: boolean;
}

/** Reads something and keeps it fresh. */
export function useRead<O extends Operation>(operation: O, ask: Pick<Ask<O>, "path" | "query"> = {}, options: ReadOptions = {}) {
	return useQuery<Answer<O>, Failure>({
		queryKey: keyOf(operation, ask),
		queryFn: ({ signal }) => call(operation, { ...ask, signal }),
		enabled: options.enabled ?? true,
		refetchInterval: options.every ?? refresh,
		refetchIntervalInBackground: false,
		placeholderData: options.keep ? (previous) => previous : undefined,
	});
}

/** An operation whose answer is a page of a list with a cursor. */
type Listed = { [O in Operation]: Answer<O> extends { items: unknown[]; next?: string } ? O : never }[Operation];
type Item<O extends Listed> = Answer<O> extends { items: (infer T)[] } ? T : never;

/** How many entries a page of a list has. */
export const pageSize = 100;

/** Reads a list page by page. */
export function useList<O extends Listed>(operation: O, ask: Pick<Ask<O>, "path" | "query"> = {}, options: ReadOptions = {}) {
	const result = useInfiniteQuery<Answer<O>, Failure>({
		queryKey: [...keyOf(operation, ask), "pages"],
		queryFn: ({ signal, pageParam }) =>
			call(operation, {
				...ask,
				query: { limit: pageSize, ...ask.query, ...(pageParam ? { cursor: pageParam } : {}) } as Ask<O>["query"],
				signal,
			}),
		initialPageParam: "",
		getNextPageParam: (last) => (last as { next?: string }).next || undefined,
		enabled: options.enabled ?? true,
		// Many pages are not read again by themselves: that would be as many requests.
		refetchInterval: (query) => ((query.state.data?.pages.length ?? 0) > 2 ? false : (options.every ?? refresh)),
		refetchIntervalInBackground: false,
	});
	const pages = result.data?.pages as (Answer<O> & { items: Item<O>[] })[] | undefined;
	return { ...result, first: pages?.[0], rows: pages?.flatMap((page) => page.items) };
}

/** An operation whose answer is a page of a trail, the newest entries first, with a number to go on before. */
type Trailed = { [O in Operation]: Answer<O> extends { items: unknown[]; next?: number } ? O : never }[Operation];
type Entry<O extends Trailed> = Answer<O> extends { items: (infer T)[] } ? T : never;

/** Reads a trail page by page, from the newest entry on. */
export function useTrail<O extends Trailed>(operation: O, ask: Pick<Ask<O>, "path" | "query"> = {}, options: ReadOptions = {}) {
	const result = useInfiniteQuery<Answer<O>, Failure>({
		queryKey: [...keyOf(operation, ask), "trail"],
		queryFn: ({ signal, pageParam }) =>
			call(operation, {
				...ask,
				query: { limit: pageSize, ...ask.query, ...(pageParam ? { before: pageParam } : {}) } as Ask<O>["query"],
				signal,
			}),
		initialPageParam: 0,
		getNextPageParam: (last) => (last as { next?: number }).next || undefined,
		enabled: options.enabled ?? true,
		refetchInterval: (query) => ((query.state.data?.pages.length ?? 0) > 1 ? false : (options.every ?? refresh)),
		refetchIntervalInBackground: false,
	});
	const pages = result.data?.pages as (Answer<O> & { items: Entry<O>[] })[] | undefined;
	return { ...result, rows: pages?.flatMap((page) => page.items) };
}

/** Asks what an action would do, while on. Nothing is done. */
export function useForesight<O extends Foreseeable>(operation: O, ask: Ask<O>, on: boolean) {
	return useQuery<Preview, Failure>({
		queryKey: ["foresight", operation, ask.path ?? {}, ask.query ?? {}, ask.body ?? {}],
		queryFn: ({ signal }) => foresee(operation, { ...ask, signal }),
		enabled: on,
		staleTime: 0,
		gcTime: 0,
		retry: false,
		placeholderData: (previous) => previous,
	});
}

/** The state of an action. */
export interface Action<O extends Operation> {
	run(ask: Ask<O>): Promise<Answer<O> | undefined>;
	running: boolean;
	failure: Failure | undefined;
	clear(): void;
}

/**
 * An operation that changes something. run gives undefined if it failed; failure says why. A repeat of the same content has the same
 * Idempotency-Key, so that it is done once however often it is sent.
 */
export function useAction<O extends Operation>(operation: O, done?: (answer: Answer<O>) => void): Action<O> {
	const cache = useQueryClient();
	const [running, setRunning] = useState(false);
	const [failure, setFailure] = useState<Failure>();
	const tried = useRef({ content: "", key: "" });
	const busy = useRef(false);
	const run = useCallback(
		async (ask: Ask<O>) => {
			if (busy.current) return undefined;
			busy.current = true;
			setRunning(true);
			setFailure(undefined);
			const content = JSON.stringify([ask.path, ask.query, ask.body]);
			if (tried.current.content !== content) tried.current = { content, key: newKey() };
			try {
				const answer = await call(operation, { ...ask, key: ask.key ?? (creates.has(operation) ? tried.current.key : undefined) });
				tried.current = { content: "", key: "" };
				void cache.invalidateQueries();
				done?.(answer);
				return (answer ?? {}) as Answer<O>;
			} catch (error) {
				const failed = failureOf(error);
				// A key that was answered is used up. Only a call that got no answer is repeated with the same key.
				if (!failed.passing) tried.current = { content: "", key: "" };
				// Another operator was faster: the present state is read, so that both versions can be shown.
				if (failed.status === 412) void cache.invalidateQueries();
				setFailure(failed);
				return undefined;
			} finally {
				busy.current = false;
				setRunning(false);
			}
		},
		[operation, done, cache],
	);
	const clear = useCallback(() => setFailure(undefined), []);
	return { run, running, failure, clear };
}
