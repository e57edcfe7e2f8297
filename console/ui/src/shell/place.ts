// Where the reader is: addresses of pages, and what of a page's state is in the address.

import { useCallback, useEffect, useLayoutEffect, useRef } from "react";
import { useLocation, useSearch } from "wouter";

/** The addresses of the console, below /console. */
export const to = {
	home: "/",
	companies: "/companies",
	company: (c: string, tab = "") => `/companies/${encodeURIComponent(c)}${tab ? `/${tab}` : ""}`,
	person: (c: string, u: string) => `/companies/${encodeURIComponent(c)}/people/${encodeURIComponent(u)}`,
	group: (c: string, g: string) => `/companies/${encodeURIComponent(c)}/groups/${encodeURIComponent(g)}`,
	people: "/people",
	connections: "/connections",
	connection: (k: string, tab = "") => `/connections/${encodeURIComponent(k)}${tab ? `/${tab}` : ""}`,
	alerts: "/alerts",
	billing: "/billing",
	audit: "/audit",
	administrators: "/administrators",
	webhooks: "/webhooks",
	webhook: (w: string, tab = "") => `/webhooks/${encodeURIComponent(w)}${tab ? `/${tab}` : ""}`,
	targets: "/targets",
	target: (t: string, tab = "") => `/targets/${encodeURIComponent(t)}${tab ? `/${tab}` : ""}`,
	projects: "/google-projects",
	project: (g: string) => `/google-projects/${encodeURIComponent(g)}`,
	server: "/server",
	settings: "/settings",
	account: "/account",
	factor: "/account/mfa",
	signIn: "/sign-in",
	link: "/link",
};

/** Values of the query of the address. Setting a value to "" takes it out. */
export function useParams(): [URLSearchParams, (change: Record<string, string | undefined>, how?: "push" | "replace") => void] {
	const search = useSearch();
	const [path, go] = useLocation();
	const latest = useRef({ search, path });
	latest.current = { search, path };
	const set = useCallback(
		(change: Record<string, string | undefined>, how: "push" | "replace" = "replace") => {
			const params = new URLSearchParams(latest.current.search);
			for (const [name, value] of Object.entries(change)) {
				if (value) params.set(name, value);
				else params.delete(name);
			}
			const text = params.toString();
			latest.current.search = text;
			go(latest.current.path + (text ? `?${text}` : ""), { replace: how === "replace", state: history.state });
		},
		[go],
	);
	return [new URLSearchParams(search), set];
}

/** Keeps the scroll position of each entry of the browser's history and the link that was followed, and returns to both on the way back. */
export function useScroll(): void {
	const [path] = useLocation();
	useEffect(() => {
		history.scrollRestoration = "manual";
		let timer = 0;
		const note = () => {
			clearTimeout(timer);
			timer = window.setTimeout(() => history.replaceState({ ...history.state, scroll: scrollY }, ""), 120);
		};
		addEventListener("scroll", note, { passive: true });
		return () => removeEventListener("scroll", note);
	}, []);
	useLayoutEffect(() => {
		// A new entry has no state yet. An event that says that one went back would come after the page is drawn.
		const wanted = Number(history.state?.scroll ?? 0);
		const href = history.state?.link as string | undefined;
		let tries = 0;
		const restore = () => {
			scrollTo(0, wanted);
			const link = href && document.querySelector<HTMLElement>(`main a[href="${CSS.escape(href)}"]`);
			if (link) link.focus({ preventScroll: true });
			if ((Math.abs(scrollY - wanted) > 2 || (href && !link)) && tries++ < 40) requestAnimationFrame(restore);
		};
		restore();
	}, [path]);
}

/** Sets the title of the window. */
export function useTitle(title: string): void {
	useEffect(() => {
		document.title = title ? `${title} · Drawbridge` : "Drawbridge";
	}, [title]);
}

/** A choice that is kept in this browser. */
export function remembered(name: string): string {
	try {
		return localStorage.getItem(`drawbridge.${name}`) ?? "";
	} catch {
		return "";
	}
}

export function remember(name: string, value: string): void {
	try {
		if (value) localStorage.setItem(`drawbridge.${name}`, value);
		else localStorage.removeItem(`drawbridge.${name}`);
	} catch {
		// Storage is blocked: the choice lasts until the page is left.
	}
}

/** Whether the browser's focus is in something that takes text. */
export function typing(target: EventTarget | null): boolean {
	return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}
