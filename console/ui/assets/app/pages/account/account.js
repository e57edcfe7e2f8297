import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useState } from "react";
import { useAction, useList, useRead } from "../../api/query.js";
import { Action, Card, Fact, Facts, Head, Name, Note, Tag, Time, ToButton } from "../../parts/basic.js";
import { Box, Confirm, SecretBox } from "../../parts/dialog.js";
import { Choose, FormBox, Refusal, Submit, TextInput } from "../../parts/form.js";
import { useCompanyNames } from "../../parts/names.js";
import { View } from "../../parts/state.js";
import { say } from "../../parts/toast.js";
import { clientName, day, exact, list, roleTitle } from "../../parts/words.js";
import { useTheme } from "../../shell/frame.js";
import { remember, remembered, to, useTitle } from "../../shell/place.js";
import { useSession } from "../../shell/session.js";
import { Mails } from "../operator/mails.js";
import { RecoveryCodes } from "../session/factor.js";
export default function Account() {
    useTitle("My account");
    const { operator: me, account } = useSession();
    return (_jsxs(_Fragment, { children: [_jsx(Head, { title: "My account", sub: me.email }), _jsxs("div", { className: "columns-2-1", children: [_jsxs("div", { className: "stack", children: [_jsx(Password, { email: me.email }), _jsx(Factor, {}), _jsx(Sessions, {}), _jsx(Keys, {})] }), _jsxs("div", { className: "stack", children: [_jsxs(Card, { title: "Profile", children: [_jsxs(Facts, { children: [_jsx(Fact, { name: "Name", children: _jsx(Name, { text: `${me.first_name} ${me.last_name}` }) }), _jsx(Fact, { name: "Role", children: roleTitle(me.role) }), _jsx(Fact, { name: "Companies", children: me.all_tenants ? "all, and future ones" : me.tenants.length ? _jsx(Companies, { slugs: me.tenants }) : "none yet" }), _jsx(Fact, { name: "Last sign-in", children: _jsx(Time, { at: me.last_sign_in, none: "never" }) })] }), _jsxs("details", { className: "disclosure", children: [_jsx("summary", { children: "My rights" }), _jsx("ul", { className: "rights", children: account.rights.map((r) => (_jsx("li", { className: "mono", children: r }, r))) })] })] }), _jsx(Looks, {}), _jsx(Card, { title: "Mails that I get", children: _jsx(Mails, { operator: "me" }) })] })] })] }));
}
function Companies({ slugs }) {
    const names = useCompanyNames(slugs);
    return list(slugs.map((slug) => names.get(slug) ?? slug));
}
function Password({ email }) {
    const [present, setPresent] = useState("");
    const [wanted, setWanted] = useState("");
    const change = useAction("change-password", () => say("The password is changed. All other sessions have ended."));
    const run = async () => {
        if (await change.run({ body: { present, wanted } })) {
            setPresent("");
            setWanted("");
        }
    };
    return (_jsx(Card, { title: "Password", children: _jsxs(FormBox, { failure: change.failure, submit: () => void run(), children: [_jsx("input", { type: "text", name: "username", autoComplete: "username", value: email, readOnly: true, hidden: true }), _jsxs("div", { className: "columns", children: [_jsx(TextInput, { label: "Present password", name: "present", type: "password", autoComplete: "current-password", value: present, onChange: setPresent, required: true }), _jsx(TextInput, { label: "New password", name: "wanted", type: "password", autoComplete: "new-password", value: wanted, onChange: setWanted, required: true, about: "At least twelve characters." })] }), _jsx(Submit, { running: change.running, children: "Change the password" })] }) }));
}
function Factor() {
    const { operator: me } = useSession();
    const [asked, setAsked] = useState();
    const [code, setCode] = useState("");
    const [codes, setCodes] = useState();
    const renew = useAction("new-recovery-codes");
    const remove = useAction("remove-mfa", () => say("The second factor is removed."));
    const current = asked === "remove" ? remove : renew;
    const away = () => {
        renew.clear();
        remove.clear();
        setCode("");
        setAsked(undefined);
    };
    const run = async () => {
        const body = { code: code.replace(/\s/g, "") };
        if (asked === "remove") {
            if (await remove.run({ body }))
                away();
            return;
        }
        const made = await renew.run({ body });
        if (made) {
            setCodes(made.codes);
            away();
        }
    };
    return (_jsxs(Card, { title: "Second factor", children: [_jsx("p", { children: me.mfa_enrolled ? (_jsxs(_Fragment, { children: [_jsx(Tag, { tone: "good", children: "Enrolled" }), " ", me.recovery_codes, " recovery codes are left."] })) : (_jsxs(_Fragment, { children: [_jsx(Tag, { tone: me.mfa_required ? "warn" : "quiet", children: "Not enrolled" }), " With a second factor, a stolen password is not enough to sign in."] })) }), me.mfa_enrolled && me.recovery_codes <= 3 && _jsx(Note, { tone: "warn", children: "Make new recovery codes before the last one is used." }), _jsx("div", { className: "row", children: me.mfa_enrolled ? (_jsxs(_Fragment, { children: [_jsx(Action, { onPress: () => setAsked("codes"), children: "New recovery codes" }), _jsx(Action, { onPress: () => setAsked("remove"), not: me.mfa_required ? "A second factor is required of you." : undefined, children: "Remove" })] })) : (_jsx(ToButton, { href: to.factor, look: "primary", icon: "shield", children: "Set up" })) }), _jsx(Box, { title: asked === "remove" ? "Remove the second factor?" : "New recovery codes", open: asked !== undefined, close: away, children: _jsxs(FormBox, { failure: current.failure, submit: () => void run(), children: [_jsx("p", { children: asked === "remove" ? "After that, the password alone is enough to sign in." : "The old codes stop working." }), _jsx(TextInput, { label: "Six digits, or a recovery code", name: "code", value: code, onChange: setCode, required: true, mono: true, autoFocus: true, autoComplete: "one-time-code" }), _jsx(Submit, { running: current.running, cancel: away, danger: asked === "remove", children: asked === "remove" ? "Remove" : "Make new ones" })] }) }), _jsx(Box, { title: "Store your recovery codes", open: codes !== undefined, close: () => setCodes(undefined), stuck: true, children: codes && _jsx(RecoveryCodes, { codes: codes, account: me.email, done: () => setCodes(undefined) }) })] }));
}
function Sessions() {
    const sessions = useRead("list-my-sessions", { query: { limit: 100 } });
    const end = useAction("end-my-session", () => say("The session is ended."));
    const { signOut } = useSession();
    const [ending, setEnding] = useState();
    return (_jsxs(Card, { title: "Where I am signed in", flush: true, children: [_jsx(View, { reading: sessions, rows: 3, children: (page) => (_jsx("ul", { className: "rows", children: page.items.map((s) => (_jsxs("li", { className: "line", children: [_jsxs("div", { className: "line-main", children: [_jsxs("span", { children: [_jsx(Name, { text: clientName(s.user_agent), short: true }), " ", s.current && _jsx(Tag, { tone: "good", children: "this one" })] }), _jsxs("span", { className: "faint", children: [s.address || "address unknown", ", since ", exact(s.created), ", last used ", _jsx(Time, { at: s.last_used ?? s.created })] })] }), _jsx(Action, { small: true, onPress: () => (s.current ? void signOut() : setEnding(s)), children: s.current ? "Sign out" : "End" })] }, s.id))) })) }), _jsx(Confirm, { title: "End this session?", open: ending !== undefined, close: () => {
                    end.clear();
                    setEnding(undefined);
                }, verb: "End it", failure: end.failure, running: end.running, run: async () => ending && (await end.run({ path: { session: ending.id } })) && setEnding(undefined), children: _jsxs("p", { children: [_jsx(Name, { text: clientName(ending?.user_agent) }), " is signed out at once."] }) })] }));
}
function Keys() {
    const { operator: me } = useSession();
    const keys = useList("list-my-api-keys");
    const [making, setMaking] = useState(false);
    const [label, setLabel] = useState("");
    const [expires, setExpires] = useState("");
    const [issued, setIssued] = useState();
    const create = useAction("create-my-api-key");
    const revoke = useAction("revoke-my-api-key", () => say("The key is revoked."));
    const run = async () => {
        const made = await create.run({
            body: { label: label.trim() || undefined, expires: expires ? new Date(`${expires}T12:00:00`).toISOString() : undefined },
        });
        if (made) {
            setMaking(false);
            setLabel("");
            setExpires("");
            setIssued(made);
        }
    };
    return (_jsxs(Card, { title: "API keys", flush: true, actions: _jsx(Action, { small: true, icon: "plus", not: me.api_access ? undefined : "API access is off. An administrator grants it under Administrators, Permissions & access.", onPress: () => setMaking(true), children: "Make a key" }), children: [_jsx(View, { reading: keys, rows: 2, children: () => (keys.rows ?? []).length === 0 ? (_jsx("p", { className: "card-pad faint", children: me.api_access ? "No key yet. A program uses a key to work as you." : "API access is off. An administrator can grant it." })) : (_jsx("ul", { className: "rows", children: (keys.rows ?? []).map((k) => (_jsxs("li", { className: "line", children: [_jsxs("div", { className: "line-main", children: [_jsxs("span", { children: [_jsxs("span", { className: "mono", children: [k.prefix, "\u2026"] }), " ", k.label && _jsx(Name, { text: k.label, short: true }), " ", k.status !== "live" && _jsx(Tag, { children: k.status })] }), _jsxs("span", { className: "faint", children: ["Made ", day(k.created), k.expires && `, ends ${day(k.expires)}`, ", last used ", _jsx(Time, { at: k.last_used, none: "never" })] })] }), k.status === "live" && (_jsx(Action, { small: true, running: revoke.running, onPress: () => revoke.run({ path: { key: k.id } }), children: "Revoke" }))] }, k.id))) })) }), revoke.failure && (_jsx("div", { className: "card-pad", children: _jsx(Refusal, { failure: revoke.failure }) })), _jsx(Box, { title: "Make an API key", open: making, close: () => {
                    create.clear();
                    setMaking(false);
                }, children: _jsxs(FormBox, { failure: create.failure, submit: () => void run(), children: [_jsx(TextInput, { label: "Label", name: "label", value: label, onChange: setLabel, maxLength: 100, placeholder: "Nightly report", autoFocus: true }), _jsx(TextInput, { label: "Ends on", name: "expires", type: "date", value: expires, onChange: setExpires, about: "Empty: never." }), _jsx(Submit, { running: create.running, cancel: () => setMaking(false), children: "Make it" })] }) }), _jsx(SecretBox, { title: "Your API key", open: issued !== undefined, close: () => setIssued(undefined), secrets: [{ label: "Send it as a Bearer token", text: issued?.secret ?? "", what: "the key" }] })] }));
}
function Looks() {
    const theme = useTheme();
    const [density, setDensity] = useState(remembered("density") || "comfortable");
    const choose = (next) => {
        setDensity(next);
        remember("density", next === "compact" ? "compact" : "");
        if (next === "compact")
            document.documentElement.dataset.density = "compact";
        else
            delete document.documentElement.dataset.density;
    };
    return (_jsxs(Card, { title: "How the console looks", children: [_jsx(Choose, { label: "Theme", name: "theme", value: theme.chosen || "system", onChange: (next) => theme.choose(next === "system" ? "" : next), required: true, options: [
                    { id: "system", text: "Same as the system" },
                    { id: "light", text: "Light" },
                    { id: "dark", text: "Dark" },
                ] }), _jsx(Choose, { label: "Rows of tables", name: "density", value: density, onChange: choose, required: true, options: [
                    { id: "comfortable", text: "Comfortable" },
                    { id: "compact", text: "Compact" },
                ] }), _jsx("p", { className: "about", children: "Kept in this browser." })] }));
}
