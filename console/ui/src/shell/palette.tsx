// The palette: companies, people, connections, administrators and pages by a few letters.

import { useState } from "react";
import {
	Autocomplete,
	Dialog,
	Header,
	Input,
	Menu,
	MenuItem,
	MenuSection,
	Modal,
	ModalOverlay,
	SearchField,
	Text,
} from "react-aria-components";
import { useLocation, useRoute } from "wouter";
import { useRead } from "../api/query.ts";
import type { User } from "../api/schema.ts";
import { type Rights, useRights } from "../parts/basic.tsx";
import { Icon, type IconName } from "../parts/icon.tsx";
import { useCompanyNames } from "../parts/names.tsx";
import { useLate } from "../parts/state.tsx";
import { tidy, typeTitle } from "../parts/words.ts";
import { to } from "./place.ts";

interface Hit {
	id: string;
	text: string;
	about?: string;
	icon: IconName;
	href: string;
	/** One of these is needed to see anything there. */
	rights?: string[];
	/** Why it cannot be chosen. */
	not?: string;
}

/** Why a role cannot use something. */
function lackOf(rights: Rights, hit: Hit): string | undefined {
	if (!hit.rights || hit.rights.some((r) => rights.has(r))) return undefined;
	return `Your role lacks the right ${hit.rights[0]}.`;
}

export default function Palette({ close }: { close: () => void }) {
	const [text, setText] = useState("");
	const [, go] = useLocation();
	const groups = useHits(text.trim());
	const all = groups.flatMap((g) => g.hits);
	const choose = (hit: Hit | undefined) => {
		if (!hit || hit.not) return;
		close();
		go(hit.href);
	};
	return (
		<ModalOverlay className="overlay overlay-palette" isOpen onOpenChange={(open) => !open && close()} isDismissable>
			<Modal className="palette">
				<Dialog aria-label="Search or jump to" className="palette-dialog">
					<Autocomplete inputValue={text} onInputChange={setText}>
						<SearchField className="palette-search" aria-label="Search or jump to" autoFocus>
							<Icon name="search" />
							<Input
								className="palette-input"
								placeholder="A company, a person, a connection, a request id, a page…"
								onKeyDownCapture={(event) => {
									// An answer that arrives while the operator types removes the mark from the first entry, or the entry that
									// has it. Enter still chooses the first one.
									const marked = event.currentTarget.getAttribute("aria-activedescendant");
									if (event.key !== "Enter" || (marked && document.getElementById(marked))) return;
									event.preventDefault();
									event.stopPropagation();
									choose(all.find((h) => !h.not));
								}}
							/>
						</SearchField>
						{/* The arrow keys move through the list from the field; the list itself can be reached and scrolled too. */}
						{/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by the keyboard */}
						<section className="palette-scroll" aria-label="Results" tabIndex={0}>
							<Menu
								className="palette-list"
								aria-label="Results"
								onAction={(key) => choose(all.find((h) => h.id === key))}
								renderEmptyState={() => <p className="list-empty">Nothing found.</p>}
							>
								{groups
									.filter((g) => g.hits.length)
									.map((g) => (
										<MenuSection key={g.title} className="palette-group">
											<Header>{g.title}</Header>
											{g.hits.map((h) => (
												<MenuItem key={h.id} id={h.id} className="menu-item" textValue={h.text} isDisabled={!!h.not}>
													<Icon name={h.icon} />
													<Text slot="label" className="item-text">
														<bdi>{h.text}</bdi>
														{(h.not || h.about) && <span className="item-about"> {h.not ?? h.about}</span>}
													</Text>
												</MenuItem>
											))}
										</MenuSection>
									))}
							</Menu>
						</section>
					</Autocomplete>
				</Dialog>
			</Modal>
		</ModalOverlay>
	);
}

const pages: Hit[] = [
	{ id: "p-home", text: "Home", icon: "home", href: to.home },
	{ id: "p-companies", text: "Companies", icon: "building", href: to.companies },
	{ id: "p-add", text: "Add a company", icon: "plus", href: `${to.companies}?add=new`, rights: ["tenant.create"] },
	{ id: "p-people", text: "People", icon: "people", href: to.people },
	{ id: "p-connections", text: "Connections", icon: "plug", href: to.connections },
	{ id: "p-alerts", text: "Alerts", icon: "bell", href: to.alerts },
	{ id: "p-billing", text: "Seats & billing", icon: "coins", href: to.billing, rights: ["tenant.billing"] },
	{ id: "p-audit", text: "Audit", icon: "scroll", href: to.audit, rights: ["tenant.record", "provider.record"] },
	{ id: "p-administrators", text: "Administrators", icon: "shield", href: to.administrators, rights: ["operator.read"] },
	{ id: "p-webhooks", text: "Webhooks", icon: "pulse", href: to.webhooks, rights: ["webhook.read"] },
	{ id: "p-targets", text: "Targets", icon: "upload", href: to.targets, rights: ["target.read"] },
	{ id: "p-projects", text: "Google projects", icon: "key", href: to.projects, rights: ["project.read"] },
	{ id: "p-server", text: "Server", icon: "server", href: to.server, rights: ["server.manage"] },
	{ id: "p-settings", text: "Settings", icon: "gear", href: to.settings },
	{ id: "p-account", text: "My account", icon: "user", href: to.account },
];

