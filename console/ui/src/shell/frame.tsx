// The frame around every page: navigation, the bar at the top, and the band that says inside which company one works.

import { useQueryClient } from "@tanstack/react-query";
import { Component, lazy, type ReactNode, Suspense, useCallback, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { Button, Dialog, Modal, ModalOverlay, Tooltip, TooltipTrigger } from "react-aria-components";
import { useLocation, useRoute } from "wouter";
import { follow } from "../api/changes.ts";
import { awaySince, call, watchServer } from "../api/client.ts";
import { useRead } from "../api/query.ts";
import { Action, IconAction, More, Name, To, useRights } from "../parts/basic.tsx";
import { clockSkew, useNow } from "../parts/clock.ts";
import { Icon, type IconName } from "../parts/icon.tsx";
import { Logo, useProvider } from "../parts/logo.tsx";
import { CompanyName } from "../parts/names.tsx";
import { Skeleton } from "../parts/state.tsx";
import { complain, say, Toasts, useQuick } from "../parts/toast.tsx";
import { clock, count, lasting, many, roleTitle, tidy } from "../parts/words.ts";
import { remember, remembered, to, useScroll } from "./place.ts";
import { useSession } from "./session.tsx";

const loadPalette = () => import("./palette.tsx");
const Palette = lazy(loadPalette);
// Loads the palette before it is opened, so that it gets what is typed right after its keys.
const prepare = () => void loadPalette().catch(() => undefined);
const loadHelp = () => import("./help.tsx");
const Help = lazy(loadHelp);

interface Section {
	href: string;
	text: string;
	icon: IconName;
	/** One of these is needed to see anything there. */
	rights?: string[];
}

const sections: Section[] = [
	{ href: to.home, text: "Home", icon: "home" },
	{ href: to.companies, text: "Companies", icon: "building" },
	{ href: to.people, text: "People", icon: "people" },
	{ href: to.connections, text: "Connections", icon: "plug" },
	{ href: to.alerts, text: "Alerts", icon: "bell" },
	{ href: to.billing, text: "Seats & billing", icon: "coins", rights: ["tenant.billing"] },
	{ href: to.audit, text: "Audit", icon: "scroll", rights: ["tenant.record", "provider.record"] },
	{ href: to.administrators, text: "Administrators", icon: "shield", rights: ["operator.read"] },
	{ href: to.webhooks, text: "Webhooks", icon: "pulse", rights: ["webhook.read"] },
	{ href: to.targets, text: "Targets", icon: "upload", rights: ["target.read"] },
	{ href: to.projects, text: "Google projects", icon: "key", rights: ["project.read"] },
	{ href: to.server, text: "Server", icon: "server", rights: ["server.manage"] },
	{ href: to.settings, text: "Settings", icon: "gear" },
];

export function Frame({ children }: { children: ReactNode }) {
	const [drawer, setDrawer] = useState(false);
	const [palette, setPalette] = useState(false);
	const [help, setHelp] = useState(false);
	const [path, go] = useLocation();
	const search = useCallback(() => openLoaded(loadPalette, () => setPalette(true)), []);
	const assist = useCallback(() => openLoaded(loadHelp, () => setHelp(true)), []);
	const cache = useQueryClient();
	const begun = useRef(useSession().account.changes); // before anything else was read
	useScroll();
	useEffect(() => setDrawer(false), [path]);
	useEffect(() => {
		const end = new AbortController();
		void follow(cache, begun.current, end.signal);
		return () => end.abort();
	}, [cache]);
	useEffect(() => {
		let end: (() => void) | undefined;
		let here = true;
		void import("./keys.ts")
			.then(({ listen }) => {
				if (here) end = listen({ go, search, help: assist });
			})
			.catch(() => undefined); // the keys are missing until the page is loaded again
		return () => {
			here = false;
			end?.();
		};
	}, [go, search, assist]);
	useEffect(() => {
		const keys = (event: KeyboardEvent) => {
			if (event.key === "Control" || event.key === "Meta") prepare();
			if (event.key.toLowerCase() === "k" && (event.metaKey || event.ctrlKey) && !event.shiftKey && !event.altKey) {
				event.preventDefault();
				search();
			}
		};
		addEventListener("keydown", keys);
		return () => removeEventListener("keydown", keys);
	}, [search]);
	return (
		<div className="frame">
			<a className="skip" href="#main">
				Skip to the content
			</a>
			<aside className="side">
				<Navigation />
			</aside>
			<div className="stage">
				<header className="bar">
					<span className="bar-menu">
						<IconAction icon="menu" label="Open the navigation" onPress={() => setDrawer(true)} />
					</span>
					<Button className="find" onHoverStart={prepare} onPress={search}>
						<Icon name="search" />
						<span>Search or jump to…</span>
						<kbd>{/Mac|iPhone|iPad/.test(navigator.userAgent) ? "⌘K" : "Ctrl K"}</kbd>
					</Button>
					<span className="bar-end">
						<IconAction icon="info" label="Help" onPress={assist} />
						<Bell />
					</span>
				</header>
				<Away />
				<Band />
				<main id="main" tabIndex={-1}>
					<Guard key={path.split("/").slice(0, 3).join("/")}>
						<Suspense fallback={<Skeleton rows={8} />}>{children}</Suspense>
					</Guard>
				</main>
			</div>
			<ModalOverlay className="overlay overlay-drawer" isOpen={drawer} onOpenChange={setDrawer} isDismissable>
				<Modal className="drawer">
					<Dialog aria-label="Navigation" className="side side-drawer">
						<Navigation />
					</Dialog>
				</Modal>
			</ModalOverlay>
			{palette && (
				<Suspense fallback={null}>
					<Palette close={() => setPalette(false)} />
				</Suspense>
			)}
			{help && (
				<Suspense fallback={null}>
					<Help close={() => setHelp(false)} />
				</Suspense>
			)}
			<Toasts />
		</div>
	);
}

function Navigation() {
	const [path] = useLocation();
	const rights = useRights();
	const alerts = useOpenAlerts();
	const provider = useProvider();
	return (
		<>
			<To href={to.home} className="brand" label="Drawbridge, home">
				<Logo mark={provider?.logo} />
				{!provider?.logo && <span>Drawbridge</span>}
			</To>
			<nav aria-label="Main">
				<ul className="nav">
					{sections.map((s) => {
						const here = s.href === "/" ? path === "/" : path.startsWith(s.href);
						const lack = s.rights && !s.rights.some((r) => rights.has(r)) ? s.rights[0] : undefined;
						return (
							<li key={s.href}>
								{lack ? (
									<TooltipTrigger delay={200}>
										<Button
											className="nav-item is-off"
											{...({ "aria-disabled": true } as object)}
											onPress={() => complain(`Your role, ${roleTitle(rights.role)}, lacks the right ${lack}.`)}
										>
											<Icon name={s.icon} />
											<span>{s.text}</span>
											<Icon name="lock" size={12} />
										</Button>
										<Tooltip className="tooltip" placement="right">
											Your role lacks the right {lack}.
										</Tooltip>
									</TooltipTrigger>
								) : (
									<NavLink section={s} here={here} count={s.href === to.alerts ? alerts : 0} />
								)}
							</li>
						);
					})}
				</ul>
			</nav>
			<Account />
		</>
	);
}

function NavLink({ section, here, count: n }: { section: Section; here: boolean; count: number }) {
	return (
		<span aria-current={here ? "page" : undefined} className="nav-here">
			<To href={section.href} className="nav-item">
				<Icon name={section.icon} />
				<span>{section.text}</span>
				{n > 0 && (
					<span className="nav-count">
						{n >= 100 ? "99+" : count(n)}
						<span className="visually-hidden"> open</span>
					</span>
				)}
			</To>
		</span>
	);
}

/** How many alerts are open, at most a hundred of them. */
function useOpenAlerts(): number {
	const alerts = useRead("list-alerts", { query: { limit: 100 } });
	return alerts.data?.items.filter((a) => a.state === "open").length ?? 0;
}

function Bell() {
	const alerts = useOpenAlerts();
	const text = alerts ? many(alerts, "open alert", "open alerts") : "No open alerts";
	return (
		<TooltipTrigger delay={400}>
			<To href={to.alerts} className={`icon-button bell${alerts ? " bell-on" : ""}`} label={text}>
				<Icon name="bell" size={18} />
			</To>
			<Tooltip className="tooltip">{text}</Tooltip>
		</TooltipTrigger>
	);
}

function Account() {
	const { operator, signOut } = useSession();
	const theme = useTheme();
	const name = tidy(`${operator.first_name} ${operator.last_name}`);
	return (
		<div className="me">
			<div className="me-who">
				<Name text={name} short />
				<span className="faint">{roleTitle(operator.role)}</span>
			</div>
			<More
				label="My account"
				choices={[
					{ id: "account", text: "My account", icon: "user", href: to.account },
					{
						id: "light",
						text: "Light theme",
						icon: theme.chosen === "light" ? "check" : "sun",
						run: () => theme.choose("light"),
						apart: true,
					},
					{ id: "dark", text: "Dark theme", icon: theme.chosen === "dark" ? "check" : "sun", run: () => theme.choose("dark") },
					{ id: "system", text: "Theme of the system", icon: theme.chosen === "" ? "check" : "sun", run: () => theme.choose("") },
					{ id: "out", text: "Sign out", icon: "leave", run: () => void signOut().catch(complain), apart: true },
				]}
			/>
		</div>
	);
}

/** The theme that was chosen in this browser; "" follows the system. */
export function useTheme(): { chosen: string; choose(theme: string): void } {
	const [chosen, set] = useState(remembered("theme"));
	return {
		chosen,
		choose(theme) {
			remember("theme", theme);
			if (theme) document.documentElement.dataset.theme = theme;
			else delete document.documentElement.dataset.theme;
			set(theme);
		},
	};
}

/** Says that the server does not answer, and since when what is shown may be old. */
function Away() {
	const since = useSyncExternalStore(watchServer, awaySince);
	const cache = useQueryClient();
	const skew = clockSkew();
	useNow();
	useEffect(() => {
		if (since === undefined) return;
		const timer = setInterval(() => call("get-me").catch(() => undefined), 4_000);
		return () => {
			clearInterval(timer);
			void cache.invalidateQueries(); // the server answers again: read what could not be read
		};
	}, [since, cache]);
	return (
		<>
			{since !== undefined && (
				<div className="strip strip-bad" role="alert">
					<Icon name="warning" />
					<span>
						The server does not answer. What you see is as of {clock(new Date(since + skew))}. The console asks again every few seconds, and
						keeps what you have entered.
					</span>
				</div>
			)}
			{Math.abs(skew) > 120_000 && (
				<div className="strip strip-warn" role="status">
					<Icon name="clock" />
					<span>
						The clock of this computer is {lasting(Math.abs(skew) / 1000)} {skew > 0 ? "behind" : "ahead of"} the server's. The console
						shows the time of the server.
					</span>
				</div>
			)}
		</>
	);
}

const insideKey = "inside";

/** Notes that the operator entered a company, so that every page says so. */
export function noteInside(company: string): void {
	remember(insideKey, company);
}

/** The band that says inside which company one works, on every page. */
function Band() {
	const [match, params] = useRoute("/companies/:company/*?");
	const company = match && params.company ? decodeURIComponent(params.company) : remembered(insideKey);
	if (!company) return null;
	return <BandOf key={company} company={company} here={!!match} />;
}

function BandOf({ company, here }: { company: string; here: boolean }) {
	const { operator } = useSession();
	const entries = useRead("list-support-sessions", { path: { tenant: company } }, { every: 60_000 });
	const leave = useQuick("leave-tenant", () => {
		remember(insideKey, "");
		say("You have left the company.");
	});
	const mine = entries.data?.items.find((e) => e.operator === operator.id);
	useEffect(() => {
		if (entries.isError && !here) remember(insideKey, "");
		if (entries.data && mine) remember(insideKey, company);
	}, [entries.data, entries.isError, mine, company, here]);
	if (!mine) return null;
	return (
		<div className="band" role="status">
			<Icon name="enter" />
			<span>
				Inside{" "}
				<To href={to.company(company)} className="band-link">
					<CompanyName slug={company} />
				</To>{" "}
				since {clock(mine.since)}, until {clock(mine.until)}
				{mine.reason && (
					<>
						. Reason: <Name text={mine.reason} short />
					</>
				)}
			</span>
			<Action small icon="leave" running={leave.running} onPress={() => leave.run({ path: { tenant: company } })}>
				Leave
			</Action>
		</div>
	);
}

/** Keeps a fault of one page from taking the frame along, and loads a newer build where the one that runs is gone. */
class Guard extends Component<{ children: ReactNode }, { error?: Error }> {
	override state: { error?: Error } = {};

	static getDerivedStateFromError(error: Error) {
		return { error };
	}

	private timer = 0;

	override componentDidCatch(error: Error) {
		if (missing(error)) void this.reload();
	}

	override componentWillUnmount() {
		clearTimeout(this.timer);
	}

	/** Loads the console again as soon as the server answers. Before that, the browser would show a page of its own instead. */
	private reload = async () => {
		if (!(await answers())) {
			this.timer = window.setTimeout(() => void this.reload(), 3_000);
			return;
		}
		// The server was updated under the open page. Its new files are loaded once; if that does not help, the page says so.
		const last = Number(sessionStorage.getItem("drawbridge.reload") ?? 0);
		if (Date.now() - last < 30_000) return;
		sessionStorage.setItem("drawbridge.reload", String(Date.now()));
		location.reload();
	};

	override render() {
		const { error } = this.state;
		if (!error) return this.props.children;
		return (
			<div className="empty empty-failed" role="alert">
				<span className="empty-icon">
					<Icon name="warning" size={22} />
				</span>
				<h1 className="h3">{missing(error) ? "This page could not be loaded" : "This page has a fault"}</h1>
				<p>
					{missing(error)
						? "The server does not answer, or it was updated while the console was open. The page is loaded as soon as the server answers."
						: error.message}
				</p>
				<Action look="primary" onPress={() => void answers().then((yes) => (yes ? location.reload() : complain(noAnswer)))}>
					Load the page again
				</Action>
			</div>
		);
	}
}

/** Whether the server gives its pages. */
function answers(): Promise<boolean> {
	return fetch(location.pathname, { cache: "no-store" }).then(
		(answer) => answer.ok,
		() => false,
	);
}

const noAnswer = "This could not be loaded, because the server does not answer.";

/** Opens what is in a file of its own once that is there. */
function openLoaded(load: () => Promise<unknown>, open: () => void): void {
	load().then(open, () => complain(noAnswer));
}

/** Whether a module could not be loaded. */
function missing(error: Error): boolean {
	return /import|module|fetch/i.test(error.message);
}
