// The small parts that every page is made of: buttons, badges, names, times, meters.

import { type CSSProperties, createContext, type ReactNode, useContext, useEffect, useLayoutEffect, useRef, useState } from "react";
import {
	Button as AriaButton,
	Link as AriaLink,
	type ButtonProps,
	Menu,
	MenuItem,
	MenuTrigger,
	Popover,
	Separator,
	Text,
	Tooltip,
	TooltipTrigger,
} from "react-aria-components";
import { now as exactNow, useNow } from "./clock.ts";
import { Icon, type IconName } from "./icon.tsx";
import { complain, say } from "./toast.tsx";
import { count, exact, relative, roleTitle, type Tone, tidy, type Word } from "./words.ts";

// ---- rights

/** What the operator who is signed in may do. */
export interface Rights {
	role: string;
	has(right: string): boolean;
}

export const RightsContext = createContext<Rights>({ role: "", has: () => false });

export function useRights(): Rights {
	return useContext(RightsContext);
}

/** Why a right is missing, or undefined if it is there. */
export function useLack(right: string | undefined): string | undefined {
	const rights = useRights();
	if (!right || rights.has(right)) return undefined;
	return `Your role, ${roleTitle(rights.role)}, lacks the right ${right}.`;
}

// ---- buttons and links

type Look = "primary" | "plain" | "quiet" | "danger";

export interface ActionProps {
	children: ReactNode;
	onPress?: () => void;
	look?: Look;
	icon?: IconName;
	/** The right that it needs: without it the button says why it does nothing. */
	right?: string;
	/** Why it cannot be used now, for another reason than a right. */
	not?: string;
	running?: boolean;
	submit?: boolean;
	small?: boolean;
	label?: string;
	autoFocus?: boolean;
}

/** A button. One that cannot be used stays reachable and says why. */
export function Action({ children, onPress, look = "plain", icon, right, not, running, submit, small, label, autoFocus }: ActionProps) {
	const lack = useLack(right);
	const why = lack ?? not;
	const className = `button button-${look}${small ? " button-small" : ""}${why ? " is-off" : ""}`;
	const inside = (
		<>
			{running ? <span className="spinner" /> : icon && <Icon name={icon} />}
			<span>{children}</span>
		</>
	);
	if (!why) {
		// A button that works keeps the focus. It is not disabled, which would lose it.
		const off = running ? ({ "aria-disabled": true } as ButtonProps) : undefined;
		return (
			<AriaButton
				className={className}
				onPress={running ? undefined : onPress}
				type={submit && !running ? "submit" : "button"}
				aria-label={label}
				autoFocus={autoFocus}
				{...off}
			>
				{inside}
			</AriaButton>
		);
	}
	return (
		<TooltipTrigger delay={200}>
			<AriaButton className={className} {...({ "aria-disabled": true } as ButtonProps)} aria-label={label} onPress={() => complain(why)}>
				{inside}
			</AriaButton>
			<Tooltip className="tooltip">{why}</Tooltip>
		</TooltipTrigger>
	);
}

/** A button that is an icon; its label is shown as a tooltip. One that cannot be used says why there. */
export function IconAction({
	icon,
	label,
	onPress,
	pressed,
	right,
}: {
	icon: IconName;
	label: string;
	onPress?: () => void;
	pressed?: boolean;
	/** The right that it needs. */
	right?: string;
}) {
	const lack = useLack(right);
	const off = lack ? ({ "aria-disabled": true } as ButtonProps) : undefined;
	return (
		<TooltipTrigger delay={400}>
			<AriaButton
				className={`icon-button${lack ? " is-off" : ""}`}
				aria-label={label}
				aria-pressed={pressed}
				onPress={lack ? () => complain(lack) : onPress}
				{...off}
			>
				<Icon name={icon} />
			</AriaButton>
			<Tooltip className="tooltip">{lack ?? label}</Tooltip>
		</TooltipTrigger>
	);
}

/** A link inside the console. */
export function To({
	href,
	children,
	className = "link",
	label,
}: {
	href: string;
	children: ReactNode;
	className?: string;
	label?: string;
}) {
	return (
		<AriaLink href={href} className={className} aria-label={label}>
			{children}
		</AriaLink>
	);
}

