// Charts in SVG: seats by day, and shares of a whole.

import { useLayoutEffect, useMemo, useRef, useState } from "react";
import { Scroll } from "./basic.tsx";
import { count, localDay } from "./words.ts";

export interface DayPoint {
	day: string;
	/** In the order of the series. */
	values: number[];
	/** 0: no limit. */
	limit: number;
	late?: boolean;
	plan?: string;
}

const height = 200;
const left = 40;
const bottom = 24;
const top = 12;

interface SeatChartProps {
	points: DayPoint[];
	series: string[];
	label: string;
	/** A day to come: until then the last series goes on as a dashed line. */
	until?: string;
}

/** A step chart of some counts by day, with the limit as a line. A table has the same numbers for people who cannot see it. */
export function SeatChart({ points, series, label, until }: SeatChartProps) {
	const [at, setAt] = useState<number>();
	const [width, setWidth] = useState(720);
	const figure = useRef<HTMLElement>(null);
	useLayoutEffect(() => {
		const element = figure.current;
		if (!element) return;
		const seen = new ResizeObserver(() => setWidth(Math.max(280, Math.round(element.clientWidth))));
		seen.observe(element);
		return () => seen.disconnect();
	}, [points.length > 0]);
	// A period of a year would leave no room for the days that were counted.
	const ahead = Math.min(daysBetween(points[points.length - 1]?.day, until), Math.ceil(points.length / 3));
	const days = points.length + ahead;
	const scale = useMemo(() => {
		const most = Math.max(4, ...points.flatMap((p) => [...p.values, p.limit]));
		const step = niceStep(most / 4);
		const max = Math.ceil((most * 1.05) / step) * step;
		const x = (i: number) => left + (i / Math.max(1, days)) * (width - left);
		const y = (v: number) => top + (1 - v / max) * (height - top - bottom);
		return { max, step, x, y };
	}, [points, width, days]);
	if (!points.length) return null;
	const { x, y } = scale;
	const line = (get: (p: DayPoint) => number) =>
		points.map((p, i) => `${i ? "" : `M${x(0)} ${y(get(p))}`}V${y(get(p)).toFixed(1)}H${x(i + 1).toFixed(1)}`).join("");
	const area = (get: (p: DayPoint) => number) => `${line(get)}V${y(0)}H${x(0)}Z`;
	const current = at === undefined ? undefined : points[at];
	const last = points[points.length - 1]?.values[series.length - 1] ?? 0;
	const marks = points.flatMap((p, i) => {
		const before = points[i - 1];
		return before && (before.limit !== p.limit || before.plan !== p.plan) ? [i] : [];
	});
	return (
		<figure className="chart" ref={figure}>
			<svg
				viewBox={`0 0 ${width} ${height}`}
				height={height}
				role="img"
				aria-label={label}
				onPointerMove={(event) => {
					const box = event.currentTarget.getBoundingClientRect();
					const px = ((event.clientX - box.left) / box.width) * width;
					const i = Math.floor(((px - left) / (width - left)) * days);
					setAt(i >= 0 && i < points.length ? i : undefined);
				}}
				onPointerLeave={() => setAt(undefined)}
			>
				{Array.from({ length: Math.round(scale.max / scale.step) + 1 }, (_, i) => i * scale.step).map((v) => (
					<g key={v}>
						<line className="chart-grid" x1={left} x2={width} y1={y(v)} y2={y(v)} />
						<text className="chart-text" x={left - 8} y={y(v) + 4} textAnchor="end">
							{count(v)}
						</text>
					</g>
				))}
				{months(points).map(([i, text]) => (
					<text key={i} className="chart-text" x={x(i)} y={height - 6}>
						{text}
					</text>
				))}
				<path className="chart-area" d={area((p) => p.values[0] ?? 0)} />
				{series.map((_, s) => (
					<path key={s} className={`chart-line chart-line-${s}`} d={line((p) => p.values[s] ?? 0)} />
				))}
				{ahead > 0 && <path className="chart-forecast" d={`M${x(points.length)} ${y(last)}H${x(days).toFixed(1)}`} />}
				{points.some((p) => p.limit > 0) && <path className="chart-limit" d={`${line((p) => p.limit)}H${x(days).toFixed(1)}`} />}
				{marks.map((i) => (
					<circle key={i} className="chart-mark" cx={x(i)} cy={y(points[i]?.limit ?? 0)} r="3.5" />
				))}
				{at !== undefined && <line className="chart-cursor" x1={x(at + 0.5)} x2={x(at + 0.5)} y1={top} y2={height - bottom} />}
			</svg>
			<figcaption className="chart-legend">
				{current ? (
					<>
						<strong>{localDay(current.day)}</strong>
						{series.map((name, s) => (
							<span key={name} className={`legend legend-${s}`}>
								{name} {count(current.values[s] ?? 0)}
							</span>
						))}
						<span className="legend legend-limit">Limit {current.limit ? count(current.limit) : "none"}</span>
						{current.plan && <span>Plan {current.plan}</span>}
						{current.late && <span className="faint">counted late</span>}
					</>
				) : (
					<>
						{series.map((name, s) => (
							<span key={name} className={`legend legend-${s}`}>
								{name}
							</span>
						))}
						<span className="legend legend-limit">Limit</span>
						{ahead > 0 && <span className="legend legend-forecast">If nothing changes</span>}
						{marks.length > 0 && <span className="legend legend-mark">Plan or limit changed</span>}
					</>
				)}
			</figcaption>
			<details className="chart-table">
				<summary>As a table</summary>
				<Scroll label={`${label}, as a table`} high>
					<table className="mini">
						<thead>
							<tr>
								<th scope="col">Day</th>
								{series.map((name) => (
									<th key={name} scope="col" className="cell-end">
										{name}
									</th>
								))}
								<th scope="col" className="cell-end">
									Limit
								</th>
								{points.some((p) => p.plan) && <th scope="col">Plan</th>}
							</tr>
						</thead>
						<tbody>
							{[...points].reverse().map((p) => (
								<tr key={p.day}>
									<th scope="row">{localDay(p.day)}</th>
									{p.values.map((v, s) => (
										<td key={series[s]} className="cell-end">
											{count(v)}
										</td>
									))}
									<td className="cell-end">{p.limit ? count(p.limit) : "none"}</td>
									{p.plan && <td>{p.plan}</td>}
								</tr>
							))}
						</tbody>
					</table>
				</Scroll>
			</details>
		</figure>
	);
}

/** How many days there are after a day until another one; 0 if it is not later. */
function daysBetween(day: string | undefined, until: string | undefined): number {
	if (!day || !until) return 0;
	return Math.max(0, Math.round((Date.parse(until) - Date.parse(day)) / 86_400_000));
}

/** 1, 2, 5, 10, 20 … */
function niceStep(rough: number): number {
	const power = 10 ** Math.floor(Math.log10(Math.max(1, rough)));
	for (const m of [1, 2, 5, 10]) if (rough <= m * power) return Math.max(1, m * power);
	return power * 10;
}

/** Where a month begins among the days, with its name. */
function months(points: DayPoint[]): [number, string][] {
	const out: [number, string][] = [];
	const format = new Intl.DateTimeFormat("en-GB", { month: "short" });
	for (const [i, p] of points.entries()) {
		const [y, m, d] = p.day.split("-").map(Number);
		if (d === 1 && i < points.length - 4) out.push([i, format.format(new Date(y ?? 0, (m ?? 1) - 1, 1))]);
	}
	return out;
}
