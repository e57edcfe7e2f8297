// The time, by the server's clock: this computer's own may be wrong.

import { useSyncExternalStore } from "react";

let skew = 0;
let current = Date.now();
const watchers = new Set<() => void>();
let timer = 0;

function tick() {
	current = Date.now() + skew;
	for (const tell of watchers) tell();
}

/** Takes the time of an answer of the server. Differences below a few seconds come from the network. */
export function heard(date: string | null): void {
	const at = date ? Date.parse(date) : Number.NaN;
	if (Number.isNaN(at)) return;
	const difference = at - Date.now();
	const next = Math.abs(difference) < 5_000 ? 0 : difference;
	if (Math.abs(next - skew) > 2_000) {
		skew = next;
		tick();
	}
}

export function now(): number {
	return Date.now() + skew;
}

/** How far this computer's clock is from the server's, in milliseconds. */
export function clockSkew(): number {
	return skew;
}

function watch(tell: () => void): () => void {
	watchers.add(tell);
	if (watchers.size === 1) timer = window.setInterval(tick, 15_000);
	return () => {
		watchers.delete(tell);
		if (watchers.size === 0) clearInterval(timer);
	};
}

/** The time, again every fifteen seconds. */
export function useNow(): number {
	return useSyncExternalStore(watch, () => current);
}