/** A link that looks like a button. */
export function ToButton({
	href,
	children,
	icon,
	look = "plain",
	right,
}: {
	href: string;
	children: ReactNode;
	icon?: IconName;
	look?: Look;
	/** The right that it needs. */
	right?: string;
}) {
	const lack = useLack(right);
	if (lack) {
		return (
			<Action look={look} icon={icon} not={lack}>
				{children}
			</Action>
		);
	}
	return (
		<AriaLink href={href} className={`button button-${look}`}>
			{icon && <Icon name={icon} />}
			<span>{children}</span>
		</AriaLink>
	);
}

/** A link to a file that the browser downloads. */
export function Download({ href, children, name }: { href: string; children: ReactNode; name?: string }) {
	return (
		<a className="button button-plain" href={href} download={name ?? true}>
			<Icon name="download" />
			<span>{children}</span>
		</a>
	);
}

// ---- menus

export interface Choice {
	id: string;
	text: string;
	icon?: IconName;
	danger?: boolean;
	right?: string;
	not?: string;
	about?: string;
	href?: string;
	run?: () => void;
	/** A line is drawn above it. */
	apart?: boolean;
}

/** A menu that a button opens. */
export function More({
	choices,
	label = "More actions",
	children,
	look = "quiet",
	icon = "more",
}: {
	choices: Choice[];
	label?: string;
	children?: ReactNode;
	look?: Look;
	icon?: IconName;
}) {
	const rights = useRights();
	if (!choices.length) return null;
	return (
		<MenuTrigger>
			<AriaButton className={children ? `button button-${look}` : "icon-button"} aria-label={children ? undefined : label}>
				{children ? (
					<>
						<span>{children}</span>
						<Icon name="down" />
					</>
				) : (
					<Icon name={icon} />
				)}
			</AriaButton>
			<Popover className="popover" placement="bottom end">
				<Menu className="menu" aria-label={label}>
					{choices.flatMap((c) => {
						const lack = c.right && !rights.has(c.right) ? `Your role lacks the right ${c.right}.` : c.not;
						const item = (
							<MenuItem
								key={c.id}
								id={c.id}
								className={`menu-item${c.danger ? " menu-danger" : ""}`}
								textValue={c.text}
								href={lack ? undefined : c.href}
								isDisabled={!!lack}
								onAction={lack ? undefined : c.run}
							>
								{c.icon && <Icon name={c.icon} />}
								<Text slot="label" className="item-text">
									{c.text}
									{(lack || c.about) && <span className="item-about"> {lack ?? c.about}</span>}
								</Text>
							</MenuItem>
						);
						return c.apart ? [<Separator key={`${c.id}-line`} />, item] : [item];
					})}
				</Menu>
			</Popover>
		</MenuTrigger>
	);
}

/** A text that explains something when it is pointed at or focused. */
export function Tip({ text, children }: { text: string; children: ReactNode }) {
	return (
		<TooltipTrigger delay={300}>
			<AriaButton className="tip">{children}</AriaButton>
			<Tooltip className="tooltip">{text}</Tooltip>
		</TooltipTrigger>
	);
}

// ---- states

/** The shape of a tone, so that colour is never the only sign. */
export function Shape({ tone }: { tone: Tone }) {
	const d = {
		good: "M5 1a4 4 0 1 0 0 8 4 4 0 0 0 0-8Z",
		warn: "M5 1 9.2 8.6H.8Z",
		bad: "M5 .6 9.4 5 5 9.4.6 5Z",
		info: "M1.2 1.2h7.6v7.6H1.2Z",
		quiet: "M5 1.7a3.3 3.3 0 1 0 0 6.6 3.3 3.3 0 0 0 0-6.6Z",
		hold: "M2.5 1v8M7.5 1v8",
	}[tone];
	return (
		<svg className={`shape shape-${tone}`} width="10" height="10" viewBox="0 0 10 10" aria-hidden="true" focusable="false">
			<path d={d} />
		</svg>
	);
}

export function Badge({ word, title }: { word: Word | undefined; title?: string }) {
	if (!word) return null;
	return (
		<span className={`badge badge-${word.tone}`} title={title}>
			<Shape tone={word.tone} />
			{word.text}
		</span>
	);
}

/** A short remark beside a name. */
export function Tag({ children, tone = "quiet" }: { children: ReactNode; tone?: Tone }) {
	return <span className={`tag tag-${tone}`}>{children}</span>;
}

// ---- values

/** A name or another text of people. It keeps its own direction. */
export function Name({ text, short }: { text: string; short?: boolean }) {
	const clean = tidy(text) || "–";
	return (
		<bdi
			className={short ? "name name-short" : "name"}
			title={clean.length > 40 ? clean : undefined}
			// An address is read from left to right, in whatever script its first part is.
			dir={/^\S+@\S+$/.test(clean) ? "ltr" : undefined}
		>
			{clean}
		</bdi>
	);
}

