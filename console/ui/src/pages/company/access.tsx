// Who of the provider has access to a company, and giving and taking it.

import { useState } from "react";
import { useAction } from "../../api/query.ts";
import type { Operator, Overview } from "../../api/schema.ts";
import { Action, Card, IconAction, Name, Nothing, Tag, Time, To } from "../../parts/basic.tsx";
import { Box, Confirm, Consequences } from "../../parts/dialog.tsx";
import { FormBox, Submit } from "../../parts/form.tsx";
import { type Chosen, OperatorList } from "../../parts/operators.tsx";
import { Withheld } from "../../parts/state.tsx";
import { say } from "../../parts/toast.tsx";
import { list, roleTitle, tidy } from "../../parts/words.ts";
import { to } from "../../shell/place.ts";

export function Access({ company, overview }: { company: string; overview: Overview }) {
	const [giving, setGiving] = useState(false);
	const [taking, setTaking] = useState<Operator>();
	const take = useAction("update-operator", (o) => say(`${o.first_name} ${o.last_name} no longer has access to this company.`));
	if (!overview.operators) return <Withheld title="Who has access" right="operator.read" />;
	return (
		<Card
			title="Who has access"
			actions={
				<>
					<To href={to.company(company, "audit/visits")} className="link">
						Visits
					</To>
					<Action small icon="plus" right="operator.manage" onPress={() => setGiving(true)}>
						Give access
					</Action>
				</>
			}
		>
			<ul className="todo">
				{overview.operators.map((o) => (
					<li key={o.id}>
						<To href={`${to.administrators}?open=${o.id}`}>
							<Name text={`${o.first_name} ${o.last_name}`} short />
						</To>{" "}
						{!o.all_tenants && (
							<IconAction
								icon="close"
								label={`Remove the access of ${o.first_name} ${o.last_name}`}
								right="operator.manage"
								onPress={() => setTaking(o)}
							/>
						)}
						{o.status !== "active" && <Tag>{o.status}</Tag>} {!o.mfa_enrolled && o.mfa_required && <Tag tone="warn">no second factor</Tag>}
						<div className="faint">
							{roleTitle(o.role)}, {o.all_tenants ? "all companies" : "this company by name"}. Last sign-in{" "}
							<Time at={o.last_sign_in} none="never" />
						</div>
					</li>
				))}
				{overview.operators.length === 0 && <Nothing>No operator.</Nothing>}
			</ul>
			{giving && <GiveAccess company={company} close={() => setGiving(false)} />}
			<Confirm
				title={`Remove the access of ${tidy(`${taking?.first_name} ${taking?.last_name}`)}?`}
				open={taking !== undefined}
				close={() => {
					take.clear();
					setTaking(undefined);
				}}
				verb="Remove"
				failure={take.failure}
				running={take.running}
				run={async () =>
					taking && (await take.run({ path: { operator: taking.id }, body: { remove_tenants: [company] } })) && setTaking(undefined)
				}
			>
				<Consequences items={["This administrator no longer sees the company, starting with the next request."]} />
			</Confirm>
		</Card>
	);
}

/** Puts the company into the scope of administrators, one after the other. */
function GiveAccess({ company, close }: { company: string; close: () => void }) {
	const [chosen, setChosen] = useState<Chosen[]>([]);
	const update = useAction("update-operator");
	const run = async () => {
		for (const [i, one] of chosen.entries()) {
			const done = await update.run({ path: { operator: one.id }, body: { add_tenants: [company] } });
			if (!done) {
				setChosen(chosen.slice(i));
				return;
			}
		}
		say(`${list(chosen.map((one) => one.name))} may see the company now.`);
		close();
	};
	return (
		<Box title="Give access" sub="For administrators without access to all companies." open close={close} firm>
			<FormBox failure={update.failure} submit={() => void run()}>
				<OperatorList value={chosen} onChange={setChosen} tenant={company} />
				<Submit
					running={update.running}
					cancel={close}
					right="operator.manage"
					not={chosen.length ? undefined : "Choose an administrator first."}
				>
					Give access
				</Submit>
			</FormBox>
		</Box>
	);
}
