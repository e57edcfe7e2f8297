// A choice of administrators, found by typing: the server is asked, a few at a time.

import { useState } from "react";
import { useRead } from "../api/query.ts";
import type { Operator } from "../api/schema.ts";
import { IconAction } from "./basic.tsx";
import { Find } from "./form.tsx";
import { roleTitle, tidy } from "./words.ts";

/** An administrator that was chosen. */
export interface Chosen {
	id: string;
	name: string;
}

/** Several administrators. Those who have all companies need not be chosen. */
export function OperatorList({ value, onChange, tenant }: { value: Chosen[]; onChange: (chosen: Chosen[]) => void; tenant?: string }) {
	const [text, setText] = useState("");
	const found = useRead("list-operators", { query: { q: text.trim(), limit: 20 } }, { every: false, keep: true });
	const not = (o: Operator) => {
		if (o.all_tenants) return "Has access to all companies already.";
		if (tenant && o.tenants.includes(tenant)) return "Has access to this company already.";
		return value.some((v) => v.id === o.id) ? "Chosen already." : undefined;
	};
	const nameOf = (o: Operator) => tidy(`${o.first_name} ${o.last_name}`);
	return (
		<div className="field">
			<Find
				label="Add an administrator"
				name="operators"
				text={text}
				onText={setText}
				loading={found.isFetching}
				options={(found.data?.items ?? []).map((o) => ({ id: o.id, text: nameOf(o), about: roleTitle(o.role), not: not(o) }))}
				onChange={(id) => {
					const o = found.data?.items.find((one) => one.id === id);
					if (o) onChange([...value, { id, name: nameOf(o) }]);
					setText("");
				}}
				placeholder="Name or e-mail"
			/>
			{value.length > 0 && (
				<ul className="picked" aria-label="Administrators who are chosen">
					{value.map((v) => (
						<li key={v.id}>
							<bdi>{v.name}</bdi>
							<IconAction icon="close" label={`Take ${v.name} out`} onPress={() => onChange(value.filter((o) => o.id !== v.id))} />
						</li>
					))}
				</ul>
			)}
		</div>
	);
}
