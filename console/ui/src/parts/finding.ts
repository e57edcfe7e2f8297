// What a test of something found. It is shown until what was tested changes, so that it never contradicts what happened afterwards.

import { useEffect, useRef, useState } from "react";
import { now } from "./clock.ts";

export interface Finding<T> {
	value: T;
	at: string;
	state: string;
}

/** Keeps what a test found, as long as the state of what was tested stays what it was. Give state everything that makes it out of date. */
export function useFinding<T>(...state: unknown[]): [Finding<T> | undefined, (value: T | undefined) => void] {
	const present = JSON.stringify(state);
	const [found, setFound] = useState<Finding<T>>();
	const latest = useRef(present);
	latest.current = present;
	const keep = (value: T | undefined) =>
		setFound(value === undefined ? undefined : { value, at: new Date(now()).toISOString(), state: latest.current });
	// A state that comes back does not bring an old result back.
	useEffect(() => {
		if (found && found.state !== present) setFound(undefined);
	}, [found, present]);
	return [found?.state === present ? found : undefined, keep];
}
