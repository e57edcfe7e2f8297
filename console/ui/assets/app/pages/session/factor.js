import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useLocation } from "wouter";
import { call, failureOf } from "../../api/client.js";
import { keyOf } from "../../api/query.js";
import { Action, Code, Note, useCopy } from "../../parts/basic.js";
import { FormBox, Refusal, TextInput, Tick } from "../../parts/form.js";
import { say } from "../../parts/toast.js";
import { to, useTitle } from "../../shell/place.js";
import { useSession } from "../../shell/session.js";
import { Lone } from "./sign-in.js";
export default function Factor({ forced }) {
    useTitle("Second factor");
    const { operator, signOut } = useSession();
    const [, go] = useLocation();
    const cache = useQueryClient();
    const [enrolment, setEnrolment] = useState();
    const [codes, setCodes] = useState();
    const [code, setCode] = useState("");
    const [failure, setFailure] = useState();
    const [running, setRunning] = useState(false);
    const begin = async () => {
        setRunning(true);
        setFailure(undefined);
        try {
            setEnrolment(await call("begin-mfa"));
        }
        catch (error) {
            setFailure(failureOf(error));
        }
        setRunning(false);
    };
    useEffect(() => {
        if (forced)
            void begin();
    }, []);
    const confirm = async () => {
        setRunning(true);
        setFailure(undefined);
        try {
            const answer = await call("confirm-mfa", { body: { code: code.replace(/\s/g, "") } });
            setEnrolment(undefined);
            setCodes(answer.codes);
        }
        catch (error) {
            setFailure(failureOf(error));
        }
        setRunning(false);
    };
    const finish = async () => {
        setCodes(undefined);
        await cache.invalidateQueries({ queryKey: keyOf("get-me") });
        say("The second factor is set up.");
        if (!forced)
            go(to.account);
    };
    const title = codes ? "Store your recovery codes" : "Set up a second factor";
    const content = codes ? (_jsx(RecoveryCodes, { codes: codes, account: operator.email, done: finish })) : (_jsxs(_Fragment, { children: [!enrolment && (_jsxs("p", { children: [forced ? "Your account needs a second factor." : "With a second factor, a stolen password is not enough to sign in.", " You need an authenticator app on your phone. It takes a minute."] })), enrolment ? (_jsxs(FormBox, { failure: failure, submit: confirm, label: "Second factor", children: [_jsxs("ol", { className: "steps", children: [_jsxs("li", { children: [_jsx("p", { children: "Scan this with an authenticator app on your phone." }), _jsx("img", { className: "qr", src: enrolment.qr, alt: `QR code with the secret ${enrolment.secret}`, width: "200", height: "200" }), _jsxs("p", { className: "about", children: ["No camera? Type the secret in by hand, or ", _jsx("a", { href: enrolment.uri, children: "open it in an app on this device" }), "."] }), _jsx(Code, { text: enrolment.secret, what: "the secret", block: true })] }), _jsx("li", { children: _jsx(TextInput, { label: "The six digits that the app shows", name: "code", value: code, onChange: setCode, required: true, autoFocus: true, autoComplete: "one-time-code", inputMode: "numeric", mono: true, about: "They change every thirty seconds. If they are refused, check the clock of the phone." }) })] }), _jsx("div", { className: "form-foot", children: _jsx(Action, { submit: true, look: "primary", running: running, children: "Confirm" }) })] })) : (_jsxs(_Fragment, { children: [failure && _jsx(Refusal, { failure: failure }), _jsx("div", { className: "row", children: _jsx(Action, { look: "primary", onPress: begin, running: running, children: forced ? "Try again" : "Begin" }) })] })), forced && (_jsx(Action, { look: "quiet", onPress: () => void signOut(), children: "Sign out" }))] }));
    if (forced)
        return _jsx(Lone, { title: title, children: content });
    return (_jsxs("div", { className: "narrow", children: [_jsx("h1", { children: title }), content] }));
}
export function RecoveryCodes({ codes, account, done }) {
    const [stored, setStored] = useState(false);
    const copy = useCopy();
    const text = `Recovery codes of ${account}\nEach works once.\n\n${codes.join("\n")}\n`;
    const download = () => {
        const link = document.createElement("a");
        link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
        link.download = "drawbridge-recovery-codes.txt";
        link.click();
        setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    };
    return (_jsxs("div", { className: "form", children: [_jsx(Note, { tone: "warn", children: "These ten codes are shown once. Each lets you in once, without the app. Keep them where you can find them without your phone." }), _jsx("ul", { className: "codes", "aria-label": "Recovery codes", children: codes.map((c) => (_jsx("li", { children: _jsx("code", { children: c }) }, c))) }), _jsxs("div", { className: "row", children: [_jsx(Action, { icon: "copy", onPress: () => copy(text, "The list of codes"), children: "Copy" }), _jsx(Action, { icon: "download", onPress: download, children: "Download" }), _jsx(Action, { onPress: () => print(), children: "Print" })] }), _jsxs("div", { className: "form-foot form-foot-split", children: [_jsx(Tick, { label: "I have stored the codes", checked: stored, onChange: setStored }), _jsx(Action, { look: "primary", onPress: done, not: stored ? undefined : "Store the codes first: they are not shown again.", children: "Done" })] })] }));
}
