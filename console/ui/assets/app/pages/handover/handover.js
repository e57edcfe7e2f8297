import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useState } from "react";
import { downloadURL } from "../../api/client.js";
import { useAction, useList, useRead } from "../../api/query.js";
import { Action, Badge, Card, Code, Download, Fact, Facts, Name, Note, To, useLack } from "../../parts/basic.js";
import { Confirm, Consequences } from "../../parts/dialog.js";
import { FormBox, Submit, TextInput } from "../../parts/form.js";
import { Icon } from "../../parts/icon.js";
import { CompanyName } from "../../parts/names.js";
import { View } from "../../parts/state.js";
import { say } from "../../parts/toast.js";
import { exact, many, people, tenantStates } from "../../parts/words.js";
import { to } from "../../shell/place.js";
import { DeleteCompany } from "./deletion.js";
export default function HandOver({ company, overview }) {
    const state = useRead("get-handover", { path: { tenant: company } }, { every: 10_000 });
    return (_jsx("div", { className: "narrow", children: _jsx(View, { reading: state, children: (s) => s.status === "active" ? (_jsxs(_Fragment, { children: [_jsx(Before, { company: company, overview: overview }), _jsx(DeleteCompany, { company: company })] })) : (_jsx(After, { company: company, state: s })) }) }));
}
function Before({ company, overview }) {
    const owners = useList("list-members", { path: { tenant: company, group: "owners" } });
    const [asked, setAsked] = useState(false);
    const lack = useLack("tenant.hand_over");
    const unlink = useAction("unlink-tenant", () => say("The company is being handed over."));
    const n = owners.rows?.length ?? 0;
    const { tenant } = overview;
    const active = tenant.users.active ?? 0;
    return (_jsxs(_Fragment, { children: [_jsxs("p", { className: "page-sub", children: ["A signed bundle takes the people, groups and history of the company to another installation, which imports it with", " ", _jsx("strong", { children: "Link from a bundle" }), "."] }), _jsx(Card, { title: "What it needs", children: _jsxs("ul", { className: "todo", children: [_jsxs("li", { children: [_jsx(Icon, { name: n > 0 ? "check" : "warning", size: 14 }), " ", n > 0 ? (`It has ${many(n, "Owner", "Owners")} of its own.`) : (_jsxs(_Fragment, { children: ["It needs an active Owner of its own. ", _jsx(To, { href: to.group(company, "owners"), children: "Name one" })] }))] }), _jsxs("li", { children: [_jsx(Icon, { name: "info", size: 14 }), " ", tenant.data_region
                                    ? `Its data is kept in ${tenant.data_region}. An installation of another region refuses it.`
                                    : "Its data region is not stated."] })] }) }), _jsx("div", { className: "form-foot", children: _jsx(Action, { look: "danger", not: lack, onPress: () => setAsked(true), children: "Hand over" }) }), _jsx(Confirm, { title: _jsxs(_Fragment, { children: ["Hand ", _jsx(Name, { text: tenant.name, short: true }), " over?"] }), open: asked, close: () => {
                    unlink.clear();
                    setAsked(false);
                }, verb: "Hand over", danger: true, reason: "may", typed: company, failure: unlink.failure, running: unlink.running, run: async (reason) => (await unlink.run({ path: { tenant: company }, body: { reason: reason || undefined } })) && setAsked(false), children: _jsx(Consequences, { items: [
                        `${many(tenant.connections.length, "connection is", "connections are")} closed and all credentials are revoked.`,
                        "All operators lose their access.",
                        `Applications get nothing more about its ${people(active)}, and learn that the company left.`,
                        "The bundle can be downloaded. The data stays for a grace time, and the company can be taken back until then.",
                    ] }) })] }));
}
function After({ company, state: s }) {
    const [manifest, setManifest] = useState("");
    const [asked, setAsked] = useState(false);
    const lack = useLack("tenant.hand_over");
    const confirm = useAction("confirm-bundle", () => say("It is confirmed that the bundle arrived."));
    const back = useAction("take-back-tenant", () => say("The company is served again."));
    return (_jsxs(_Fragment, { children: [_jsxs(Card, { title: "Hand-over", actions: _jsx(Badge, { word: tenantStates[s.status] ?? { text: s.status, tone: "quiet" } }), children: [_jsxs(Facts, { children: [s.since && (_jsxs(Fact, { name: "Begun", children: [exact(s.since), " ", s.by && `by ${s.by}`] })), s.reason && _jsx(Fact, { name: "Reason", children: s.reason }), s.until && _jsx(Fact, { name: "Kept until", children: exact(s.until) }), s.confirmed && _jsx(Fact, { name: "Receipt confirmed", children: exact(s.confirmed) }), s.gone && _jsx(Fact, { name: "Erased", children: exact(s.gone) }), s.manifest && (_jsx(Fact, { name: "Manifest", children: _jsx(Code, { text: s.manifest, what: "the manifest", block: true }) }))] }), s.status !== "gone" && (_jsxs("div", { className: "row", children: [lack ? (_jsx(Note, { children: lack })) : (_jsx(Download, { href: downloadURL("get-bundle", { path: { tenant: company } }), children: "Download the bundle" })), _jsx(Action, { right: "tenant.hand_over", onPress: () => setAsked(true), children: "Take it back" })] }))] }), s.status === "unlinked" && !s.confirmed && (_jsx(Card, { title: "Confirm that the other installation has it", children: _jsxs(FormBox, { failure: confirm.failure, submit: () => void confirm.run({ path: { tenant: company }, body: { manifest: manifest.trim() } }), children: [_jsx("p", { children: "The other installation shows the manifest of the bundle after it has imported the company. The same manifest here proves that the bundle arrived complete." }), _jsx(TextInput, { label: "Manifest", name: "manifest", value: manifest, onChange: setManifest, required: true, mono: true, not: lack }), _jsx(Submit, { running: confirm.running, right: "tenant.hand_over", children: "Confirm" })] }) })), _jsx(Confirm, { title: _jsxs(_Fragment, { children: ["Take ", _jsx(CompanyName, { slug: company }), " back?"] }), open: asked, close: () => {
                    back.clear();
                    setAsked(false);
                }, verb: "Take it back", reason: "may", failure: back.failure, running: back.running, run: async (reason) => (await back.run({ path: { tenant: company }, body: { reason: reason || undefined } })) && setAsked(false), children: _jsx(Consequences, { items: [
                        "The company is served here again, as it was.",
                        "Its connections need new credentials.",
                        "If another installation serves it already, there are two copies: agree on one first.",
                    ] }) })] }));
}