/** A time as people say it, with the exact one as its title. */
export function Time({ at, none = "–" }: { at: string | undefined; none?: string }) {
	const ticked = useNow();
	if (!at) return <span className="faint">{none}</span>;
	// What happened since the last tick has happened, and is not to come.
	const now = Date.parse(at) > ticked ? exactNow() : ticked;
	return (
		<time dateTime={at} title={exact(at)}>
			{relative(at, now)}
		</time>
	);
}

export function Nothing({ children = "–" }: { children?: ReactNode }) {
	return <span className="faint">{children}</span>;
}

/** Seats in use of those there are. */
export function SeatMeter({ occupied, limit }: { occupied: number; limit: number }) {
	const share = limit > 0 ? Math.min(1, occupied / limit) : 0;
	const level = limit <= 0 ? "none" : share >= 1 ? "full" : share >= 0.9 ? "high" : "fine";
	return (
		<span className={`meter meter-${level}`}>
			<span className="meter-text">
				{count(occupied)}
				<span className="faint"> / {limit > 0 ? count(limit) : "no limit"}</span>
			</span>
			<span className="meter-bar" aria-hidden="true">
				<span className="meter-fill" style={{ "--share": `${share * 100}%` } as CSSProperties} />
			</span>
			{level === "full" && <span className="visually-hidden">All seats are in use.</span>}
		</span>
	);
}

/** Copies a text, and says so. */
export function useCopy(): (text: string, what: string) => void {
	return (text, what) => {
		navigator.clipboard.writeText(text).then(
			() => say(`${what} is copied.`),
			() => complain(`${what} could not be copied: this browser does not allow it. Select it and copy it by hand.`),
		);
	};
}

/** A value in a fixed font that can be copied. */
export function Code({ text, what, block }: { text: string; what: string; block?: boolean }) {
	const copy = useCopy();
	return (
		<span className={block ? "code code-block" : "code"}>
			<code>{text}</code>
			<IconAction icon="copy" label={`Copy ${what}`} onPress={() => copy(text, what.charAt(0).toUpperCase() + what.slice(1))} />
		</span>
	);
}

/** The id of a request, for a ticket or the search of the journal. */
export function RequestId({ id }: { id: string }) {
	return (
		<span className="faint">
			Request <Code text={id} what="the request id" />
		</span>
	);
}

/** Rows of a name and a value. */
export function Facts({ children }: { children: ReactNode }) {
	return <dl className="facts">{children}</dl>;
}

export function Fact({ name, children }: { name: string; children: ReactNode }) {
	return (
		<div className="fact">
			<dt>{name}</dt>
			<dd>{children}</dd>
		</div>
	);
}

/** A piece of a page with a title. */
export function Card({
	title,
	actions,
	children,
	tone,
	flush,
	id,
}: {
	title?: ReactNode;
	actions?: ReactNode;
	children: ReactNode;
	tone?: "warn" | "bad";
	/** The content reaches the edge, as a table does. */
	flush?: boolean;
	id?: string;
}) {
	return (
		<section className={`card${tone ? ` card-${tone}` : ""}${flush ? " card-flush" : ""}`} id={id}>
			{(title || actions) && (
				<header className="card-head">
					{title && <h2>{title}</h2>}
					{actions && <div className="row">{actions}</div>}
				</header>
			)}
			<div className="card-body">{children}</div>
		</section>
	);
}

/** A remark in a box. */
export function Note({
	tone = "info",
	children,
	action,
}: {
	tone?: "info" | "warn" | "bad" | "good";
	children: ReactNode;
	action?: ReactNode;
}) {
	return (
		<div className={`note note-${tone}`}>
			<Icon name={tone === "info" ? "info" : tone === "good" ? "check" : "warning"} />
			<div className="note-text">{children}</div>
			{action}
		</div>
	);
}

/** The head of a page. The title takes the focus when the page is opened from another one. */
export function Head({ title, sub, badge, children }: { title: ReactNode; sub?: ReactNode; badge?: ReactNode; children?: ReactNode }) {
	const heading = useRef<HTMLHeadingElement>(null);
	useEffect(() => {
		if (document.body.dataset.moved && (!document.activeElement || document.activeElement === document.body))
			heading.current?.focus({ preventScroll: true });
	}, []);
	return (
		<header className="page-head">
			<div className="page-title">
				<div className="row">
					<h1 ref={heading} tabIndex={-1}>
						{title}
					</h1>
					{badge}
				</div>
				{sub && <p className="page-sub">{sub}</p>}
			</div>
			{children && <div className="page-actions">{children}</div>}
		</header>
	);
}

