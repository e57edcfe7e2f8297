import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useEffect, useState } from "react";
import { call, failureOf } from "../../api/client.js";
import { Action, Note } from "../../parts/basic.js";
import { FormBox, TextInput } from "../../parts/form.js";
import { Skeleton } from "../../parts/state.js";
import { exact } from "../../parts/words.js";
import { to, useTitle } from "../../shell/place.js";
import { Lone } from "./sign-in.js";
const titles = {
    first_owner: "Become the first Owner",
    invitation: "Accept your invitation",
    password_reset: "Set a new password",
    mfa_reset: "Remove your second factor",
    email_change: "Confirm your new e-mail address",
};
const submits = {
    first_owner: "Register",
    invitation: "Register",
    password_reset: "Set the password",
    mfa_reset: "Remove the second factor",
    email_change: "Confirm the address",
};
export default function Link() {
    useTitle("One-time link");
    const [secret] = useState(() => decodeURIComponent(location.hash.slice(1)));
    const [info, setInfo] = useState();
    const [failure, setFailure] = useState();
    const [done, setDone] = useState();
    const look = () => {
        setFailure(undefined);
        call("get-link", { path: { link: secret || "-" } }).then(setInfo, (error) => setFailure(failureOf(error)));
    };
    useEffect(look, []);
    if (done)
        return _jsx(Used, { kind: done });
    if (failure)
        return _jsx(Unusable, { failure: failure, retry: look });
    if (!info) {
        return (_jsx(Lone, { title: "One-time link", children: _jsx(Skeleton, { rows: 3 }) }));
    }
    return (_jsx(Lone, { title: titles[info.kind], children: _jsx(Use, { secret: secret, info: info, done: () => setDone(info.kind), gone: setFailure }) }));
}
function Use({ secret, info, done, gone }) {
    const [email, setEmail] = useState("");
    const [first, setFirst] = useState("");
    const [last, setLast] = useState("");
    const [password, setPassword] = useState("");
    const [failure, setFailure] = useState();
    const [running, setRunning] = useState(false);
    const owner = info.kind === "first_owner";
    const bare = info.kind === "mfa_reset" || info.kind === "email_change";
    const use = async () => {
        setRunning(true);
        setFailure(undefined);
        try {
            const person = owner ? { email: email.trim(), first_name: first.trim(), last_name: last.trim() } : {};
            await call("use-link", { path: { link: secret }, body: bare ? {} : { ...person, password } });
            history.replaceState(null, "", location.pathname);
            done();
        }
        catch (error) {
            const failed = failureOf(error);
            if (failed.status === 404)
                gone(failed);
            else
                setFailure(failed);
        }
        setRunning(false);
    };
    return (_jsxs(FormBox, { failure: failure, submit: use, label: titles[info.kind], children: [_jsxs("p", { children: [info.name || info.email ? (_jsxs(_Fragment, { children: ["This link is for", " ", _jsx("strong", { children: _jsx("bdi", { children: info.name || info.email }) }), info.name && info.email ? ` (${info.email})` : "", ".", " "] })) : null, "It works once, until ", exact(info.expires), "."] }), info.kind === "mfa_reset" ? (_jsx("p", { children: "After this your account has no second factor. All of your sessions end. If one is required, you set a new one up when you sign in." })) : bare ? (_jsxs("p", { children: ["After this you sign in with ", info.email, ", and mails go there. Your password and your second factor stay as they are."] })) : (_jsxs(_Fragment, { children: [owner && (_jsxs(_Fragment, { children: [_jsx(TextInput, { label: "E-mail", name: "email", type: "email", autoComplete: "username", value: email, onChange: setEmail, required: true, autoFocus: true }), _jsx(TextInput, { label: "First name", name: "first_name", autoComplete: "given-name", value: first, onChange: setFirst, required: true, maxLength: 100 }), _jsx(TextInput, { label: "Last name", name: "last_name", autoComplete: "family-name", value: last, onChange: setLast, required: true, maxLength: 100 })] })), !owner && info.email && _jsx("input", { type: "text", name: "username", autoComplete: "username", value: info.email, readOnly: true, hidden: true }), _jsx(TextInput, { label: "Password", name: "password", type: "password", autoComplete: "new-password", value: password, onChange: setPassword, required: true, autoFocus: !owner, about: "At least twelve characters. A password manager makes good ones." })] })), _jsx(Action, { submit: true, look: info.kind === "mfa_reset" ? "danger" : "primary", running: running, children: submits[info.kind] })] }));
}
function Used({ kind }) {
    const text = {
        first_owner: "You are registered as the Owner of this installation. Sign in to go on.",
        invitation: "You are registered. Sign in to go on.",
        password_reset: "Your password is changed, and all of your sessions have ended. Sign in with the new one.",
        mfa_reset: "Your second factor is removed, and all of your sessions have ended. Sign in to go on.",
        email_change: "Your new e-mail address is confirmed. You sign in with it from now on.",
    }[kind];
    return (_jsxs(Lone, { title: "Done", children: [_jsx(Note, { tone: "good", children: text }), _jsx(Action, { look: "primary", onPress: () => location.assign("/console/"), autoFocus: true, children: "Sign in" })] }));
}
function Unusable({ failure, retry }) {
    const gone = failure.status === 404 || failure.status === 422;
    return (_jsxs(Lone, { title: gone ? "This link does not work" : "The link could not be opened", children: [gone ? (_jsxs(_Fragment, { children: [_jsx("p", { children: "It was used already, it has expired, a newer link replaced it, or it was not copied completely." }), _jsxs("ul", { className: "consequences", children: [_jsx("li", { children: "Open it from the mail again, or copy the whole address." }), _jsx("li", { children: "For a new password, choose \u201CForgot password\u201D on the sign-in page." }), _jsx("li", { children: "For an invitation, ask the person who invited you to send it again." }), _jsx("li", { children: "For the first Owner, restart the server: it prints a new link." })] })] })) : (_jsx("p", { role: "alert", children: failure.message })), _jsxs("div", { className: "row", children: [!gone && _jsx(Action, { onPress: retry, children: "Try again" }), _jsx(Action, { onPress: () => location.assign(`/console${to.home}`), children: "To the sign-in page" })] })] }));
}
