import { useEffect } from "react";
import { useAction } from "../api/query.js";
import { complain } from "./toast.js";
export function useQuick(operation, done) {
    const action = useAction(operation, done);
    const { failure } = action;
    useEffect(() => {
        if (failure)
            complain(failure);
    }, [failure]);
    return action;
}
