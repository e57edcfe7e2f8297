// What a target gets otherwise than it is here: another attribute, the same value for everybody, or nothing.

import type { TargetRule } from "../../api/schema.ts";
import { Action, IconAction } from "../../parts/basic.tsx";
import { Pick, TextInput } from "../../parts/form.tsx";

const ways = [
	{ id: "source", text: "Another attribute" },
	{ id: "constant", text: "A constant" },
	{ id: "nothing", text: "Nothing" },
];

function wayOf(r: TargetRule): string {
	if (r.constant !== undefined) return "constant";
	return r.source !== undefined ? "source" : "nothing";
}

/** A rule in words. */
export function ruleText(r: TargetRule): string {
	if (r.source) return `${r.attribute} from ${r.source}`;
	return r.constant ? `${r.attribute} is “${r.constant}”` : `${r.attribute} is not sent`;
}

interface RulesProps {
	rules: TargetRule[];
	set: (rules: TargetRule[]) => void;
	not?: string;
}

export function Rules({ rules, set, not }: RulesProps) {
	const put = (i: number, rule: TargetRule) => set(rules.map((r, j) => (i === j ? rule : r)));
	return (
		<fieldset className="field rules">
			<legend className="label">Attributes that are sent otherwise</legend>
			<p className="about">
				Every other attribute is sent as it is here. An attribute is named by its path, such as displayName or name.givenName; the source
				email is the primary address.
			</p>
			{rules.map((r, i) => (
				<div className="rule" key={i}>
					<TextInput
						label="Attribute"
						name={`attribute-${i}`}
						value={r.attribute}
						onChange={(attribute) => put(i, { ...r, attribute })}
						placeholder="userName"
						maxLength={100}
						required
						not={not}
						mono
					/>
					<Pick
						label="What is sent"
						name={`way-${i}`}
						value={wayOf(r)}
						onChange={(way) => put(i, { attribute: r.attribute, ...(way === "nothing" ? {} : { [way]: "" }) })}
						options={ways}
						required
						not={not}
					/>
					{r.source !== undefined && (
						<TextInput
							label="From"
							name={`source-${i}`}
							value={r.source}
							onChange={(source) => put(i, { attribute: r.attribute, source })}
							placeholder="email"
							maxLength={100}
							required
							not={not}
							mono
						/>
					)}
					{r.constant !== undefined && (
						<TextInput
							label="Value"
							name={`constant-${i}`}
							value={r.constant}
							onChange={(constant) => put(i, { attribute: r.attribute, constant })}
							maxLength={200}
							required
							not={not}
						/>
					)}
					{!not && (
						<IconAction
							icon="trash"
							label={`Remove the rule for ${r.attribute || "it"}`}
							onPress={() => set(rules.filter((_, j) => j !== i))}
						/>
					)}
				</div>
			))}
			<div>
				<Action icon="plus" small not={not} onPress={() => set([...rules, { attribute: "", source: "" }])}>
					Add a rule
				</Action>
			</div>
		</fieldset>
	);
}
