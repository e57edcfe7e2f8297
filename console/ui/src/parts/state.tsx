// The five states of what is read: loading, empty, nothing matches, failed, stale.

import { type ReactNode, useEffect, useState } from "react";
import { failureOf } from "../api/client.ts";
import { Action, Card, RequestId, useLack, useRights } from "./basic.tsx";
import { Icon, type IconName, Mark } from "./icon.tsx";
import { clock, roleTitle } from "./words.ts";

/** What a query of the cache says about itself. */
export interface Reading {
	isPending: boolean;
	isError: boolean;
	error: unknown;
	data: unknown;
	dataUpdatedAt: number;
	isFetching: boolean;
	refetch(): unknown;
}

/** True after a moment: a quick answer shows no skeleton. */
export function useLate(milliseconds = 200): boolean {
	const [late, setLate] = useState(false);
	useEffect(() => {
		const timer = setTimeout(() => setLate(true), milliseconds);
		return () => clearTimeout(timer);
	}, [milliseconds]);
	return late;
}

export function Skeleton({ rows = 6 }: { rows?: number }) {
	const late = useLate();
	return (
		<div className="skeleton" role="status" aria-label="Loading">
			{late && Array.from({ length: rows }, (_, i) => <div key={i} className="skeleton-row" />)}
		</div>
	);
}

/** What page.html shows before the script has begun. It stays until it is known who is signed in. */
export function Opening() {
	return (
		<div className="opening" role="status">
			<Mark size={36} />
			<span>Opening the console…</span>
		</div>
	);
}

/** The level of a heading: 1 for what stands instead of a whole page. */
interface Level {
	level?: 1 | 2;
}

function EmptyTitle({ level = 2, children }: Level & { children: ReactNode }) {
	const Heading = level === 1 ? "h1" : "h2";
	return <Heading className="empty-title">{children}</Heading>;
}

/** An empty list: why it is empty, and what to do about it. */
export function Empty({
	icon = "box",
	title,
	level,
	children,
	action,
}: Level & {
	icon?: IconName;
	title: string;
	children?: ReactNode;
	action?: ReactNode;
}) {
	return (
		<div className="empty">
			<span className="empty-icon">
				<Icon name={icon} size={22} />
			</span>
			<EmptyTitle level={level}>{title}</EmptyTitle>
			{children && <p>{children}</p>}
			{action && <div className="row empty-action">{action}</div>}
		</div>
	);
}

/** Shows a page to operators who have one of some rights, and others what they lack. Nothing is asked of the server for them. */
export function Needs({ any, level, children }: Level & { any: string[]; children: ReactNode }) {
	const rights = useRights();
	if (any.some((right) => rights.has(right))) return children;
	return (
		<Empty icon="lock" title="Your role may not see this page" level={level}>
			{`Your role, ${roleTitle(rights.role)}, lacks the right ${any.join(" or ")}. The table under Settings says which roles have it.`}
		</Empty>
	);
}

/** Stands where a part of a page would be, and says which right is missing to see it. */
export function Withheld({ title, right }: { title: string; right: string }) {
	return (
		<Card title={title}>
			<p className="faint">{useLack(right)}</p>
		</Card>
	);
}

/** No row matches the filters. */
export function NothingMatches({ clear }: { clear: () => void }) {
	return (
		<Empty icon="filter" title="Nothing matches">
			<span>Nothing matches the search and the filters. </span>
			<Action small onPress={clear}>
				Clear all
			</Action>
		</Empty>
	);
}

/** Reading failed, and there is nothing from an earlier reading. */
export function Failed({ error, retry, what = "This", level }: Level & { error: unknown; retry?: () => void; what?: string }) {
	const failure = failureOf(error);
	return (
		<div className="empty empty-failed" role="alert">
			<span className="empty-icon">
				<Icon name="warning" size={22} />
			</span>
			<EmptyTitle level={level}>
				{failure.status === 404 ? "This does not exist" : failure.status === 403 ? "You may not see this" : `${what} could not be loaded`}
			</EmptyTitle>
			<p>{failure.status === 404 ? "It never existed, it was deleted, or you have no access to it." : failure.message}</p>
			{failure.request && (
				<p>
					<RequestId id={failure.request} />
				</p>
			)}
			{retry && failure.status !== 404 && failure.status !== 403 && (
				<Action small icon="refresh" onPress={retry}>
					Try again
				</Action>
			)}
		</div>
	);
}

/** The last reading failed, and what is shown is older. */
export function Stale({ reading }: { reading: Reading }) {
	if (!reading.isError || reading.data === undefined) return null;
	return (
		<p className="stale" role="status">
			<Icon name="clock" /> As of {clock(new Date(reading.dataUpdatedAt))}: {failureOf(reading.error).message}
		</p>
	);
}

/** Shows what was read, or the state in which that is. */
export function View<T>({
	reading,
	children,
	rows,
	what,
	level,
}: Level & {
	reading: Reading & { data: T | undefined };
	children: (data: T) => ReactNode;
	rows?: number;
	what?: string;
}) {
	if (reading.data === undefined) {
		if (reading.isError) return <Failed error={reading.error} retry={() => reading.refetch()} what={what} level={level} />;
		return <Skeleton rows={rows} />;
	}
	return (
		<>
			<Stale reading={reading} />
			{children(reading.data)}
		</>
	);
}
