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
import { useLocation } from "wouter";
import { useRead } from "../api/query.ts";
import { useRights } from "../parts/basic.tsx";
import { Icon, type IconName } from "../parts/icon.tsx";
import { useLate } from "../parts/state.tsx";
import { tidy, typeTitle } from "../parts/words.ts";
import { to } from "./place.ts";

interface Hit {
	id: string;
	text: string;
	about?: string;
	icon: IconName;
	href: string;
}

export default function Palette({ close }: { close: () => void }) {
	const [text, setText] = useState("");
	const [, go] = useLocation();
	const groups = useHits(text.trim());
	const all = groups.flatMap((g) => g.hits);
	const choose = (hit: Hit | undefined) => {
		if (!hit) return;
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
								placeholder="A company, a person, a connection, a page…"
								onKeyDownCapture={(event) => {
									// An answer that arrives while the operator types removes the mark from the first entry. Enter still chooses it.
									if (event.key !== "Enter" || event.currentTarget.getAttribute("aria-activedescendant")) return;
									event.preventDefault();
									event.stopPropagation();
									choose(all[0]);
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
												<MenuItem key={h.id} id={h.id} className="menu-item" textValue={h.text}>
													<Icon name={h.icon} />
													<Text slot="label" className="item-text">
														<bdi>{h.text}</bdi>
														{h.about && <span className="item-about"> {h.about}</span>}
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
	{ id: "p-add", text: "Add a company", icon: "plus", href: `${to.companies}?add=new` },
	{ id: "p-people", text: "People", icon: "people", href: to.people },
	{ id: "p-connections", text: "Connections", icon: "plug", href: to.connections },
	{ id: "p-alerts", text: "Alerts", icon: "bell", href: to.alerts },
	{ id: "p-billing", text: "Seats & billing", icon: "coins", href: to.billing },
	{ id: "p-audit", text: "Audit", icon: "scroll", href: to.audit },
	{ id: "p-administrators", text: "Administrators", icon: "shield", href: to.administrators },
	{ id: "p-webhooks", text: "Webhooks", icon: "pulse", href: to.webhooks },
	{ id: "p-targets", text: "Targets", icon: "upload", href: to.targets },
	{ id: "p-projects", text: "Google projects", icon: "key", href: to.projects },
	{ id: "p-server", text: "Server", icon: "server", href: to.server },
	{ id: "p-settings", text: "Settings", icon: "gear", href: to.settings },
	{ id: "p-account", text: "My account", icon: "user", href: to.account },
];

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
	const matching = pages.filter((p) => p.text.toLowerCase().includes(text.toLowerCase()));
	if (!text) return [{ title: "Pages", hits: pages }];
	return [
		{
			title: "Companies",
			hits: (companies.data?.items ?? []).map((t) => ({
				id: `c-${t.slug}`,
				text: tidy(t.name),
				about: t.slug,
				icon: "building" as const,
				href: to.company(t.slug),
			})),
		},
		{
			title: "People",
			hits: (text.length > 2 ? (people.data?.items ?? []) : []).map((f) => ({
				id: `u-${f.tenant}-${f.user.id}`,
				text: tidy(f.user.display_name || f.user.user_name),
				about: `${f.user.user_name}, ${tidy(f.tenant_name)}`,
				icon: "user" as const,
				href: to.person(f.tenant, f.user.id),
			})),
		},
		{
			title: "Connections",
			hits: (connections.data?.items ?? []).map((c) => ({
				id: `k-${c.slug}`,
				text: c.slug,
				about: typeTitle(c.type),
				icon: "plug" as const,
				href: to.connection(c.slug),
			})),
		},
		{
			title: "Administrators",
			hits: (operators.data?.items ?? []).map((o) => ({
				id: `o-${o.id}`,
				text: tidy(`${o.first_name} ${o.last_name}`),
				about: o.email,
				icon: "user" as const,
				href: `${to.administrators}?open=${o.id}`,
			})),
		},
		{ title: "Pages", hits: matching },
	];
}
