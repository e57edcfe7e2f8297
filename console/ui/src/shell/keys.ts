// Shortcuts of single keys. They can be switched off, because a person who speaks to the computer, or slips, would press them unawares.

import { remember, remembered, to, typing } from "./place.ts";

/** Pages by the key that follows G. */
export const pages: Record<string, [href: string, text: string]> = {
	h: [to.home, "Home"],
	c: [to.companies, "Companies"],
	p: [to.people, "People"],
	n: [to.connections, "Connections"],
	a: [to.alerts, "Alerts"],
	u: [to.audit, "Audit"],
	s: [to.settings, "Settings"],
};

/** How long after G the next key counts. */
const pause = 1_500;

/** Whether they are on, in this browser. */
export function keysOn(): boolean {
	return remembered("keys") !== "off";
}

export function setKeys(on: boolean): void {
	remember("keys", on ? "" : "off");
}

/** Whether keys belong to what has the focus, or to an open dialog or menu. */
function taken(event: KeyboardEvent): boolean {
	if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey || typing(event.target)) return true;
	return document.querySelector("[role=dialog], [role=alertdialog], [role=menu], [role=listbox]") !== null;
}

interface Wanted {
	go: (href: string) => void;
	/** Opens the search over everything. */
	search: () => void;
	help: () => void;
}

/** Listens to the keys. The function that it gives ends that. */
export function listen({ go, search, help }: Wanted): () => void {
	let led = 0; // when G was pressed
	const press = (event: KeyboardEvent) => {
		if (!keysOn() || taken(event)) return;
		const page = Date.now() - led < pause ? pages[event.key.toLowerCase()] : undefined;
		led = 0;
		if (page) {
			document.body.dataset.moved = "yes";
			go(page[0]);
		} else if (event.key === "g") led = Date.now();
		else if (event.key === "?") help();
		else if (event.key === "/") focusSearch(search);
		else return;
		event.preventDefault();
	};
	addEventListener("keydown", press);
	return () => removeEventListener("keydown", press);
}

/** The search of the page, or the one over everything. */
function focusSearch(otherwise: () => void): void {
	const field = document.querySelector<HTMLInputElement>("main .search-input");
	if (field) field.focus();
	else otherwise();
}
