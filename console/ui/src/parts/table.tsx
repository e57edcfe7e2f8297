// Tables of what a list operation gives. Rows are read page by page; of many rows only those near the window are in the document.

import {
	type CSSProperties,
	type KeyboardEvent,
	type MouseEvent,
	type ReactNode,
	useCallback,
	useEffect,
	useId,
	useLayoutEffect,
	useRef,
	useState,
} from "react";
import { Button, Checkbox, CheckboxGroup, Dialog, DialogTrigger, Popover } from "react-aria-components";
import { remember, remembered } from "../shell/place.ts";
import { Action, To } from "./basic.tsx";
import { Icon } from "./icon.tsx";
import { Failed, NothingMatches, type Reading, Skeleton, Stale } from "./state.tsx";
import { Views } from "./views.tsx";
import { count } from "./words.ts";

export interface Column<T> {
	id: string;
	title: string;
	cell: (row: T) => ReactNode;
	/** How the API calls the sort; missing: it cannot be sorted by. */
	sort?: string;
	/** Numbers are aligned at the end. */
	end?: boolean;
	/** The narrowest window in which it is shown; missing: every one. */
	from?: "tablet" | "laptop" | "desktop";
	/** Shown only to an operator who chooses it. */
	extra?: boolean;
	width?: string;
}

export interface Listing<T> extends Reading {
	rows: T[] | undefined;
	hasNextPage?: boolean;
	isFetchingNextPage?: boolean;
	fetchNextPage?: () => unknown;
}

export interface TableProps<T> {
	/** Names the table to screen readers, and the choice of columns in this browser. */
	name: string;
	label: string;
	list: Listing<T>;
	columns: Column<T>[];
	rowKey: (row: T) => string;
	/** Where a row leads. */
	href?: (row: T) => string;
	open?: (row: T) => void;
	/** Marks the row that is open in a side panel. */
	current?: string;
	/** A second line under the first cell on a phone. */
	summary?: (row: T) => ReactNode;
	sort?: { by: string; down: boolean; set: (by: string, down: boolean) => void };
	selection?: { chosen: Set<string>; set: (chosen: Set<string>) => void; actions: ReactNode };
	/** Filters are set: an empty answer means that nothing matches. */
	filtered?: boolean;
	clear?: () => void;
	empty: ReactNode;
	menu?: (row: T) => ReactNode;
	/** Rows are as high as what is in them. Only for short lists. */
	loose?: boolean;
}

const windowed = 150;

export function Table<T>(p: TableProps<T>) {
	const [shown, setShown] = useState(() => chosenColumns(p.name, p.columns));
	const columns = p.columns.filter((c) => shown.includes(c.id));
	if (p.list.rows === undefined) {
		return p.list.isError ? <Failed error={p.list.error} retry={() => p.list.refetch()} /> : <Skeleton rows={8} />;
	}
	if (p.list.rows.length === 0) {
		return (
			<>
				<Stale reading={p.list} />
				{p.filtered && p.clear ? <NothingMatches clear={p.clear} /> : p.empty}
			</>
		);
	}
	return (
		<>
			<Stale reading={p.list} />
			<Grid
				{...p}
				columns={columns}
				rows={p.list.rows}
				chooser={<Chooser name={p.name} columns={p.columns} shown={shown} set={setShown} />}
			/>
			{p.selection && p.selection.chosen.size > 0 && (
				<div className="selection" role="status">
					<strong>{count(p.selection.chosen.size)} selected</strong>
					<div className="row">{p.selection.actions}</div>
					<Action small look="quiet" onPress={() => p.selection?.set(new Set())}>
						Clear the selection
					</Action>
				</div>
			)}
		</>
	);
}

function chosenColumns<T>(name: string, columns: Column<T>[]): string[] {
	const stored = remembered(`columns.${name}`);
	if (stored) {
		const ids = stored.split(",");
		return columns.filter((c, i) => i === 0 || ids.includes(c.id)).map((c) => c.id);
	}
	return columns.filter((c) => !c.extra).map((c) => c.id);
}

