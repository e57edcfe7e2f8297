import { jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useQueryClient } from "@tanstack/react-query";
import { createContext, lazy, Suspense, useCallback, useContext, useEffect, useMemo, useRef, useState, } from "react";
import { useLocation } from "wouter";
import { call, downloadURL, failureOf, register } from "../api/client.js";
import { signedOut } from "../api/first.js";
import { keyOf, useRead } from "../api/query.js";
import { Action, RightsContext } from "../parts/basic.js";
import { now } from "../parts/clock.js";
import { Box } from "../parts/dialog.js";
import { FormBox, Submit, TextInput } from "../parts/form.js";
import { Failed, Opening } from "../parts/state.js";
import { to } from "./place.js";
const loadSignIn = () => import("../pages/session/sign-in.js");
let SignIn = lazy(loadSignIn);
export const signInReady = signedOut
    ? loadSignIn().then((page) => {
        SignIn = page.default;
    }, () => undefined)
    : Promise.resolve();
const Factor = lazy(() => import("../pages/session/factor.js"));
const SessionContext = createContext(undefined);
export function useSession() {
    const session = useContext(SessionContext);
    if (!session)
        throw new Error("no operator is signed in");
    return session;
}
export function SessionGate({ children }) {
    const [out, setOut] = useState(signedOut);
    const [path, go] = useLocation();
    const me = useRead("get-me", {}, { every: 60_000, enabled: !out });
    const cache = useQueryClient();
    const arrived = useCallback((account) => {
        cache.setQueryData(keyOf("get-me"), account);
        if (path === to.signIn)
            go(to.home, { replace: true });
        setOut(false);
    }, [cache, path, go]);
    const refused = me.data === undefined && me.isError && me.error.status === 401;
    useEffect(() => {
        if (refused)
            setOut(true);
    }, [refused]);
    if (me.data === undefined) {
        if (out || refused) {
            return (_jsx(Suspense, { fallback: _jsx(Opening, {}), children: _jsx(SignIn, { arrived: arrived }) }));
        }
        if (!me.isError)
            return _jsx(Opening, {});
        return (_jsx("main", { className: "lone", children: _jsx(Failed, { error: me.error, retry: () => me.refetch(), what: "The console", level: 1 }) }));
    }
    if (!me.data.operator) {
        return (_jsx("main", { className: "lone", children: _jsx(Failed, { level: 1, error: failureOf("This address acts as the local Owner, who has no account. Open the console on the address of the API instead.") }) }));
    }
    return (_jsx(SignedIn, { account: me.data, operator: me.data.operator, children: children }));
}
function SignedIn({ account, operator, children }) {
    const cache = useQueryClient();
    const [, go] = useLocation();
    const [asked, setAsked] = useState();
    const waiting = useRef(new Map());
    const ask = useCallback((what) => {
        let promise = waiting.current.get(what);
        if (!promise) {
            promise = new Promise((answer) => setAsked({ what, answer })).finally(() => waiting.current.delete(what));
            waiting.current.set(what, promise);
        }
        return promise;
    }, []);
    useEffect(() => {
        register({
            prove: () => ask("proof"),
            signIn: () => ask("session"),
            enrol: () => void cache.invalidateQueries({ queryKey: keyOf("get-me") }),
        });
        return () => register(undefined);
    }, [ask, cache]);
    const settle = (done) => {
        asked?.answer(done);
        setAsked(undefined);
    };
    const signOut = useCallback(async () => {
        register(undefined);
        try {
            await call("sign-out");
        }
        catch (error) {
            if (failureOf(error).status !== 401)
                throw error;
        }
        cache.clear();
        go(to.signIn, { replace: true });
        location.reload();
    }, [cache, go]);
    const session = useMemo(() => ({ account, operator, signOut }), [account, operator, signOut]);
    const rights = useMemo(() => {
        const set = new Set(account.rights);
        return { role: account.role, has: (right) => set.has(right) };
    }, [account]);
    return (_jsx(SessionContext.Provider, { value: session, children: _jsxs(RightsContext.Provider, { value: rights, children: [account.enrol_only ? (_jsx(Suspense, { fallback: null, children: _jsx(Factor, { forced: true }) })) : (children), _jsx(Prove, { open: asked?.what === "proof", operator: operator, settle: settle }), _jsx(SignInAgain, { open: asked?.what === "session", operator: operator, settle: settle }), _jsx(Ending, { account: account })] }) }));
}
function Prove({ open, operator, settle }) {
    const [password, setPassword] = useState("");
    const [code, setCode] = useState("");
    const [failure, setFailure] = useState();
    const [running, setRunning] = useState(false);
    useEffect(() => {
        if (!open)
            return;
        setPassword("");
        setCode("");
        setFailure(undefined);
    }, [open]);
    const prove = async () => {
        setRunning(true);
        try {
            await call("prove-session", { body: { password, code: code.replaceAll(" ", "") } });
            settle(true);
        }
        catch (error) {
            setFailure(failureOf(error));
        }
        setRunning(false);
    };
    return (_jsx(Box, { title: "Show that it is you", open: open, close: () => settle(false), firm: true, children: _jsxs(FormBox, { failure: failure, submit: prove, children: [_jsx("p", { children: "This step can do harm, so it asks for your password once more. The proof counts for ten minutes. What you have entered is kept." }), _jsx("input", { type: "text", name: "username", autoComplete: "username", value: operator.email, readOnly: true, hidden: true }), _jsx(TextInput, { label: "Password", name: "password", type: "password", autoComplete: "current-password", value: password, onChange: setPassword, required: true, autoFocus: true }), operator.mfa_enrolled && (_jsx(TextInput, { label: "Code of the second factor", name: "code", value: code, onChange: setCode, required: true, autoComplete: "one-time-code", about: "The six digits in your authenticator app, or a recovery code.", mono: true })), _jsx(ByProvider, { operator: operator, fresh: true, done: () => settle(true) }), _jsx(Submit, { running: running, cancel: () => settle(false), children: "Go on" })] }) }));
}
function SignInAgain({ open, operator, settle }) {
    const [password, setPassword] = useState("");
    const [code, setCode] = useState("");
    const [needsCode, setNeedsCode] = useState(false);
    const [failure, setFailure] = useState();
    const [running, setRunning] = useState(false);
    useEffect(() => {
        if (!open)
            return;
        setPassword("");
        setCode("");
        setFailure(undefined);
    }, [open]);
    const signIn = async () => {
        setRunning(true);
        setFailure(undefined);
        try {
            const account = await call("sign-in", {
                body: { email: operator.email, password, ...(code ? { code: code.replaceAll(" ", "") } : {}) },
            });
            if (account.operator?.id !== operator.id)
                location.reload();
            settle(true);
        }
        catch (error) {
            const failed = failureOf(error);
            if (failed.field === "code" && !needsCode)
                setNeedsCode(true);
            else
                setFailure(failed);
        }
        setRunning(false);
    };
    return (_jsx(Box, { title: "Your session has ended", open: open, close: () => location.reload(), stuck: true, children: _jsxs(FormBox, { failure: failure, submit: signIn, children: [_jsxs("p", { children: ["Sign in again as ", _jsx("strong", { children: operator.email }), " to go on. What you have entered on the page is kept."] }), _jsx("input", { type: "text", name: "username", autoComplete: "username", value: operator.email, readOnly: true, hidden: true }), _jsx(TextInput, { label: "Password", name: "password", type: "password", autoComplete: "current-password", value: password, onChange: setPassword, required: true, autoFocus: true }), needsCode && (_jsx(TextInput, { label: "Code of the second factor", name: "code", value: code, onChange: setCode, required: true, autoComplete: "one-time-code", mono: true, autoFocus: true })), _jsx(ByProvider, { operator: operator, done: () => settle(true) }), _jsxs("div", { className: "form-foot", children: [_jsx(Action, { look: "quiet", onPress: () => location.reload(), children: "Leave this page" }), _jsx(Action, { submit: true, look: "primary", running: running, children: "Sign in" })] })] }) }));
}
function ByProvider({ operator, fresh, done }) {
    const { data } = useRead("list-sign-in-methods", {}, { every: false });
    const [away, setAway] = useState(false);
    const finish = useRef(done);
    finish.current = done;
    useEffect(() => {
        if (!away)
            return;
        const look = async () => {
            const answer = await fetch(downloadURL("get-me", {}), { headers: { "Drawbridge-Background": "1" }, cache: "no-store" });
            if (!answer.ok)
                return;
            const account = (await answer.json());
            if (fresh && !account.recent_proof)
                return;
            clearInterval(timer);
            if (account.operator?.id === operator.id)
                finish.current();
            else
                location.reload();
        };
        const timer = setInterval(() => void look().catch(() => undefined), 1_000);
        return () => clearInterval(timer);
    }, [away, fresh, operator.id]);
    if (!data?.oidc)
        return null;
    return (_jsxs("p", { className: "about", children: ["Without a password here:", " ", _jsxs("a", { href: downloadURL("begin-oidc", { query: fresh ? { fresh } : {} }), target: "_blank", rel: "noopener", onClick: () => setAway(true), children: ["sign in with ", data.oidc.label] }), " ", "in another tab, and come back. What you have entered here is kept.", away && _jsx("span", { role: "status", children: " Waiting for the other tab." })] }));
}
function Ending({ account }) {
    const cache = useQueryClient();
    const ends = Math.min(...[account.idle_until, account.expires].map((at) => (at ? Date.parse(at) : Number.POSITIVE_INFINITY)));
    const last = account.expires ? Date.parse(account.expires) <= ends : false;
    const [left, setLeft] = useState(Number.POSITIVE_INFINITY);
    useEffect(() => {
        const look = () => setLeft(ends - now());
        look();
        const timer = setInterval(look, 1000);
        return () => clearInterval(timer);
    }, [ends]);
    const [told, setTold] = useState(0);
    const stay = () => {
        if (last)
            setTold(ends);
        else
            void cache.invalidateQueries({ queryKey: keyOf("get-me") });
    };
    const open = left > 0 && left < 120_000 && told !== ends;
    return (_jsxs(Box, { title: "You will be signed out soon", open: open, close: stay, alert: true, children: [_jsx("p", { children: last
                    ? "Your session reaches its maximum length. Save your work, and sign in again afterwards."
                    : `You have not used the console for a while. You are signed out in ${Math.max(1, Math.ceil(left / 1000))} seconds.` }), _jsx("div", { className: "form-foot", children: _jsx(Action, { look: "primary", onPress: stay, autoFocus: true, children: last ? "I understand" : "Stay signed in" }) })] }));
}
