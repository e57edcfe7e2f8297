import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useEffect, useState } from "react";
import { useLocation } from "wouter";
import { call, failureOf } from "../../api/client.js";
import { useAction, useRead } from "../../api/query.js";
import { Action, Fact, Facts, Name, useRights } from "../../parts/basic.js";
import { Country } from "../../parts/country.js";
import { Box } from "../../parts/dialog.js";
import { FileDrop } from "../../parts/file.js";
import { Choose, FormBox, Pick, Refusal, TextInput, Tick } from "../../parts/form.js";
import { OperatorList } from "../../parts/operators.js";
import { say } from "../../parts/toast.js";
import { count, exact, people, slugOf } from "../../parts/words.js";
import { to } from "../../shell/place.js";
const empty = {
    name: "",
    slug: "",
    website: "",
    country: "",
    lines: "",
    locality: "",
    postal: "",
    region: "",
    plan: "",
    seats: "",
    onboarding: "",
    next: "idp",
    operators: [],
};
const firstFields = ["name", "slug", "website", "data_region", "country", "lines", "locality", "postal_code"];
export function AddCompany({ open, close }) {
    const [form, setForm] = useState(empty);
    const [step, setStep] = useState(1);
    const [ownSlug, setOwnSlug] = useState(false);
    const rights = useRights();
    const [, go] = useLocation();
    const plans = useRead("list-plans", { query: { limit: 100 } }, { enabled: open, every: false });
    const create = useAction("create-tenant");
    const put = (change) => setForm((old) => ({ ...old, ...change }));
    const billing = rights.has("tenant.billing");
    const away = () => {
        create.clear();
        setStep(1);
        close();
    };
    const run = async () => {
        if (step === 1) {
            setStep(2);
            return;
        }
        const address = { country: form.country, lines: form.lines, locality: form.locality, postal_code: form.postal };
        const made = await create.run({
            body: {
                name: form.name.trim(),
                slug: form.slug || undefined,
                website: form.website.trim() || undefined,
                ...(Object.values(address).some(Boolean) ? { address } : {}),
                data_region: form.region || undefined,
                operators: form.operators.length ? form.operators.map((o) => o.id) : undefined,
                overrides: form.onboarding ? { onboarding: form.onboarding } : undefined,
                ...(billing ? { plan: form.plan || undefined, seats: form.seats ? Number(form.seats) : undefined } : {}),
            },
        });
        if (!made)
            return;
        say(`${made.name} is added.`);
        setForm(empty);
        setStep(1);
        setOwnSlug(false);
        close();
        go(form.next === "idp" ? `${to.connections}?connect=${encodeURIComponent(made.slug)}` : to.company(made.slug));
    };
    const failure = create.failure;
    useEffect(() => {
        if (failure?.status === 409 || firstFields.includes(failure?.field.split(".").pop() ?? ""))
            setStep(1);
    }, [failure]);
    return (_jsx(Box, { title: "Add a company", sub: step === 1 ? "Step 1 of 2: the company" : "Step 2 of 2: plan, and what comes next", open: open, close: away, firm: true, children: _jsxs(FormBox, { failure: create.failure, submit: run, children: [step === 1 ? (_jsxs(_Fragment, { children: [_jsx(TextInput, { label: "Name", name: "name", value: form.name, onChange: (name) => put(ownSlug ? { name } : { name, slug: slugOf(name) }), required: true, autoFocus: true, maxLength: 200, placeholder: "Acme Ltd" }), _jsx(TextInput, { label: "Slug", name: "slug", value: form.slug, onChange: (slug) => {
                                setOwnSlug(slug !== "");
                                put({ slug });
                            }, maxLength: 40, mono: true, about: "It is part of addresses and cannot be changed later. Lower-case letters, digits and hyphens." }), _jsx(TextInput, { label: "Website", name: "website", value: form.website, onChange: (website) => put({ website }), maxLength: 500, placeholder: "https://acme.example" }), _jsxs("div", { className: "columns", children: [_jsx(Country, { value: form.country, onChange: (country) => put({ country }) }), _jsx(TextInput, { label: "City", name: "locality", value: form.locality, onChange: (locality) => put({ locality }), maxLength: 100 })] }), _jsxs("div", { className: "columns", children: [_jsx(TextInput, { label: "Street", name: "lines", value: form.lines, onChange: (lines) => put({ lines }), maxLength: 500 }), _jsx(TextInput, { label: "Postal code", name: "postal_code", value: form.postal, onChange: (postal) => put({ postal }), maxLength: 40 })] }), _jsx(TextInput, { label: "Data region", name: "data_region", value: form.region, onChange: (region) => put({ region }), maxLength: 40, about: "Where its data is kept. The country of the address does not decide this." })] })) : (_jsxs(_Fragment, { children: [_jsx(Pick, { label: "Plan", name: "plan", value: form.plan, onChange: (plan) => put({ plan }), not: billing ? undefined : "Your role may not choose it. The company gets the first plan with SCIM.", options: (plans.data?.items ?? []).map((p) => ({
                                id: p.name,
                                text: p.title || p.name,
                                about: p.scim ? undefined : "Without SCIM: people are invited by e-mail.",
                            })), about: "Without a choice it gets the first plan with SCIM." }), _jsx(TextInput, { label: "Purchased seats", name: "seats", value: form.seats, onChange: (seats) => put({ seats: seats.replace(/\D/g, "") }), inputMode: "numeric", not: billing ? undefined : "Your role may not choose the number of seats.", about: "Empty: as many as the plan allows." }), _jsx(Pick, { label: "New people", name: "onboarding", value: form.onboarding || "*", onChange: (onboarding) => put({ onboarding: onboarding === "*" ? "" : onboarding }), required: true, options: [
                                { id: "*", text: "As the plan or the default says" },
                                { id: "direct", text: "Active at once" },
                                { id: "invite", text: "By invitation", about: "A mail with a link first." },
                            ], about: "The settings of the company can change it later." }), _jsx(Choose, { label: "What comes next", name: "next", value: form.next, onChange: (next) => put({ next }), required: true, options: [
                                { id: "idp", text: "Connect an identity provider now", about: "You get a base URL and a secret for it." },
                                { id: "later", text: "Later", about: "You see the page of the company." },
                            ] }), _jsx("p", { className: "about", children: "You get access to every company that you add. So does everybody with access to all companies." }), rights.has("operator.manage") && _jsx(OperatorList, { value: form.operators, onChange: (operators) => put({ operators }) })] })), _jsxs("div", { className: "form-foot", children: [_jsx(Action, { look: "quiet", onPress: step === 1 ? away : () => setStep(1), children: step === 1 ? "Cancel" : "Back" }), _jsx(Action, { submit: true, look: "primary", running: create.running, children: step === 1 ? "Next" : "Add the company" })] })] }) }));
}
export function LinkCompany({ open, close }) {
    const [file, setFile] = useState();
    const [slug, setSlug] = useState("");
    const [report, setReport] = useState();
    const [trusted, setTrusted] = useState(false);
    const [failure, setFailure] = useState();
    const [running, setRunning] = useState(false);
    const [, go] = useLocation();
    const send = async (dry) => {
        if (!file)
            return;
        setRunning(true);
        setFailure(undefined);
        try {
            const answer = await call("link-tenant", {
                query: { slug: slug || undefined, dry_run: dry || undefined, trust: report && trusted ? report.signed_by : undefined },
                upload: file,
            });
            if (dry)
                setReport(answer);
            else {
                say(`${answer.name} is linked.`);
                away();
                go(to.company(answer.tenant));
            }
        }
        catch (error) {
            setFailure(failureOf(error));
        }
        setRunning(false);
    };
    const away = () => {
        setFile(undefined);
        setReport(undefined);
        setFailure(undefined);
        setTrusted(false);
        setSlug("");
        close();
    };
    return (_jsx(Box, { title: "Link a company", sub: "Its people, groups and history come from the installation that handed it over.", open: open, close: away, firm: true, children: _jsxs("div", { className: "form", children: [_jsx(FileDrop, { label: "The hand-over bundle", about: "A file that ends in .tar.gz", accept: ".gz,.tgz,application/gzip", file: file, take: (next) => {
                        setFile(next);
                        setReport(undefined);
                        setFailure(undefined);
                    } }), _jsx(TextInput, { label: "Another slug", name: "slug", value: slug, onChange: setSlug, mono: true, maxLength: 40, about: "Empty: the slug that it had." }), report && (_jsxs(_Fragment, { children: [_jsxs(Facts, { children: [_jsxs(Fact, { name: "Company", children: [_jsx(Name, { text: report.name }), " ", _jsx("span", { className: "faint mono", children: report.tenant })] }), _jsx(Fact, { name: "Signed by", children: _jsx("span", { className: "mono wrap", children: report.signed_by }) }), _jsx(Fact, { name: "Handed over", children: exact(report.unlinked) }), _jsx(Fact, { name: "Data region", children: report.data_region || "not stated" }), _jsx(Fact, { name: "Plan", children: report.plan }), _jsxs(Fact, { name: "Seats", children: [count(report.occupied), " in use of ", report.limit ? count(report.limit) : "no limit"] }), _jsx(Fact, { name: "People", children: people(report.lines.users ?? 0) }), _jsxs(Fact, { name: "Connections", children: [report.connections.length ? report.connections.join(", ") : "none", "; each needs a new credential"] })] }), _jsx(Tick, { label: "I have compared the key with the other installation", about: "The key is shown under \u201CSigned by\u201D. The other installation shows it under Settings.", checked: trusted, onChange: setTrusted })] })), failure && _jsx(Refusal, { failure: failure }), _jsxs("div", { className: "form-foot", children: [_jsx(Action, { look: "quiet", onPress: away, children: "Cancel" }), report ? (_jsx(Action, { look: "primary", running: running, onPress: () => send(false), not: trusted ? undefined : "Compare the key first.", children: "Link the company" })) : (_jsx(Action, { look: "primary", running: running, onPress: () => send(true), not: file ? undefined : "Choose the bundle first.", children: "Look at it" }))] })] }) }));
}
