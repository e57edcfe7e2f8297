import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useState } from "react";
import { useLocation } from "wouter";
import { useAction } from "../../api/query.js";
import { Name } from "../../parts/basic.js";
import { Box } from "../../parts/dialog.js";
import { FormBox, Pick, Submit, TextInput } from "../../parts/form.js";
import { noteInside } from "../../shell/frame.js";
import { to } from "../../shell/place.js";
export function Enter({ tenant, name, close }) {
    const [reason, setReason] = useState("");
    const [minutes, setMinutes] = useState("60");
    const [, go] = useLocation();
    const enter = useAction("enter-tenant");
    const run = async () => {
        if (!tenant)
            return;
        if (await enter.run({ path: { tenant }, body: { reason: reason.trim() || undefined, minutes: Number(minutes) } })) {
            noteInside(tenant);
            setReason("");
            close();
            go(to.company(tenant));
        }
    };
    return (_jsx(Box, { title: _jsxs(_Fragment, { children: ["Launch ", _jsx(Name, { text: name, short: true })] }), open: tenant !== undefined, close: close, children: _jsxs(FormBox, { failure: enter.failure, submit: run, children: [_jsx("p", { children: "Until you leave, a band on every page says that you work inside this company. Each of your changes is shown in its visits report." }), _jsx(TextInput, { label: "Reason", name: "reason", value: reason, onChange: setReason, placeholder: "Ticket 4711", maxLength: 500, about: "The company sees it.", autoFocus: true }), _jsx(Pick, { label: "For how long", name: "minutes", value: minutes, onChange: setMinutes, required: true, options: [
                        { id: "15", text: "15 minutes" },
                        { id: "60", text: "1 hour" },
                        { id: "240", text: "4 hours" },
                        { id: "720", text: "12 hours" },
                    ] }), _jsx(Submit, { running: enter.running, cancel: close, children: "Launch" })] }) }));
}
