// Moving the management of people and groups to another connection of the company, in stages.

import { useState } from "react";
import { useAction, useRead } from "../../api/query.ts";
import type { Connection, Transfer, TransferPlan, TransferScope } from "../../api/schema.ts";
import { Action, Card, Scroll, Tag, Time, useLack } from "../../parts/basic.tsx";
import { Consequences } from "../../parts/dialog.tsx";
import { Choose, FormBox, Pick, Refusal, TextInput } from "../../parts/form.tsx";
import { Empty, View } from "../../parts/state.tsx";
import { say } from "../../parts/toast.tsx";
import { count, many, people, sentence, tidy } from "../../parts/words.ts";

type What = "group" | "users" | "all";

/** What the next sync of the new connection does, with the people for whom the preview knows it. */
function forecasts(plan: TransferPlan): string[] {
	const names = new Map<string, string[]>();
	for (const item of plan.items) {
		if (item.next) names.set(item.next, [...(names.get(item.next) ?? []), tidy(item.name)]);
	}
	return [...names].map(([next, who]) => {
		const more = who.length - 2;
		return `${more > 1 ? `${who.slice(0, 2).join(", ")} and ${more} others` : who.join(", ")}. ${sentence(next)}`;
	});
}

export function Move({ connection: c }: { connection: Connection }) {
	const lack = useLack("connection.manage");
	const others = useRead("list-connections", { query: { tenant: c.tenant, limit: 200 } });
	const trail = useRead("list-transfers", { path: { connection: c.slug } });
	const [target, setTarget] = useState("");
	const [what, setWhat] = useState<What>("group");
	const [group, setGroup] = useState("");
	const [names, setNames] = useState("");
	const [plan, setPlan] = useState<TransferPlan>();
	const preview = useAction("preview-transfer");
	const start = useAction("start-transfer");
	const further = useAction("continue-transfer");
	const undo = useAction("undo-transfer");
	const scope = (): TransferScope => ({
		to: target,
		...(what === "all"
			? { all: true }
			: what === "group"
				? { group }
				: {
						users: names
							.split("\n")
							.map((n) => n.trim())
							.filter(Boolean),
					}),
	});
	const look = async () => {
		start.clear();
		setPlan(await preview.run({ path: { connection: c.slug }, body: scope() }));
	};
	const finish = async (first: Transfer | undefined) => {
		let t = first;
		while (t && !t.done) t = await further.run({ path: { connection: t.from, transfer: t.id } });
		if (t) say(t.phase === "moved" ? "Moved." : "Given back.");
		setPlan(undefined);
		void trail.refetch();
	};
	const move = async () => {
		if (plan) await finish(await start.run({ path: { connection: c.slug }, body: { ...scope(), digest: plan.digest } }));
	};
	const back = async (t: Transfer) => finish(await undo.run({ path: { connection: t.from, transfer: t.id } }));
	const go = async (t: Transfer) => finish(await further.run({ path: { connection: t.from, transfer: t.id } }));
	const options = (others.data?.items ?? []).filter((o) => o.slug !== c.slug && !o.ending).map((o) => ({ id: o.slug, text: o.slug }));
	const unknown = others.data ? undefined : (others.error?.message ?? "The connections of the company are being read.");
	const changed =
		<T,>(set: (value: T) => void) =>
		(value: T) => {
			set(value);
			setPlan(undefined);
		};
	return (
		<div className="stack">
			<Card title="Move to another connection">
				<FormBox failure={preview.failure ?? start.failure} submit={() => void look()}>
					<Pick
						label="New connection"
						name="to"
						value={target}
						onChange={changed(setTarget)}
						required
						not={lack ?? unknown ?? (options.length ? undefined : "The company has no other connection.")}
						options={options}
					/>
					<Choose
						label="What moves"
						name="what"
						value={what}
						onChange={changed((next: string) => setWhat(next as What))}
						required
						not={lack}
						options={[
							{ id: "group", text: "A group", about: "With the people who are directly in it." },
							{ id: "users", text: "A list of people" },
							{ id: "all", text: "All people and groups" },
						]}
					/>
					{what === "group" && <TextInput label="Group" name="group" value={group} onChange={changed(setGroup)} required not={lack} />}
					{what === "users" && (
						<TextInput
							label="One userName on each line"
							name="users"
							value={names}
							onChange={changed(setNames)}
							lines={6}
							required
							not={lack}
						/>
					)}
					<div className="form-foot">
						<Action submit not={lack ?? (target ? undefined : "Choose the new connection first.")} running={preview.running}>
							Preview
						</Action>
					</div>
				</FormBox>
			</Card>
			{plan && (
				<Card title="What happens">
					<Consequences
						items={[
							`${people(plan.users)} and ${many(plan.groups, "group", "groups")} move from ${plan.from} to ${plan.to}. No person loses access.`,
							...plan.stays.map((s) => sentence(s.reason)),
							plan.unknown.length > 0 && `Not found: ${plan.unknown.slice(0, 20).map(tidy).join(", ")}`,
							sentence(plan.next_from),
							...forecasts(plan),
						]}
					/>
					<div className="form-foot">
						<Action
							look="primary"
							not={lack ?? (plan.users + plan.groups ? undefined : "Nothing would move.")}
							running={start.running || further.running}
							onPress={() => void move()}
						>
							Move {count(plan.users + plan.groups)}
						</Action>
					</div>
				</Card>
			)}
			{(undo.failure || further.failure) && <Refusal failure={(undo.failure ?? further.failure)!} />}
			<View reading={trail} what="The moves">
				{(page) =>
					page.items.length === 0 ? (
						<Empty icon="plug" title="No moves">
							Nothing was moved from or to this connection. A move is listed here, and can be undone.
						</Empty>
					) : (
						<Card title="Moves" flush>
							<Scroll label="Moves">
								<table className="mini">
									<thead>
										<tr>
											<th scope="col">Began</th>
											<th scope="col">From</th>
											<th scope="col">To</th>
											<th scope="col">What</th>
											<th scope="col">State</th>
											<th scope="col">Moved</th>
											<th scope="col">Stayed</th>
											<th scope="col">Action</th>
										</tr>
									</thead>
									<tbody>
										{page.items.map((t) => (
											<tr key={t.id}>
												<td>
													<Time at={t.at} />
												</td>
												<td>{t.from}</td>
												<td>{t.to}</td>
												<td>{tidy(t.scope)}</td>
												<td>
													<Tag tone={t.done ? "quiet" : "warn"}>{t.phase}</Tag>
												</td>
												<td>{count(t.moved)}</td>
												<td title={t.left.map((l) => `${l.name}: ${l.reason}`).join("\n")}>{count(t.left.length + (t.more ?? 0))}</td>
												<td>
													{!t.done && (
														<Action small not={lack} running={further.running} onPress={() => void go(t)}>
															Continue
														</Action>
													)}
													{t.phase === "moved" && (
														<Action small not={lack} running={undo.running} onPress={() => void back(t)}>
															Undo
														</Action>
													)}
												</td>
											</tr>
										))}
									</tbody>
								</table>
							</Scroll>
						</Card>
					)
				}
			</View>
		</div>
	);
}