/** What can be opened or begun in the company whose page is open. */
function companyHits(slug: string, name: string): Hit[] {
	const about = tidy(name);
	const at = (tab: string) => to.company(slug, tab);
	return [
		{ id: "s-people", text: "People", about, icon: "people", href: at("people") },
		{ id: "s-add", text: "Add a person", about, icon: "plus", href: `${at("people")}?add=person`, rights: ["user.manage"] },
		{ id: "s-import", text: "Import a table", about, icon: "upload", href: at("people/import"), rights: ["user.manage"] },
		{ id: "s-invitations", text: "Invitations", about, icon: "mail", href: at("people/invitations") },
		{ id: "s-requests", text: "Deletion requests", about, icon: "trash", href: at("people/deletion-requests") },
		{ id: "s-groups", text: "Groups", about, icon: "group", href: at("groups") },
		{ id: "s-connections", text: "Connections", about, icon: "plug", href: at("connections") },
		{
			id: "s-connect",
			text: "Connect an identity provider",
			about,
			icon: "plus",
			href: `${to.connections}?connect=${encodeURIComponent(slug)}`,
			rights: ["connection.manage"],
		},
		{ id: "s-billing", text: "Seats & billing", about, icon: "coins", href: at("billing") },
		{ id: "s-audit", text: "Audit", about, icon: "scroll", href: at("audit"), rights: ["tenant.record"] },
		{ id: "s-settings", text: "Settings", about, icon: "gear", href: at("settings") },
	];
}

/** What can be done to a person, without a way through the page. */
function verbHits(tenant: string, u: User, company: string): Hit[] {
	const name = tidy(u.display_name || u.user_name);
	const suspended = u.state === "suspended";
	return [
		{
			id: `v-${tenant}-${u.id}`,
			text: `${suspended ? "Release" : "Suspend"} ${name}`,
			about: tidy(company),
			icon: suspended ? "play" : "pause",
			href: `${to.person(tenant, u.id)}?do=${suspended ? "release" : "suspend"}`,
			rights: ["user.suspend"],
		},
	];
}

/** The id of a request, as messages and the journal show it. */
const requestId = /^[0-9a-f]{12}-[0-9a-z]+$/;

interface Reading<T> {
	data?: { items: T[] };
	isPlaceholderData: boolean;
}

/** What was found. Until the answer for a text is there, that is what an earlier answer has of it: Enter must not open anything else. */
function answered<T>({ data, isPlaceholderData: earlier }: Reading<T>, wanted: string, words: (item: T) => (string | undefined)[]): T[] {
	const items = data?.items ?? [];
	return earlier ? items.filter((item) => words(item).some((word) => word?.toLowerCase().includes(wanted))) : items;
}

function useHits(text: string): { title: string; hits: Hit[] }[] {
	const rights = useRights();
	const asked = useLate(0) && text.length > 0;
	const companies = useRead("list-tenants", { query: { q: text, limit: 8 } }, { enabled: asked, keep: true, every: false });
	const connections = useRead("list-connections", { query: { q: text, limit: 6 } }, { enabled: asked, keep: true, every: false });
	const operators = useRead(
		"list-operators",
		{ query: { q: text, limit: 6 } },
		{ enabled: asked && rights.has("operator.read"), keep: true, every: false },
	);
	const people = useRead("search-users", { query: { q: text, limit: 6 } }, { enabled: asked && text.length > 2, keep: true, every: false });
	const [here, route] = useRoute("/companies/:company/*?");
	const slug = here ? decodeURIComponent(route.company ?? "") : "";
	const name = useCompanyNames(slug ? [slug] : []).get(slug) ?? slug;
	const wanted = text.toLowerCase();
	const matching = (hits: Hit[]) =>
		hits.filter((h) => h.text.toLowerCase().includes(wanted)).map((h) => ({ ...h, not: lackOf(rights, h) }));
	const own = slug ? [{ title: name, hits: matching(companyHits(slug, name)) }] : [];
	if (!text) return [...own, { title: "Pages", hits: matching(pages) }];
	if (requestId.test(text)) {
		const hit: Hit = { id: "r", text: `Audit lines of the request ${text}`, icon: "scroll", href: `${to.audit}?request=${text}` };
		return [
			{ title: "Requests", hits: [{ ...hit, rights: ["tenant.record"], not: lackOf(rights, { ...hit, rights: ["tenant.record"] }) }] },
		];
	}
	const found = text.length > 2 ? answered(people, wanted, (f) => [f.user.display_name, f.user.user_name]) : [];
	return [
		...own,
		{
			title: "Companies",
			hits: answered(companies, wanted, (t) => [t.name, t.slug]).map((t) => ({
				id: `c-${t.slug}`,
				text: tidy(t.name),
				about: t.slug,
				icon: "building" as const,
				href: to.company(t.slug),
			})),
		},
		{
			title: "People",
			hits: found.map((f) => ({
				id: `u-${f.tenant}-${f.user.id}`,
				text: tidy(f.user.display_name || f.user.user_name),
				about: `${f.user.user_name}, ${tidy(f.tenant_name)}`,
				icon: "user" as const,
				href: to.person(f.tenant, f.user.id),
			})),
		},
		{
			title: "Actions",
			hits: found.slice(0, 3).flatMap((f) => verbHits(f.tenant, f.user, f.tenant_name).map((h) => ({ ...h, not: lackOf(rights, h) }))),
		},
		{
			title: "Connections",
			hits: answered(connections, wanted, (c) => [c.slug]).map((c) => ({
				id: `k-${c.slug}`,
				text: c.slug,
				about: typeTitle(c.type),
				icon: "plug" as const,
				href: to.connection(c.slug),
			})),
		},
		{
			title: "Administrators",
			hits: answered(operators, wanted, (o) => [`${o.first_name} ${o.last_name}`, o.email]).map((o) => ({
				id: `o-${o.id}`,
				text: tidy(`${o.first_name} ${o.last_name}`),
				about: o.email,
				icon: "user" as const,
				href: `${to.administrators}?open=${o.id}`,
			})),
		},
		{ title: "Pages", hits: matching(pages) },
	];
}
