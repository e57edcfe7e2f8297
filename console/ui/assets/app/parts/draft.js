import { useEffect, useState } from "react";
export function useDraft(now, formOf) {
    const [base, setBase] = useState(now);
    const [form, set] = useState(() => formOf(now));
    const dirty = JSON.stringify(form) !== JSON.stringify(formOf(base));
    const begin = (from) => {
        setBase(from);
        set(formOf(from));
    };
    useEffect(() => {
        if (!dirty && now.version !== base.version)
            begin(now);
    });
    return { base, form, set, dirty, begin };
}