/** Counts down in seconds and says when it is over. */
export function useCountdown(seconds: number): number {
	const [left, setLeft] = useState(seconds);
	useEffect(() => {
		setLeft(seconds);
		if (seconds <= 0) return;
		const end = Date.now() + seconds * 1000;
		const timer = setInterval(() => {
			const rest = Math.max(0, Math.ceil((end - Date.now()) / 1000));
			setLeft(rest);
			if (!rest) clearInterval(timer);
		}, 250);
		return () => clearInterval(timer);
	}, [seconds]);
	return left;
}

/** Content that is wider or higher than its place. It can be reached by the keyboard, so that it can be scrolled. */
export function Scroll({ label, children, high }: { label: string; children: ReactNode; high?: boolean }) {
	return (
		// biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by the keyboard
		<section className={high ? "scroll" : "scroll-x"} aria-label={label} tabIndex={0}>
			{children}
		</section>
	);
}

// ---- sections of a page

export interface Section {
	id: string;
	text: string;
	href: string;
	count?: number;
	/** The right that the operator lacks for it. */
	lacks?: string;
}

/** The right, if the operator lacks it. */
export function lackOf(rights: Rights, right: string | undefined): string | undefined {
	return right && !rights.has(right) ? right : undefined;
}

/** Links to the sections of a page. Those that do not fit are in a menu, but never the current one. */
export function Tabs({ label, current, sections }: { label: string; current: string; sections: Section[] }) {
	const bar = useRef<HTMLElement>(null);
	const rights = useRights();
	const [folded, setFolded] = useState("");
	const ids = sections.map((s) => s.id).join(" ");
	useLayoutEffect(() => {
		const nav = bar.current;
		if (!nav) return;
		const fit = () => setFolded(foldedIn(nav).join(","));
		fit();
		// A count and the font change how wide a section is.
		const seen = new ResizeObserver(fit);
		for (const element of [nav, ...nav.querySelectorAll("li")]) seen.observe(element);
		return () => seen.disconnect();
	}, [ids, current]);
	const away = new Set(folded ? folded.split(",").map(Number) : []);
	return (
		<nav className="tabs" aria-label={label} ref={bar}>
			<ul>
				{sections.map((s, i) => (
					<li key={s.id} className={away.has(i) ? "is-folded" : undefined}>
						{s.lacks ? (
							<span className="tab is-off" title={`Your role, ${roleTitle(rights.role)}, lacks the right ${s.lacks}.`}>
								{s.text}
								<span className="visually-hidden">: your role lacks the right {s.lacks}</span>
							</span>
						) : (
							<span aria-current={s.id === current ? "page" : undefined} className="tab-here">
								<To href={s.href} className="tab">
									{s.text}
									{s.count ? <span className="tab-count">{count(s.count)}</span> : null}
								</To>
							</span>
						)}
					</li>
				))}
			</ul>
			{away.size > 0 && (
				<More
					label="More sections"
					choices={sections
						.filter((_, i) => away.has(i))
						.map((s) => ({
							id: s.id,
							text: s.text,
							href: s.href,
							about: s.count ? count(s.count) : undefined,
							not: s.lacks && `Your role lacks the right ${s.lacks}.`,
						}))}
				>
					More<span className="visually-hidden"> sections</span>
				</More>
			)}
		</nav>
	);
}

/** The numbers of the sections that have no room: all after the first that has none. */
function foldedIn(nav: HTMLElement): number[] {
	const items = [...nav.querySelectorAll("li")];
	const here = items.findIndex((li) => li.querySelector("[aria-current]"));
	const gap = Number.parseFloat(getComputedStyle(nav.querySelector("ul") ?? nav).columnGap) || 0;
	const widths = items.map((li) => li.offsetWidth + gap);
	const sum = widths.reduce((all, width) => all + width, -gap);
	if (sum <= nav.clientWidth) return [];
	let left = nav.clientWidth - menuWidth - (widths[here] ?? 0);
	return items.flatMap((_, i) => {
		if (i === here) return [];
		left -= widths[i] ?? 0;
		return left < 0 ? [i] : [];
	});
}

/** What the button of the menu takes, in pixels. */
const menuWidth = 96;
