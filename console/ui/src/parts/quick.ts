// An action without a form: a menu entry or a button. What the server refuses is said in a message.

import { useEffect } from "react";
import type { Answer, Operation } from "../api/client.ts";
import { type Action, useAction } from "../api/query.ts";
import { complain } from "./toast.tsx";

export function useQuick<O extends Operation>(operation: O, done?: (answer: Answer<O>) => void): Action<O> {
	const action = useAction(operation, done);
	const { failure } = action;
	useEffect(() => {
		if (failure) complain(failure);
	}, [failure]);
	return action;
}
