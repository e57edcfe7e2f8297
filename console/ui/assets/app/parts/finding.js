import { useEffect, useRef, useState } from "react";
import { now } from "./clock.js";
export function useFinding(...state) {
    const present = JSON.stringify(state);
    const [found, setFound] = useState();
    const latest = useRef(present);
    latest.current = present;
    const keep = (value) => setFound(value === undefined ? undefined : { value, at: new Date(now()).toISOString(), state: latest.current });
    useEffect(() => {
        if (found && found.state !== present)
            setFound(undefined);
    }, [found, present]);
    return [found?.state === present ? found : undefined, keep];
}
