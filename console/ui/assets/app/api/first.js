export const signedOut = "signedOut" in document.documentElement.dataset;
let first = signedOut || location.pathname.endsWith("/link")
    ? undefined
    : fetch("/api/v1/me", { headers: { Accept: "application/json" }, credentials: "same-origin", cache: "no-store", redirect: "error" });
first?.catch(() => undefined);
export function takeFirst(operation) {
    if (operation !== "get-me")
        return undefined;
    const taken = first;
    first = undefined;
    return taken;
}