function Chooser<T>({ name, columns, shown, set }: { name: string; columns: Column<T>[]; shown: string[]; set: (ids: string[]) => void }) {
	return (
		<DialogTrigger>
			<Button className="icon-button" aria-label="Choose the columns">
				<Icon name="columns" />
			</Button>
			<Popover className="popover" placement="bottom end">
				<Dialog className="chooser" aria-label="Columns">
					<CheckboxGroup
						aria-label="Columns that are shown"
						value={shown}
						onChange={(ids) => {
							const next = columns.filter((c, i) => i === 0 || ids.includes(c.id)).map((c) => c.id);
							set(next);
							remember(`columns.${name}`, next.join(","));
						}}
					>
						{columns.slice(1).map((c) => (
							<Checkbox key={c.id} value={c.id} className="check">
								<span className="check-box" aria-hidden="true">
									<Icon name="check" size={12} />
								</span>
								<span className="check-text">{c.title}</span>
							</Checkbox>
						))}
					</CheckboxGroup>
				</Dialog>
			</Popover>
		</DialogTrigger>
	);
}

type GridProps<T> = TableProps<T> & { rows: T[]; chooser: ReactNode };

function Grid<T>(p: GridProps<T>) {
	const body = useRef<HTMLTableSectionElement>(null);
	const large = p.rows.length > windowed && !p.loose;
	const [first, last, height] = useWindow(body, p.rows.length, large);
	const part = p.rows.slice(first, last);
	const span = p.columns.length + (p.selection ? 1 : 0) + 1;
	return (
		<div className="table-wrap">
			<table
				className={`table${p.loose ? " table-loose" : ""}`}
				aria-label={p.label}
				aria-rowcount={p.list.hasNextPage ? -1 : p.rows.length + 1}
			>
				<TableHead {...p} />
				<tbody ref={body} onKeyDown={(event) => step(event)}>
					{first > 0 && <Spacer span={span} height={first * height} />}
					{part.map((row, i) => (
						<Row key={p.rowKey(row)} row={row} index={first + i} p={p} />
					))}
					{last < p.rows.length && <Spacer span={span} height={(p.rows.length - last) * height} />}
				</tbody>
			</table>
			<Further list={p.list} shown={p.rows.length} />
		</div>
	);
}

function Spacer({ span, height }: { span: number; height: number }) {
	return (
		<tr className="spacer">
			<td colSpan={span} style={{ "--height": `${height}px` } as CSSProperties} />
		</tr>
	);
}

function TableHead<T>(p: GridProps<T>) {
	return (
		<thead>
			<tr>
				{p.selection && (
					<th scope="col" className="cell-check">
						<SelectAll rows={p.rows} rowKey={p.rowKey} selection={p.selection} />
					</th>
				)}
				{p.columns.map((c) => (
					<th
						key={c.id}
						scope="col"
						className={cellClass(c)}
						aria-sort={sorted(p.sort, c)}
						style={c.width ? ({ "--width": c.width } as CSSProperties) : undefined}
					>
						{c.sort && p.sort ? (
							<button type="button" className="sort" onClick={() => c.sort && p.sort?.set(c.sort, p.sort.by === c.sort && !p.sort.down)}>
								{c.title}
								<span className="sort-mark" aria-hidden="true">
									{p.sort.by === c.sort ? <Icon name={p.sort.down ? "down" : "up"} size={12} /> : <Icon name="down" size={12} />}
								</span>
							</button>
						) : (
							c.title
						)}
					</th>
				))}
				<th scope="col" className="cell-menu">
					{p.chooser}
				</th>
			</tr>
		</thead>
	);
}

function sorted<T>(sort: TableProps<T>["sort"], c: Column<T>): "ascending" | "descending" | undefined {
	if (!sort || !c.sort || sort.by !== c.sort) return undefined;
	return sort.down ? "descending" : "ascending";
}

