import { jsx as _jsx } from "react/jsx-runtime";
import { useQueries } from "@tanstack/react-query";
import { call } from "../api/client.js";
import { keyOf } from "../api/query.js";
import { Name } from "./basic.js";
import { tidy } from "./words.js";
const most = 100;
const fresh = 5 * 60_000;
const waiting = new Map();
function lookUp(slug) {
    if (waiting.size === 0)
        setTimeout(askForAll);
    return new Promise((answer, fail) => waiting.set(slug, [...(waiting.get(slug) ?? []), { answer, fail }]));
}
function askForAll() {
    const all = [...waiting];
    waiting.clear();
    for (let i = 0; i < all.length; i += most)
        void askFor(all.slice(i, i + most));
}
async function askFor(part) {
    try {
        const page = await call("list-tenant-names", { query: { slugs: part.map(([slug]) => slug).join(",") } });
        const names = new Map(page.items.map((n) => [n.slug, tidy(n.name)]));
        for (const [slug, all] of part)
            for (const one of all)
                one.answer(names.get(slug) || slug);
    }
    catch (error) {
        for (const [, all] of part)
            for (const one of all)
                one.fail(error);
    }
}
export function useCompanyNames(slugs) {
    return useQueries({
        queries: [...new Set(slugs)].map((slug) => ({
            queryKey: keyOf("list-tenant-names", { query: { slugs: slug } }),
            queryFn: () => lookUp(slug).then((name) => ({ slug, name })),
            staleTime: fresh,
        })),
        combine: (results) => new Map(results.flatMap((r) => (r.data ? [[r.data.slug, r.data.name]] : []))),
    });
}
export function CompanyName({ slug }) {
    return _jsx(Name, { text: useCompanyNames([slug]).get(slug) ?? slug, short: true });
}
