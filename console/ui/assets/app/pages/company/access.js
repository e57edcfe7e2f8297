import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useState } from "react";
import { useAction } from "../../api/query.js";
import { Action, Card, IconAction, Name, Nothing, Tag, Time, To } from "../../parts/basic.js";
import { Box, Confirm, Consequences } from "../../parts/dialog.js";
import { FormBox, Submit } from "../../parts/form.js";
import { OperatorList } from "../../parts/operators.js";
import { Withheld } from "../../parts/state.js";
import { say } from "../../parts/toast.js";
import { list, roleTitle, tidy } from "../../parts/words.js";
import { to } from "../../shell/place.js";
export function Access({ company, overview }) {
    const [giving, setGiving] = useState(false);
    const [taking, setTaking] = useState();
    const take = useAction("update-operator", (o) => say(`${o.first_name} ${o.last_name} no longer has access to this company.`));
    if (!overview.operators)
        return _jsx(Withheld, { title: "Who has access", right: "operator.read" });
    return (_jsxs(Card, { title: "Who has access", actions: _jsxs(_Fragment, { children: [_jsx(To, { href: to.company(company, "audit/visits"), className: "link", children: "Visits" }), _jsx(Action, { small: true, icon: "plus", right: "operator.manage", onPress: () => setGiving(true), children: "Give access" })] }), children: [_jsxs("ul", { className: "todo", children: [overview.operators.map((o) => (_jsxs("li", { children: [_jsx(To, { href: `${to.administrators}?open=${o.id}`, children: _jsx(Name, { text: `${o.first_name} ${o.last_name}`, short: true }) }), " ", !o.all_tenants && (_jsx(IconAction, { icon: "close", label: `Remove the access of ${o.first_name} ${o.last_name}`, right: "operator.manage", onPress: () => setTaking(o) })), o.status !== "active" && _jsx(Tag, { children: o.status }), " ", !o.mfa_enrolled && o.mfa_required && _jsx(Tag, { tone: "warn", children: "no second factor" }), _jsxs("div", { className: "faint", children: [roleTitle(o.role), ", ", o.all_tenants ? "all companies" : "this company by name", ". Last sign-in", " ", _jsx(Time, { at: o.last_sign_in, none: "never" })] })] }, o.id))), overview.operators.length === 0 && _jsx(Nothing, { children: "No operator." })] }), giving && _jsx(GiveAccess, { company: company, close: () => setGiving(false) }), _jsx(Confirm, { title: `Remove the access of ${tidy(`${taking?.first_name} ${taking?.last_name}`)}?`, open: taking !== undefined, close: () => {
                    take.clear();
                    setTaking(undefined);
                }, verb: "Remove", failure: take.failure, running: take.running, run: async () => taking && (await take.run({ path: { operator: taking.id }, body: { remove_tenants: [company] } })) && setTaking(undefined), children: _jsx(Consequences, { items: ["This administrator no longer sees the company, starting with the next request."] }) })] }));
}
function GiveAccess({ company, close }) {
    const [chosen, setChosen] = useState([]);
    const update = useAction("update-operator");
    const run = async () => {
        for (const [i, one] of chosen.entries()) {
            const done = await update.run({ path: { operator: one.id }, body: { add_tenants: [company] } });
            if (!done) {
                setChosen(chosen.slice(i));
                return;
            }
        }
        say(`${list(chosen.map((one) => one.name))} may see the company now.`);
        close();
    };
    return (_jsx(Box, { title: "Give access", sub: "For administrators without access to all companies.", open: true, close: close, firm: true, children: _jsxs(FormBox, { failure: update.failure, submit: () => void run(), children: [_jsx(OperatorList, { value: chosen, onChange: setChosen, tenant: company }), _jsx(Submit, { running: update.running, cancel: close, right: "operator.manage", not: chosen.length ? undefined : "Choose an administrator first.", children: "Give access" })] }) }));
}
