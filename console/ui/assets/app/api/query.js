import { QueryClient, useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useRef, useState } from "react";
import { call, Failure, failureOf, foresee, newKey } from "./client.js";
import { creates } from "./schema.js";
export const refresh = 30_000;
export function newCache() {
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
export function keyOf(operation, ask = {}) {
    return [operation, ask.path ?? {}, ask.query ?? {}];
}
export function useRead(operation, ask = {}, options = {}) {
    return useQuery({
        queryKey: keyOf(operation, ask),
        queryFn: ({ signal }) => call(operation, { ...ask, signal }),
        enabled: options.enabled ?? true,
        refetchInterval: options.every ?? refresh,
        refetchIntervalInBackground: false,
        placeholderData: options.keep ? (previous) => previous : undefined,
    });
}
export const pageSize = 100;
export function useList(operation, ask = {}, options = {}) {
    const result = useInfiniteQuery({
        queryKey: [...keyOf(operation, ask), "pages"],
        queryFn: ({ signal, pageParam }) => call(operation, {
            ...ask,
            query: { limit: pageSize, ...ask.query, ...(pageParam ? { cursor: pageParam } : {}) },
            signal,
        }),
        initialPageParam: "",
        getNextPageParam: (last) => last.next || undefined,
        enabled: options.enabled ?? true,
        refetchInterval: (query) => ((query.state.data?.pages.length ?? 0) > 2 ? false : (options.every ?? refresh)),
        refetchIntervalInBackground: false,
    });
    const pages = result.data?.pages;
    return { ...result, first: pages?.[0], rows: pages?.flatMap((page) => page.items) };
}
export function useTrail(operation, ask = {}, options = {}) {
    const result = useInfiniteQuery({
        queryKey: [...keyOf(operation, ask), "trail"],
        queryFn: ({ signal, pageParam }) => call(operation, {
            ...ask,
            query: { limit: pageSize, ...ask.query, ...(pageParam ? { before: pageParam } : {}) },
            signal,
        }),
        initialPageParam: 0,
        getNextPageParam: (last) => last.next || undefined,
        enabled: options.enabled ?? true,
        refetchInterval: (query) => ((query.state.data?.pages.length ?? 0) > 1 ? false : (options.every ?? refresh)),
        refetchIntervalInBackground: false,
    });
    const pages = result.data?.pages;
    return { ...result, rows: pages?.flatMap((page) => page.items) };
}
export function useForesight(operation, ask, on) {
    return useQuery({
        queryKey: ["foresight", operation, ask.path ?? {}, ask.query ?? {}, ask.body ?? {}],
        queryFn: ({ signal }) => foresee(operation, { ...ask, signal }),
        enabled: on,
        staleTime: 0,
        gcTime: 0,
        retry: false,
        placeholderData: (previous) => previous,
    });
}
export function useAction(operation, done) {
    const cache = useQueryClient();
    const [running, setRunning] = useState(false);
    const [failure, setFailure] = useState();
    const tried = useRef({ content: "", key: "" });
    const busy = useRef(false);
    const run = useCallback(async (ask) => {
        if (busy.current)
            return undefined;
        busy.current = true;
        setRunning(true);
        setFailure(undefined);
        const content = JSON.stringify([ask.path, ask.query, ask.body]);
        if (tried.current.content !== content)
            tried.current = { content, key: newKey() };
        try {
            const answer = await call(operation, { ...ask, key: ask.key ?? (creates.has(operation) ? tried.current.key : undefined) });
            tried.current = { content: "", key: "" };
            void cache.invalidateQueries();
            done?.(answer);
            return (answer ?? {});
        }
        catch (error) {
            const failed = failureOf(error);
            if (!failed.passing)
                tried.current = { content: "", key: "" };
            if (failed.status === 412)
                void cache.invalidateQueries();
            setFailure(failed);
            return undefined;
        }
        finally {
            busy.current = false;
            setRunning(false);
        }
    }, [operation, done, cache]);
    const clear = useCallback(() => setFailure(undefined), []);
    return { run, running, failure, clear };
}
