import { useSyncExternalStore } from "react";
let skew = 0;
let current = Date.now();
const watchers = new Set();
let timer = 0;
function tick() {
    current = Date.now() + skew;
    for (const tell of watchers)
        tell();
}
export function heard(date) {
    const at = date ? Date.parse(date) : Number.NaN;
    if (Number.isNaN(at))
        return;
    const difference = at - Date.now();
    const next = Math.abs(difference) < 5_000 ? 0 : difference;
    if (Math.abs(next - skew) > 2_000) {
        skew = next;
        tick();
    }
}
export function now() {
    return Date.now() + skew;
}
export function clockSkew() {
    return skew;
}
function watch(tell) {
    watchers.add(tell);
    if (watchers.size === 1)
        timer = window.setInterval(tick, 15_000);
    return () => {
        watchers.delete(tell);
        if (watchers.size === 0)
            clearInterval(timer);
    };
}
export function useNow() {
    return useSyncExternalStore(watch, () => current);
}
