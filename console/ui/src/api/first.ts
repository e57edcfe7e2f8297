// Asks who is signed in before anything else of the console runs, so that the answer is there when the console is. The page loads this
// file as a script of its own. A one-time link needs no answer, and neither does a page with which the server has said that no operator is
// signed in: the browser would report the refusal as an error.

/** Whether the server has said that no operator is signed in. */
export const signedOut = "signedOut" in document.documentElement.dataset;

let first =
	signedOut || location.pathname.endsWith("/link")
		? undefined
		: fetch("/api/v1/me", { headers: { Accept: "application/json" }, credentials: "same-origin", cache: "no-store", redirect: "error" });
first?.catch(() => undefined); // who takes it sees the failure

/** The answer, for the first call alone that asks the same. */
export function takeFirst(operation: string): Promise<Response> | undefined {
	if (operation !== "get-me") return undefined;
	const taken = first;
	first = undefined;
	return taken;
}
