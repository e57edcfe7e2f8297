import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useState } from "react";
import { call, downloadURL, failureOf } from "../../api/client.js";
import { useRead } from "../../api/query.js";
import { Action, Head, Name, Note, To } from "../../parts/basic.js";
import { clockSkew } from "../../parts/clock.js";
import { FormBox, TextInput } from "../../parts/form.js";
import { Logo, useProvider } from "../../parts/logo.js";
import { Toasts } from "../../parts/toast.js";
import { lasting } from "../../parts/words.js";
import { to, useTitle } from "../../shell/place.js";
export default function SignIn({ arrived }) {
    useTitle("Sign in");
    const [step, setStep] = useState("password");
    const [email, setEmail] = useState("");
    const [password, setPassword] = useState("");
    const [code, setCode] = useState("");
    const [recovery, setRecovery] = useState(false);
    const [answer, setAnswer] = useState("");
    const [failure, setFailure] = useState();
    const [running, setRunning] = useState(false);
    const methods = useRead("list-sign-in-methods", {}, { every: false }).data;
    const attempt = async (work) => {
        setRunning(true);
        setFailure(undefined);
        try {
            await work();
        }
        catch (error) {
            setFailure(failureOf(error));
        }
        setRunning(false);
    };
    const signIn = () => attempt(async () => {
        try {
            arrived(await call("sign-in", { body: { email: email.trim(), password, ...(step === "code" ? { code: code.replace(/\s/g, "") } : {}) } }));
        }
        catch (error) {
            const failed = failureOf(error);
            if (failed.field !== "code" || step === "code")
                throw failed;
            setStep("code");
        }
    });
    const forgot = () => attempt(async () => {
        const said = await call("forgot-password", { body: { email: email.trim() } });
        setAnswer(said.detail);
        setStep("asked");
    });
    const show = (next) => {
        setFailure(undefined);
        setCode("");
        setStep(next);
    };
    return (_jsxs(Lone, { title: { password: "Sign in", code: "Second factor", forgot: "Forgotten password", asked: "Check your mail" }[step], children: [step === "password" && (_jsxs(FormBox, { failure: failure, submit: signIn, label: "Sign in", children: [_jsx(Reason, {}), _jsx(TextInput, { label: "E-mail", name: "email", type: "email", autoComplete: "username", value: email, onChange: setEmail, required: true, autoFocus: true }), _jsx(TextInput, { label: "Password", name: "password", type: "password", autoComplete: "current-password", value: password, onChange: setPassword, required: true }), _jsx(Action, { submit: true, look: "primary", running: running, children: "Sign in" }), methods?.oidc && (_jsxs("a", { className: "button button-plain", href: downloadURL("begin-oidc", {}), children: ["Sign in with ", methods.oidc.label] })), methods?.forgot !== false && (_jsx(Action, { look: "quiet", onPress: () => show("forgot"), children: "Forgot password" })), methods?.first_owner && (_jsx(Note, { children: "No operator can sign in yet. Open the one-time link for the first Owner, which the server left in the file first-owner.link of its data folder." }))] })), step === "code" && (_jsxs(FormBox, { failure: failure, submit: signIn, label: "Second factor", children: [_jsx(TextInput, { label: recovery ? "Recovery code" : "Six digits", name: "code", value: code, onChange: setCode, required: true, autoFocus: true, mono: true, autoComplete: "one-time-code", inputMode: recovery ? "text" : "numeric", about: recovery
                            ? "One of the ten codes that you stored when you enrolled. Each works once."
                            : "From the authenticator app on your phone. If it is refused, check the clock of the phone." }, recovery ? "recovery" : "code"), _jsx(Action, { submit: true, look: "primary", running: running, children: "Sign in" }), _jsx(Action, { look: "quiet", onPress: () => {
                            setRecovery(!recovery);
                            setCode("");
                        }, children: recovery ? "Use the app instead" : "Use a recovery code" }), _jsx(Action, { look: "quiet", onPress: () => show("password"), children: "Back" })] })), step === "forgot" && (_jsxs(FormBox, { failure: failure, submit: forgot, label: "Forgotten password", children: [_jsx("p", { children: "Enter the address that you sign in with. If there is such an account, a mail with a link is sent to it." }), _jsx(TextInput, { label: "E-mail", name: "email", type: "email", autoComplete: "username", value: email, onChange: setEmail, required: true, autoFocus: true }), _jsx(Action, { submit: true, look: "primary", running: running, children: "Send the link" }), _jsx(Action, { look: "quiet", onPress: () => show("password"), children: "Back" })] })), step === "asked" && (_jsxs(_Fragment, { children: [_jsx("p", { role: "status", children: answer }), _jsx(Action, { onPress: () => show("password"), children: "Back to the sign-in" })] }))] }));
}
const oidcReasons = {
    flow: "The provider refused, or the sign-in took too long, was used already, or began in another browser. Begin again.",
    provider: "The OpenID provider does not answer, or its answer was wrong. Try again, or sign in with your password.",
    email: "The provider does not vouch for your e-mail address, or its domain is not one of those that may sign in here.",
    group: "None of your groups at the provider gives you a role here. Ask the person who assigns them.",
    proof: "The provider did not ask again who you are, or does not say that it did. Sign out there and try again, or set a password here: sign out, and use Forgot password.",
    operator: "There is no administrator with your address here, or the account is suspended. Ask an Owner.",
};
function Reason() {
    const reason = oidcReasons[new URLSearchParams(location.hash.slice(1)).get("oidc") ?? ""];
    return reason && location.pathname.endsWith("/sign-in") ? _jsx(Note, { tone: "warn", children: reason }) : null;
}
export function SignedInAlready() {
    useTitle("Sign in");
    return (_jsxs("div", { className: "stack narrow", children: [_jsx(Head, { title: "You are signed in" }), _jsx(Reason, {}), _jsxs("p", { children: [_jsx(To, { href: to.home, children: "Go to the first page" }), ", or close this tab."] })] }));
}
export function Lone({ title, children, wide }) {
    const by = useProvider();
    const skew = clockSkew();
    return (_jsxs("main", { className: "lone", children: [_jsxs("div", { className: wide ? "lone-card lone-wide" : "lone-card", children: [_jsxs("div", { className: "lone-mark", children: [_jsx(Logo, { mark: by?.logo, size: 36 }), _jsx("span", { children: by?.name ? _jsx(Name, { text: by.name }) : "Drawbridge" })] }), _jsx("h1", { children: title }), Math.abs(skew) > 120_000 && (_jsxs(Note, { tone: "warn", children: ["The clock of this computer is ", lasting(Math.abs(skew) / 1000), " ", skew > 0 ? "behind" : "ahead of", " the server's. If the clock of your phone is wrong as well, codes are refused."] })), children] }), by?.support && (_jsxs("p", { className: "lone-help faint", children: ["Help: ", _jsx("a", { href: `mailto:${by.support}`, children: by.support })] })), _jsx(Toasts, {})] }));
}
