// A form for something that others can change meanwhile.

import { useEffect, useState } from "react";

/**
 * A form made from what was read. Until something is typed it follows what is read. From then on base stays what the form began with: its
 * version goes with the change, so that the server refuses to overwrite what others wrote since.
 */
export function useDraft<T extends { version: number }, F>(now: T, formOf: (read: T) => F) {
	const [base, setBase] = useState(now);
	const [form, set] = useState(() => formOf(now));
	const dirty = JSON.stringify(form) !== JSON.stringify(formOf(base));
	const begin = (from: T) => {
		setBase(from);
		set(formOf(from));
	};
	useEffect(() => {
		if (!dirty && now.version !== base.version) begin(now);
	});
	return { base, form, set, dirty, begin };
}
