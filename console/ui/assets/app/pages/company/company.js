import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { lazy, Suspense, useState } from "react";
import { useParams } from "wouter";
import { useRead } from "../../api/query.js";
import { Action, Badge, Code, Head, lackOf, Name, Tabs, To, useRights } from "../../parts/basic.js";
import { CopyLink } from "../../parts/json.js";
import { Empty, Needs, Skeleton, View } from "../../parts/state.js";
import { useQuick } from "../../parts/toast.js";
import { count, tenantStates, tidy } from "../../parts/words.js";
import { to, useTitle } from "../../shell/place.js";
import { useSession } from "../../shell/session.js";
import { Enter } from "./enter.js";
const sections = [
    { id: "", text: "Overview", page: lazy(() => import("./overview.js")) },
    { id: "people", text: "People", page: lazy(() => import("../user/section.js")) },
    { id: "groups", text: "Groups", page: lazy(() => import("../group/section.js")) },
    { id: "connections", text: "Connections", page: lazy(() => import("./connections.js")) },
    { id: "billing", text: "Seats & billing", page: lazy(() => import("../billing/company.js")) },
    { id: "alerts", text: "Alerts", page: lazy(() => import("../alert/company.js")) },
    { id: "audit", text: "Audit", page: lazy(() => import("../audit/company.js")), right: "tenant.record", reads: "tenant.record" },
    { id: "settings", text: "Settings", page: lazy(() => import("./settings.js")) },
    { id: "hand-over", text: "Hand-over", page: lazy(() => import("../handover/handover.js")), right: "tenant.hand_over" },
];
export default function Company() {
    const { company: raw, "*": path } = useParams();
    const company = decodeURIComponent(raw ?? "");
    const overview = useRead("get-tenant-overview", { path: { tenant: company } });
    const [id = "", ...rest] = (path ?? "").split("/").map(decodeURIComponent);
    const section = sections.find((s) => s.id === id);
    useTitle(`${section?.text ?? "Company"} · ${tidy(overview.data?.tenant.name ?? company)}`);
    return (_jsx(View, { reading: overview, what: "The company", level: 1, children: (data) => (_jsxs(_Fragment, { children: [rest.length > 0 && id !== "audit" && !named.includes(rest[0] ?? "") ? (_jsx(CompanyLine, { company: company, overview: data })) : (_jsx(CompanyHead, { overview: data })), _jsx(Sections, { company: company, current: id, overview: data }), section ? (_jsx(Needs, { any: [section.reads ?? "tenant.read"], children: _jsx(Suspense, { fallback: _jsx(Skeleton, { rows: 8 }), children: _jsx(section.page, { company: company, overview: data, rest: rest }) }) })) : (_jsx(Empty, { title: "There is no such page" }))] })) }));
}
const named = ["", "invitations", "deletion-requests", "import", "auto-deletions"];
function CompanyLine({ company, overview }) {
    return (_jsx("p", { className: "company-line", children: _jsx(To, { href: to.company(company), className: "line-title", children: _jsx(Name, { text: overview.tenant.name, short: true }) }) }));
}
function CompanyHead({ overview }) {
    const { tenant, inside } = overview;
    const { operator } = useSession();
    const [entering, setEntering] = useState(false);
    const leave = useQuick("leave-tenant");
    const mine = inside.some((e) => e.operator === operator.id);
    const others = inside.filter((e) => e.operator !== operator.id);
    return (_jsxs(Head, { title: _jsx(Name, { text: tenant.name }), badge: _jsxs(_Fragment, { children: [_jsx(Badge, { word: tenant.plan_missing ? { text: "Plan missing", tone: "bad" } : tenantStates[tenant.status] }), _jsx(CopyLink, { to: "this company" })] }), sub: _jsxs(_Fragment, { children: [_jsx(Code, { text: tenant.slug, what: "the id of the company" }), " \u00B7 ", tenant.plan, tenant.data_region && ` · data in ${tenant.data_region}`, tenant.customer_number && ` · no. ${tidy(tenant.customer_number)}`, tenant.tags.map((tag) => (_jsx(To, { href: `${to.companies}?tag=${encodeURIComponent(tag)}`, className: "tag tag-quiet tag-link", children: tag }, tag))), others.length > 0 && (_jsxs(_Fragment, { children: [" · ", others.length === 1 ? _jsx(Name, { text: others[0]?.name || "Another operator", short: true }) : `${count(others.length)} operators`, " ", "inside now"] }))] }), children: [mine ? (_jsx(Action, { icon: "leave", running: leave.running, onPress: () => leave.run({ path: { tenant: tenant.slug } }), children: "Leave" })) : (_jsx(Action, { icon: "enter", look: "primary", right: "tenant.enter", onPress: () => setEntering(true), children: "Launch" })), _jsx(Enter, { tenant: entering ? tenant.slug : undefined, name: tenant.name, close: () => setEntering(false) })] }));
}
function Sections({ company, current, overview }) {
    const rights = useRights();
    const counts = {
        alerts: overview.alerts.filter((a) => a.state === "open").length,
    };
    return (_jsx(Tabs, { label: "Sections of the company", current: current, sections: sections.map((s) => ({
            id: s.id,
            text: s.text,
            href: to.company(company, s.id),
            count: counts[s.id],
            lacks: lackOf(rights, s.right),
        })) }));
}
