import { useCallback, useEffect, useLayoutEffect, useRef } from "react";
import { useLocation, useSearch } from "wouter";
export const to = {
    home: "/",
    companies: "/companies",
    company: (c, tab = "") => `/companies/${encodeURIComponent(c)}${tab ? `/${tab}` : ""}`,
    person: (c, u) => `/companies/${encodeURIComponent(c)}/people/${encodeURIComponent(u)}`,
    group: (c, g) => `/companies/${encodeURIComponent(c)}/groups/${encodeURIComponent(g)}`,
    people: "/people",
    connections: "/connections",
    connection: (k, tab = "") => `/connections/${encodeURIComponent(k)}${tab ? `/${tab}` : ""}`,
    alerts: "/alerts",
    billing: "/billing",
    audit: "/audit",
    administrators: "/administrators",
    webhooks: "/webhooks",
    webhook: (w, tab = "") => `/webhooks/${encodeURIComponent(w)}${tab ? `/${tab}` : ""}`,
    targets: "/targets",
    target: (t, tab = "") => `/targets/${encodeURIComponent(t)}${tab ? `/${tab}` : ""}`,
    projects: "/google-projects",
    project: (g) => `/google-projects/${encodeURIComponent(g)}`,
    server: "/server",
    settings: "/settings",
    account: "/account",
    factor: "/account/mfa",
    signIn: "/sign-in",
    link: "/link",
};
export function useParams() {
    const search = useSearch();
    const [path, go] = useLocation();
    const latest = useRef({ search, path });
    latest.current = { search, path };
    const set = useCallback((change, how = "replace") => {
        const params = new URLSearchParams(latest.current.search);
        for (const [name, value] of Object.entries(change)) {
            if (value)
                params.set(name, value);
            else
                params.delete(name);
        }
        const text = params.toString();
        latest.current.search = text;
        go(latest.current.path + (text ? `?${text}` : ""), { replace: how === "replace", state: history.state });
    }, [go]);
    return [new URLSearchParams(search), set];
}
export function useScroll() {
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
        const wanted = Number(history.state?.scroll ?? 0);
        const href = history.state?.link;
        let tries = 0;
        const restore = () => {
            scrollTo(0, wanted);
            const link = href && document.querySelector(`main a[href="${CSS.escape(href)}"]`);
            if (link)
                link.focus({ preventScroll: true });
            if ((Math.abs(scrollY - wanted) > 2 || (href && !link)) && tries++ < 40)
                requestAnimationFrame(restore);
        };
        restore();
    }, [path]);
}
export function useTitle(title) {
    useEffect(() => {
        document.title = title ? `${title} · Drawbridge` : "Drawbridge";
    }, [title]);
}
export function remembered(name) {
    try {
        return localStorage.getItem(`drawbridge.${name}`) ?? "";
    }
    catch {
        return "";
    }
}
export function remember(name, value) {
    try {
        if (value)
            localStorage.setItem(`drawbridge.${name}`, value);
        else
            localStorage.removeItem(`drawbridge.${name}`);
    }
    catch {
    }
}
export function typing(target) {
    return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}