function cellClass<T>(c: Column<T>): string | undefined {
	return [c.end && "cell-end", c.from && `from-${c.from}`, c.width && "cell-width"].filter(Boolean).join(" ") || undefined;
}

function Row<T>({ row, index, p }: { row: T; index: number; p: GridProps<T> }) {
	const key = p.rowKey(row);
	const name = useId();
	const href = p.href?.(row);
	const chosen = p.selection?.chosen.has(key) ?? false;
	const follow = (event: MouseEvent<HTMLTableRowElement>) => {
		if (event.defaultPrevented || event.button !== 0 || getSelection()?.toString()) return;
		if ((event.target as Element).closest("a,button,input,label,[role=menuitem],[role=checkbox]")) return;
		event.currentTarget.querySelector<HTMLElement>(".row-link")?.click();
	};
	return (
		<tr
			className={`${href || p.open ? "row-opens" : ""}${chosen ? " is-chosen" : ""}${p.current === key ? " is-current" : ""}` || undefined}
			aria-rowindex={index + 2}
			onClick={follow}
		>
			{p.selection && (
				<td className="cell-check">
					<SelectRow id={key} index={index} rows={p.rows} rowKey={p.rowKey} selection={p.selection} name={name} />
				</td>
			)}
			{p.columns.map((c, i) => {
				if (i > 0) {
					return (
						<td key={c.id} className={cellClass(c)}>
							{c.cell(row)}
						</td>
					);
				}
				return (
					<th key={c.id} id={name} scope="row" className={cellClass(c)}>
						{href ? (
							<To href={href} className="row-link">
								{c.cell(row)}
							</To>
						) : p.open ? (
							<button type="button" className="row-link" onClick={() => p.open?.(row)} aria-haspopup="dialog">
								{c.cell(row)}
							</button>
						) : (
							c.cell(row)
						)}
						{p.summary && <div className="row-summary">{p.summary(row)}</div>}
					</th>
				);
			})}
			<td className="cell-menu">{p.menu?.(row)}</td>
		</tr>
	);
}

interface SelectProps<T> {
	rows: T[];
	rowKey: (row: T) => string;
	selection: NonNullable<TableProps<T>["selection"]>;
}

function SelectAll<T>({ rows, rowKey, selection }: SelectProps<T>) {
	const chosen = rows.filter((r) => selection.chosen.has(rowKey(r))).length;
	return (
		<Checkbox
			className="check"
			aria-label="Select all rows that are loaded"
			isSelected={chosen > 0 && chosen === rows.length}
			isIndeterminate={chosen > 0 && chosen < rows.length}
			onChange={(on) => selection.set(new Set(on ? [...selection.chosen, ...rows.map(rowKey)] : []))}
		>
			<span className="check-box" aria-hidden="true">
				<Icon name="check" size={12} />
			</span>
		</Checkbox>
	);
}

let lastChosen = -1;

function SelectRow<T>({ id, index, name, rows, rowKey, selection }: SelectProps<T> & { id: string; index: number; name: string }) {
	const shift = useRef(false);
	const own = useId();
	return (
		<span
			onClickCapture={(event) => {
				shift.current = event.shiftKey;
			}}
			onKeyDownCapture={(event) => {
				shift.current = event.shiftKey;
			}}
		>
			<Checkbox
				className="check"
				id={own}
				aria-label="Select"
				aria-labelledby={`${own} ${name}`}
				isSelected={selection.chosen.has(id)}
				onChange={(on) => {
					const next = new Set(selection.chosen);
					const [from, upTo] =
						shift.current && lastChosen >= 0 ? [Math.min(lastChosen, index), Math.max(lastChosen, index)] : [index, index];
					for (const row of rows.slice(from, upTo + 1)) {
						if (on) next.add(rowKey(row));
						else next.delete(rowKey(row));
					}
					lastChosen = index;
					selection.set(next);
				}}
			>
				<span className="check-box" aria-hidden="true">
					<Icon name="check" size={12} />
				</span>
			</Checkbox>
		</span>
	);
}

