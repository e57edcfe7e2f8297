// The names of companies, of which an answer has only the slugs. All names that are missing at a time are looked up with one request.

import { useQueries } from "@tanstack/react-query";
import { call } from "../api/client.ts";
import { keyOf } from "../api/query.ts";
import { Name } from "./basic.tsx";
import { tidy } from "./words.ts";

/** How many names one request looks up. */
const most = 100;
const fresh = 5 * 60_000;

type Waiting = { answer: (name: string) => void; fail: (error: unknown) => void };
const waiting = new Map<string, Waiting[]>();

/** Looks a name up together with all others that are asked for before the next task. A company that is unknown keeps its slug. */
function lookUp(slug: string): Promise<string> {
	if (waiting.size === 0) setTimeout(askForAll);
	return new Promise((answer, fail) => waiting.set(slug, [...(waiting.get(slug) ?? []), { answer, fail }]));
}

function askForAll() {
	const all = [...waiting];
	waiting.clear();
	for (let i = 0; i < all.length; i += most) void askFor(all.slice(i, i + most));
}

async function askFor(part: [string, Waiting[]][]) {
	try {
		const page = await call("list-tenant-names", { query: { slugs: part.map(([slug]) => slug).join(",") } });
		const names = new Map(page.items.map((n) => [n.slug, tidy(n.name)]));
		for (const [slug, all] of part) for (const one of all) one.answer(names.get(slug) || slug);
	} catch (error) {
		for (const [, all] of part) for (const one of all) one.fail(error);
	}
}

/** The names of companies by their slugs. A name that is not known yet is missing. */
export function useCompanyNames(slugs: readonly string[]): ReadonlyMap<string, string> {
	return useQueries({
		queries: [...new Set(slugs)].map((slug) => ({
			queryKey: keyOf("list-tenant-names", { query: { slugs: slug } }),
			queryFn: () => lookUp(slug).then((name) => ({ slug, name })),
			staleTime: fresh,
		})),
		combine: (results) => new Map(results.flatMap((r) => (r.data ? [[r.data.slug, r.data.name]] : []))),
	});
}

/** The name of one company; its slug, until the name is known. */
export function CompanyName({ slug }: { slug: string }) {
	return <Name text={useCompanyNames([slug]).get(slug) ?? slug} short />;
}
