// The period of a bill: the cycle of today, a month, or any two days.

import { Pick, TextInput } from "../../parts/form.tsx";
import { isoDay } from "../../parts/words.ts";
import { useParams } from "../../shell/place.ts";

export interface Period {
	from?: string;
	to?: string;
}

function month(back: number): Period {
	const now = new Date();
	return {
		from: isoDay(new Date(now.getFullYear(), now.getMonth() - back, 1)),
		to: isoDay(new Date(now.getFullYear(), now.getMonth() - back + 1, 0)),
	};
}

/** The period that the address says. Without one the server takes the billing cycle of today. */
export function usePeriod(): Period {
	const [params] = useParams();
	return { from: params.get("from") || undefined, to: params.get("to") || undefined };
}

export function PeriodPick() {
	const [params, set] = useParams();
	const period = { from: params.get("from") ?? "", to: params.get("to") ?? "" };
	const known = [month(0), month(1)];
	const at = known.findIndex((p) => p.from === period.from && p.to === period.to);
	const free = params.get("period") === "free" || (at < 0 && (period.from || period.to));
	const value = free ? "free" : at >= 0 ? `month${at}` : "cycle";
	const choose = (next: string) => {
		if (next === "cycle") set({ from: undefined, to: undefined, period: undefined });
		else if (next === "free") set({ period: "free", from: period.from || month(0).from, to: period.to || month(0).to });
		else set({ ...known[next === "month0" ? 0 : 1], period: undefined });
	};
	return (
		<div className="row">
			<Pick
				label="Period"
				name="period"
				value={value}
				onChange={choose}
				small
				hideLabel
				options={[
					{ id: "cycle", text: "This billing cycle" },
					{ id: "month0", text: "This month" },
					{ id: "month1", text: "Last month" },
					{ id: "free", text: "Other days" },
				]}
			/>
			{free && (
				<div className="span">
					<TextInput label="From" name="from" type="date" value={period.from} onChange={(from) => set({ from })} required />
					<TextInput label="To" name="to" type="date" value={period.to} onChange={(to) => set({ to })} required />
				</div>
			)}
		</div>
	);
}