/** The row that a key leads to. */
function rowAt(key: string, row: HTMLTableRowElement): Element | null | undefined {
	switch (key) {
		case "ArrowDown":
			return row.nextElementSibling;
		case "ArrowUp":
			return row.previousElementSibling;
		case "Home":
			return row.parentElement?.querySelector("tr:not(.spacer)");
		case "End":
			return [...(row.parentElement?.querySelectorAll("tr:not(.spacer)") ?? [])].at(-1);
	}
	return undefined;
}

/** The arrow keys move between rows, in the same column; Home and End go to the first and the last one. */
export function step(event: KeyboardEvent<HTMLTableSectionElement>) {
	const target = event.target as HTMLElement;
	const row = target.closest("tr");
	const cell = target.closest("th,td");
	if (!row || !cell || /^(TEXTAREA|SELECT)$/.test(target.tagName)) return;
	// In a field for a text, Home and End belong to the text.
	if (target instanceof HTMLInputElement && target.type !== "checkbox" && !event.key.startsWith("Arrow")) return;
	const next = rowAt(event.key, row);
	const index = Array.prototype.indexOf.call(row.children, cell);
	const focusable = next?.children[index]?.querySelector<HTMLElement>("a,button,input");
	if (!focusable) return;
	event.preventDefault();
	focusable.focus();
	focusable.scrollIntoView({ block: "nearest" });
}

/** Which rows are near the window, and how high one is. */
function useWindow(body: React.RefObject<HTMLTableSectionElement | null>, total: number, on: boolean): [number, number, number] {
	const [range, setRange] = useState<[number, number, number]>([0, 60, 44]);
	const measure = useCallback(() => {
		const element = body.current;
		if (!element || !on) return;
		const height = element.querySelector<HTMLElement>("tr:not(.spacer)")?.offsetHeight || 44;
		const top = -element.getBoundingClientRect().top;
		const from = Math.max(0, Math.floor(top / height) - 20);
		const to = Math.min(total, Math.ceil((top + innerHeight) / height) + 20);
		setRange((old) => (old[0] === from && old[1] === to && old[2] === height ? old : [from, to, height]));
	}, [body, total, on]);
	useLayoutEffect(measure, [measure]);
	useEffect(() => {
		if (!on) return;
		addEventListener("scroll", measure, { passive: true });
		addEventListener("resize", measure);
		return () => {
			removeEventListener("scroll", measure);
			removeEventListener("resize", measure);
		};
	}, [measure, on]);
	return on ? range : [0, total, range[2]];
}

/** Reads the next page when its end comes into view, or when asked. */
function Further<T>({ list, shown }: { list: Listing<T>; shown: number }) {
	const mark = useRef<HTMLDivElement>(null);
	const more = list.hasNextPage;
	const busy = list.isFetchingNextPage;
	useEffect(() => {
		if (!more || busy || !mark.current) return;
		const seen = new IntersectionObserver((entries) => entries.some((e) => e.isIntersecting) && list.fetchNextPage?.(), {
			rootMargin: "600px",
		});
		seen.observe(mark.current);
		return () => seen.disconnect();
	}, [more, busy, list.fetchNextPage]);
	if (!more) return null;
	return (
		<div className="further" ref={mark}>
			<span className="faint">{count(shown)} shown</span>
			<Action small running={busy} onPress={() => list.fetchNextPage?.()}>
				Load more
			</Action>
		</div>
	);
}

/** The bar above a table: search, filters, and Clear all if something is set. */
export function TableBar({
	children,
	filtered,
	clear,
	actions,
	views,
}: {
	children?: ReactNode;
	filtered?: boolean;
	clear?: () => void;
	actions?: ReactNode;
	/** Names the list whose filters can be kept as views. */
	views?: string;
}) {
	return (
		<div className="table-bar">
			<div className="row table-filters">{children}</div>
			<div className="row">
				{filtered && clear && (
					<Action small look="quiet" onPress={clear}>
						Clear all
					</Action>
				)}
				{views && <Views list={views} />}
				{actions}
			</div>
		</div>
	);
}
