// The requests that name a person, of all connections of the company.

import { useTrail } from "../../api/query.ts";
import { Action, Card, Name } from "../../parts/basic.tsx";
import { NothingMatches, View } from "../../parts/state.tsx";
import { useParams } from "../../shell/place.ts";
import { Detail, EffectFilter, ExchangeLine, StatusFilter } from "../connection/journal.tsx";

/** The address has the filters and the open request. */
export default function PersonJournal({ company, user }: { company: string; user: string }) {
	const [params, set] = useParams();
	const status = params.get("status") ?? "";
	const effect = params.get("effect") ?? "";
	const filtered = status !== "" || effect !== "";
	const clear = () => set({ status: undefined, effect: undefined });
	const journal = useTrail("list-tenant-journal", {
		path: { tenant: company },
		query: { user, status: status || undefined, effect: (effect || undefined) as "changed" | undefined, limit: 10 },
	});
	const rows = journal.rows ?? [];
	return (
		<Card title="Requests about this person">
			{(filtered || rows.length > 0) && (
				<div className="row">
					<StatusFilter value={status} set={(next) => set({ status: next })} />
					<EffectFilter value={effect} set={(next) => set({ effect: next })} />
				</div>
			)}
			<View reading={journal} rows={3}>
				{() =>
					rows.length === 0 ? (
						filtered && !journal.hasNextPage ? (
							<NothingMatches clear={clear} />
						) : (
							<p className="faint">{journal.hasNextPage ? "None among the last ones." : "None is kept."}</p>
						)
					) : (
						<ul className="feed">
							{rows.map((e) => (
								<li key={`${e.seq}-${e.request}`}>
									<button
										type="button"
										className="row-link exchange-link"
										aria-haspopup="dialog"
										onClick={() => set({ request: e.request, by: e.connection }, "push")}
									>
										<ExchangeLine exchange={e} />
									</button>
									<span className="faint">
										<Name text={e.connection ?? ""} short />
									</span>
								</li>
							))}
						</ul>
					)
				}
			</View>
			{journal.hasNextPage && (
				<div className="further">
					<Action small running={journal.isFetchingNextPage} onPress={() => void journal.fetchNextPage()}>
						Load older ones
					</Action>
				</div>
			)}
			<Detail
				connection={params.get("by") ?? ""}
				request={params.get("request") ?? ""}
				close={() => set({ request: undefined, by: undefined })}
			/>
		</Card>
	);
}
